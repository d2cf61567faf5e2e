/** Capturing on the loopback interface with tcpdump, for the dissector of another maker. */
import type { Millis } from "../../clock/clock.ts";
import { pass, PeerChild, poll } from "./child.ts";
import { needProgram } from "./packages.ts";

/** A running capture; `await using` removes it. */
export interface Capture extends AsyncDisposable {
  /** The file it writes, in pcap format; readable when `stop` is done. */
  readonly file: string;
  /** Ends it when nothing more arrives, and tells what it caught. */
  stop(): Promise<CaptureEnd>;
  /** Removes the file; ends the capture first when it runs. */
  remove(): Promise<void>;
}

/** What a capture caught. */
export interface CaptureEnd {
  /** Frames in the file. */
  readonly frames: number;
  /** Frames that the kernel dropped because tcpdump was slow: then the file is no proof of what was missing. */
  readonly dropped: number;
}

const START_LIMIT: Millis = 5000;
const QUIET: Millis = 200;
const DRAIN_LIMIT: Millis = 5000;

/**
 * Captures UDP and TCP of these ports on `lo`, and all of these hosts; waits until the kernel delivers. Throws where we
 * may not capture.
 */
export async function startCapture(ports: readonly number[], hosts: readonly string[] = []): Promise<Capture> {
  const program = await needProgram("tcpdump");
  const folder = await Deno.makeTempDir({ prefix: "imstorm-capture-" });
  const file = `${folder}/lo.pcap`;
  const child = PeerChild.start(program, [
    // -Z root: the temporary folder is ours alone; -B: 64 MiB between the kernel and tcpdump
    ...["-i", "lo", "-U", "--immediate-mode", "-B", "65536", ...(Deno.uid() === 0 ? ["-Z", "root"] : []), "-w", file],
    [...ports.map((port) => `port ${port}`), ...hosts.map((host) => `host ${host}`)].join(" or "),
  ]);
  const remove = async (): Promise<void> => {
    await child.stop("SIGINT");
    await Deno.remove(folder, { recursive: true }).catch(() => undefined);
  };
  const ready = await poll(START_LIMIT, async () => {
    if (child.ended) return await false;
    return child.log().includes("listening on") || undefined;
  });
  if (!ready) {
    await remove();
    throw new Error(`Cannot capture on lo: ${child.log()}`);
  }
  return {
    file,
    stop: async () => {
      await untilQuiet(file);
      await child.stop("SIGINT");
      return parseCaptureEnd(child.log());
    },
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

/** Why we cannot capture here, or undefined when we can; found out by trying. */
export async function captureObstacle(): Promise<string | undefined> {
  try {
    await (await startCapture([9])).remove();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** tcpdump drops what it has not read yet when it is interrupted: waits until its file stands still. */
async function untilQuiet(file: string): Promise<void> {
  const deadline = performance.now() + DRAIN_LIMIT;
  for (let size = -1; performance.now() < deadline;) {
    const { size: now } = await Deno.stat(file);
    if (now === size) return;
    size = now;
    await pass(QUIET);
  }
}

/** From the lines that tcpdump prints at its end. */
export function parseCaptureEnd(log: string): CaptureEnd {
  const frames = /(\d+) packets? captured/.exec(log)?.[1];
  const dropped = /(\d+) packets? dropped by kernel/.exec(log)?.[1];
  if (frames === undefined || dropped === undefined) throw new Error(`Cannot read the end of tcpdump: ${log}`);
  return { frames: Number(frames), dropped: Number(dropped) };
}

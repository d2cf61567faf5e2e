/** The MSRP endpoint of another hand, `msrp_peer.py`: answering and calling, strict in what it takes. */
import type { Millis } from "../../clock/clock.ts";
import { PeerChild, poll, runToEnd } from "./child.ts";
import { freePorts, LOOPBACK } from "./ports.ts";

/** What it tells of one message that it got or sent. */
export interface MsrpPeerLine {
  /** Octets of content. */
  readonly size: number;
  /** SHA-256 of the content, hexadecimal. */
  readonly sha256: string;
  /** Chunks that the message came in, or went in; absent for a MESSAGE. */
  readonly chunks?: number;
  /** REPORTs that came back, when it sent. */
  readonly reports?: number;
  /** True for a MESSAGE. */
  readonly pager?: boolean;
}

/** An answering peer. */
export interface MsrpAnswering {
  /** Port of SIP, UDP and TCP. */
  readonly port: number;
  /** Port of MSRP. */
  readonly msrpPort: number;
  /** Waits until it ends by itself after its last session; throws with its words when it found a fault. */
  results(): Promise<MsrpPeerLine[]>;
  /** Ends it by force when it still runs. */
  [Symbol.asyncDispose](): Promise<void>;
}

const PROGRAM = new URL("./msrp_peer.py", import.meta.url).pathname;
const START_LIMIT: Millis = 5000;
const END_LIMIT: Millis = 20_000;

/** Starts a peer that answers `count` sessions; with `report` a SEND that asks for no success report is a fault. */
export async function startMsrpAnswering(
  options: { readonly count?: number; readonly report?: boolean } = {},
): Promise<MsrpAnswering> {
  const [port, msrpPort] = freePorts(2) as [number, number];
  const child = PeerChild.start("python3", [
    ...[PROGRAM, "uas", `${port}`, "--msrp-port", `${msrpPort}`, "--count", `${options.count ?? 1}`],
    ...(options.report ? ["--report"] : []),
  ]);
  const ready = await poll(
    START_LIMIT,
    () => Promise.resolve(child.log().includes("ready on") || (child.ended ? false : undefined)),
  );
  if (!ready) {
    await child.stop();
    throw new Error(`The MSRP peer did not start:\n${child.log()}`);
  }
  return {
    port,
    msrpPort,
    results: async () => {
      const over = await poll(END_LIMIT, () => Promise.resolve(child.ended || undefined));
      const status = await child.stop();
      if (!over || status.code !== 0) throw new Error(`The MSRP peer ended with ${status.code}:\n${child.log()}`);
      return readLines(child.log());
    },
    [Symbol.asyncDispose]: async () => {
      await child.stop("SIGKILL");
    },
  };
}

/** How the peer calls. */
export interface MsrpCall {
  /** `host:port` of the server. */
  readonly target: string;
  readonly from: string;
  readonly to: string;
  readonly transport?: "udp" | "tcp";
  /** Octets of content. */
  readonly size: number;
  /** Content-Type; text/plain unless said. tshark 4.0 misreads a content with a semicolon behind a type without. */
  readonly type?: string;
  /** Octets of a chunk; all in one unless said. */
  readonly chunk?: number;
  /** Whether it asks for a success report and waits for it. */
  readonly report?: boolean;
}

/** Calls, sends one message, ends the session; throws with its words when anything was not as it must be. */
export async function callByMsrp(call: MsrpCall): Promise<MsrpPeerLine> {
  const ended = await runToEnd("python3", [
    ...[PROGRAM, "uac", call.target, call.from, call.to, "--bytes", `${call.size}`],
    ...(call.transport === "tcp" ? ["--tcp"] : []),
    ...(call.chunk === undefined ? [] : ["--chunk", `${call.chunk}`]),
    ...(call.type === undefined ? [] : ["--type", call.type]),
    ...(call.report ? ["--report"] : []),
  ], END_LIMIT);
  if (ended.code !== 0) throw new Error(`The MSRP peer ended with ${ended.code}:\n${ended.errors}`);
  const [line] = readLines(ended.output);
  return line!;
}

function readLines(log: string): MsrpPeerLine[] {
  return log.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** `host:port` of its SIP. */
export function addressOf(answering: MsrpAnswering): string {
  return `${LOOPBACK}:${answering.port}`;
}

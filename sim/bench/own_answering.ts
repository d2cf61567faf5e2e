/** Our own answering client as a process beside a bench. */
import { PeerChild, poll } from "../e2e/peers/child.ts";

/** A running answering client. */
export interface OwnAnswering extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly pid: number;
}

/** Starts our answering client. */
export function startOwnAnswering(): Promise<OwnAnswering> {
  return startProgram("answering.ts");
}

/** Starts the program of ours that answers every request with 200 and keeps nothing. */
export function startResponder(): Promise<OwnAnswering> {
  return startProgram("responder.ts");
}

/** Starts a program of this folder and waits until it is ready; throws when it does not become so. */
export async function startProgram(name: "answering.ts" | "responder.ts" | "sink.ts"): Promise<OwnAnswering> {
  const file = new URL(`./${name}`, import.meta.url).pathname;
  const child = PeerChild.start(Deno.execPath(), ["run", "-P=loopback", "--quiet", file], {
    folder: new URL("../..", import.meta.url).pathname,
  });
  const address = await poll(20_000, async () => await /^ready (\S+)$/m.exec(child.log())?.[1]);
  if (address === undefined) {
    await child.stop("SIGKILL");
    throw new Error(`${name} did not start:\n${child.log()}`);
  }
  return {
    address,
    pid: child.pid,
    [Symbol.asyncDispose]: async () => void await child.stop(),
  };
}

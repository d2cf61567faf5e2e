/** What can be fuzzed: the border between the fuzzer and the parts of the program. */
import type { Random } from "../clock/random.ts";
import type { Address, Flow, TransportName } from "../transport/flow.ts";

/** One part that reads what others wrote. */
export interface FuzzTarget {
  readonly name: string;
  /** Words of its language, for inputs that get far. */
  readonly words: readonly string[];
  /** A good input. */
  sample(): Uint8Array;
  /** Reads an input; throws when that shows a fault of the program. */
  read(octets: Uint8Array): void;
  /** Lets all time pass; throws when anything is left over. */
  settle?(): void;
}

/** Makes a target; `random` decides its samples and what it does with inputs. */
export type FuzzTargetFactory = (random: Random) => FuzzTarget;

/** Fails unless a condition holds. */
export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`Cannot hold: ${what}`);
}

/** One of several. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)]!;
}

const SINK_LIMIT = 32;

/** A flow that keeps the last things sent on it. */
export class Sink implements Flow {
  readonly transport: TransportName;
  readonly reliable: boolean;
  readonly local: Address = { host: "127.0.0.1", port: 5070 };
  readonly remote: Address = { host: "127.0.0.1", port: 5060 };
  readonly open = true;
  readonly queued = 0;
  readonly sent: Uint8Array[] = [];

  constructor(transport: TransportName) {
    this.transport = transport;
    this.reliable = transport === "tcp";
  }

  /** Keeps a copy. */
  send(octets: Uint8Array): void {
    if (this.sent.push(octets.slice()) > SINK_LIMIT) this.sent.shift();
  }

  /** Goes on. */
  close(): void {}
}

/** How long datagrams and octets have waited for us, by the kernel's time stamps. */
import type { Millis } from "../clock/clock.ts";
import { CLOCK_REALTIME, type Libc } from "./libc.ts";
import type { KernelNotes, MessageRing } from "./message_ring.ts";

/** A time stamp older than this is one from before the wall clock was set. */
const OLDEST: Millis = 60_000;

/** Reads what the kernel noted about what was received. */
export class KernelAge {
  readonly #libc: Libc;
  readonly #notes: KernelNotes = { seconds: 0, nanoseconds: 0, dropped: 0 };
  /** `struct timespec { i64 seconds; i64 nanoseconds; }` as words. */
  readonly #wallClock = new Uint32Array(4);

  /** Looks at no clock yet. */
  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** Ages count until now. */
  look(): void {
    this.#libc.symbols.clock_gettime(CLOCK_REALTIME, this.#wallClock);
  }

  /** The age of the datagram in a slot; 0 where the kernel did not date it, or the wall clock was set. */
  of(ring: MessageRing, slot: number): Millis {
    const notes = this.#notes;
    notes.dropped = 0;
    ring.readControl(slot, notes);
    return this.since(notes.seconds, notes.nanoseconds);
  }

  /** The time since a moment of the wall clock; 0 where that is 0, as nobody dated it, or the wall clock was set. */
  since(seconds: number, nanoseconds: number): Millis {
    if (seconds === 0) return 0;
    const wholeSeconds = this.#wallClock[0]! + this.#wallClock[1]! * 0x1_0000_0000 - seconds;
    const age = wholeSeconds * 1000 + (this.#wallClock[2]! - nanoseconds) / 1e6;
    return age > 0 && age < OLDEST ? age : 0;
  }

  /** Datagrams that the socket had dropped before the one whose age was asked for last; 0: none, or not told. */
  dropped(): number {
    return this.#notes.dropped;
  }
}

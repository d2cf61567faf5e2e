/** Waits for file descriptors, in this thread or on another one. */
import type { Millis } from "../clock/clock.ts";
import { type Libc, POLLERR, POLLIN } from "./libc.ts";

/** The memory of `poll` and `ppoll`, laid out once; an epoll descriptor can be waited for like any other. */
export class Poll {
  readonly #libc: Libc;
  readonly #descriptor: number;
  /**
   * `struct pollfd { i32 fd; i16 events; i16 revents; }`: ours and the other one, for each kind of wait; the second must
   * not move.
   */
  readonly #both = new Int32Array(4);
  readonly #bothAsync: Int32Array<ArrayBuffer> = new Int32Array(new ArrayBuffer(16));
  readonly #single = new Int32Array(2);
  #count = 1n;
  /** `struct timespec { i64 seconds; i64 nanoseconds; }` as words: waits are shorter than 2^32 s. */
  readonly #timeout = new Uint32Array(4);
  #hasError = false;
  /** Whether the last `sleep` found ours ready. */
  isOurs = true;
  /** Whether it found the other one ready. */
  isOther = true;

  /** Waits for this descriptor. */
  constructor(libc: Libc, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    for (const both of [this.#both, this.#bothAsync]) both.set([descriptor, POLLIN]);
  }

  /** From now on waits end for this other one too. */
  waitAlsoFor(descriptor: number): void {
    this.#count = 2n;
    for (const both of [this.#both, this.#bothAsync]) both.set([descriptor, POLLIN], 2);
  }

  /** Sleeps until there is something to read, at most `limit`; nothing else of the thread runs. */
  sleep(limit: Millis): boolean {
    const count = this.#wait(this.#both, this.#count, limit);
    this.#hasError = count > 0 && isError(this.#both);
    // a signal leaves the memory as it was: nothing is known then
    this.isOurs = count < 0 || this.#both[1]! >>> 16 !== 0;
    this.isOther = count < 0 || this.#both[3]! >>> 16 !== 0;
    return count > 0;
  }

  /** Sleeps until one of `events` is there, whatever happens to others. */
  sleepFor(events: number, limit: Millis, descriptor: number = this.#descriptor): boolean {
    this.#single[0] = descriptor;
    this.#single[1] = events;
    return this.#wait(this.#single, 1n, limit) > 0;
  }

  /**
   * Sleeps for a time, whatever arrives at ours; only the other one ends it, if there is one and it is `heeded`: waiting
   * for it costs a quarter more. `time` is more than 0.
   */
  pause(time: Millis, heeded: boolean): void {
    if (this.#count > 1n && heeded) this.sleepFor(POLLIN, time, this.#both[2]!);
    else this.#libc.symbols.usleep(Math.ceil(time * 1000));
  }

  /** Whether the last `sleep` or `sleepBeside` was ended by an error of the socket. */
  hasError(): boolean {
    return this.#hasError;
  }

  /** As `sleep`, on another thread; one such wait at a time. */
  async sleepBeside(limit: Millis): Promise<boolean> {
    const isReady = await this.#libc.symbols.pollAsync(this.#bothAsync, this.#count, Math.ceil(limit)) > 0;
    this.#hasError = isReady && isError(this.#bothAsync);
    return isReady;
  }

  #wait(descriptors: Int32Array<ArrayBuffer>, count: bigint, limit: Millis): number {
    const seconds = Math.max(0, Math.floor(limit / 1000));
    this.#timeout[0] = seconds;
    this.#timeout[2] = Math.max(0, (limit - seconds * 1000) * 1e6);
    return this.#libc.symbols.ppoll(descriptors, count, this.#timeout, null);
  }
}

/** Errors are told in the upper half of the second word, asked for or not. */
function isError(poll: Int32Array): boolean {
  return (poll[1]! >>> 16 & POLLERR) !== 0;
}

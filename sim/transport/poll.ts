/** Waits for a file descriptor, in this thread or on another one. */
import type { Millis } from "../clock/clock.ts";
import { type Libc, POLLERR, POLLIN } from "./libc.ts";

/** The memory of `poll` and `ppoll`, laid out once; an epoll descriptor can be waited for like any other. */
export class Poll {
  readonly #libc: Libc;
  readonly #descriptor: number;
  /** `struct pollfd { i32 fd; i16 events; i16 revents; }`, one for each kind of wait; the second must not move. */
  readonly #poll = new Int32Array(2);
  readonly #pollAsync: Int32Array<ArrayBuffer> = new Int32Array(new ArrayBuffer(8));
  /** `struct timespec { i64 seconds; i64 nanoseconds; }`. */
  readonly #timeout = new BigInt64Array(2);
  #hasError = false;

  /** Waits for this descriptor where no other one is named. */
  constructor(libc: Libc, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#pollAsync[0] = descriptor;
    this.#pollAsync[1] = POLLIN;
  }

  /** Sleeps until one of `events` is there, at most `limit`; nothing else of the thread runs. */
  sleep(limit: Millis, events: number = POLLIN, descriptor: number = this.#descriptor): boolean {
    this.#poll[0] = descriptor;
    this.#poll[1] = events;
    const seconds = Math.max(0, Math.floor(limit / 1000));
    this.#timeout[0] = BigInt(seconds);
    this.#timeout[1] = BigInt(Math.max(0, Math.floor((limit - seconds * 1000) * 1e6)));
    const isReady = this.#libc.symbols.ppoll(this.#poll, 1n, this.#timeout, null) > 0;
    this.#hasError = isReady && isError(this.#poll);
    return isReady;
  }

  /** Whether the last wait was ended by an error of the socket. */
  hasError(): boolean {
    return this.#hasError;
  }

  /** Sleeps until there is something to read, on another thread; one such wait at a time. */
  async sleepBeside(limit: Millis): Promise<boolean> {
    const isReady = await this.#libc.symbols.pollAsync(this.#pollAsync, 1n, Math.ceil(limit)) > 0;
    this.#hasError = isReady && isError(this.#pollAsync);
    return isReady;
  }
}

/** Errors are told in the upper half of the second word, asked for or not. */
function isError(poll: Int32Array): boolean {
  return (poll[1]! >>> 16 & POLLERR) !== 0;
}

/** How batched UDP waits: in this thread, on another one, or by itself where nobody drives it. */
import type { Millis } from "../clock/clock.ts";
import type { DatagramWaits } from "./datagram.ts";
import { type Libc, POLLOUT, PR_SET_TIMERSLACK, SHUT_RD } from "./libc.ts";
import { Poll } from "./poll.ts";

/** How long the sending side waits for room in the kernel before it drops what is left of a batch. */
const SEND_PATIENCE: Millis = 10;
/** How long one wait of sockets that drive themselves lasts; `close` ends it at once. */
const PUMP_WAIT: Millis = 1000;

/** Whose waits they are. */
export interface Waiting {
  /** Delivers what has arrived. */
  receiveNow(): number;
  /** A wait was ended by an error of the socket, which would end the next one too. */
  onError(): void;
  /** Closes the descriptors: nothing waits for them any more. */
  release(): void;
}

/** The waits for one socket, or for many by their epoll descriptor. */
export class SocketWaits implements DatagramWaits {
  /** Settles when all is closed. */
  readonly closed: Promise<void>;
  /** False from `close` on. */
  open = true;
  readonly #libc: Libc;
  readonly #poll: Poll;
  readonly #owner: Waiting;
  readonly #finish: () => void;
  #beside: Promise<boolean> | undefined;

  /** Nothing waits yet. */
  constructor(libc: Libc, descriptor: number, owner: Waiting) {
    this.#libc = libc;
    this.#poll = new Poll(libc, descriptor);
    this.#owner = owner;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#finish = resolve;
  }

  /** From now on sockets that are not `driven` receive by themselves. */
  start(driven: boolean): void {
    // the kernel may wake a thread 50 µs late, for the sake of batteries: ours is told when its load is due
    if (driven) this.#libc.symbols.prctl(PR_SET_TIMERSLACK, 1n);
    else this.#pump();
  }

  /** Sleeps until something arrives, at most `limit`. */
  wait(limit: Millis): boolean {
    if (!this.open) return false;
    const isReady = this.#poll.sleep(limit);
    if (this.#poll.hasError()) this.#owner.onError();
    return isReady;
  }

  /** Whether the last wait found something at the socket. */
  foundDatagrams(): boolean {
    return this.#poll.isOurs;
  }

  /** Whether it found something at the other descriptor. */
  foundOther(): boolean {
    return this.#poll.isOther;
  }

  /** Sleeps for a time, whatever arrives at the socket, or at the other descriptor where that is not `heeded`. */
  pause(time: Millis, heeded = true): void {
    if (this.open && time > 0) this.#poll.pause(time, heeded);
  }

  /** From now on everything ends for this other descriptor too, a pause included. */
  waitAlsoFor(descriptor: number): void {
    this.#poll.waitAlsoFor(descriptor);
  }

  /** Waits on another thread: costs its hop there and back, about 25 µs. */
  waitAsync(limit: Millis): Promise<boolean> {
    if (!this.open) return Promise.resolve(false);
    this.#beside ??= this.#waitBeside(limit);
    return this.#beside;
  }

  /** Waits a little until a socket can send: whether it can. */
  waitForRoom(descriptor: number): boolean {
    return this.#poll.sleepFor(POLLOUT, SEND_PATIENCE, descriptor);
  }

  /** Ends all waits; `descriptor`: a socket that is waited for. The library is closed too. */
  close(descriptor: number): void {
    this.open = false;
    // a socket that can be read wakes the wait on the other thread, which still needs the descriptors
    this.#libc.symbols.shutdown(descriptor, SHUT_RD);
    if (this.#beside === undefined) this.#release();
  }

  async #pump(): Promise<void> {
    while (this.open) {
      if (await this.waitAsync(PUMP_WAIT)) this.#owner.receiveNow();
    }
  }

  async #waitBeside(limit: Millis): Promise<boolean> {
    const isReady = await this.#poll.sleepBeside(limit);
    this.#beside = undefined;
    if (!this.open) this.#release();
    else if (this.#poll.hasError()) this.#owner.onError();
    return this.open && isReady;
  }

  #release(): void {
    this.#owner.release();
    this.#libc.close();
    this.#finish();
  }
}

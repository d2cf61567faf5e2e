/** How a loop asks batched UDP and the connections beside it: only for what may be there. */
import type { Millis } from "../clock/clock.ts";
import type { DatagramSocket, DatagramWaits } from "../transport/datagram.ts";
import type { NativeStreams } from "../transport/native_streams.ts";

/** So long a peer that connects to us may wait for the next turn: it waits for no octet of ours yet. */
const LONGEST_BLIND: Millis = 1;

/** What the latest wait has not found is not asked for in the turn after it: each question is a call to the kernel. */
export class Asking {
  readonly #datagrams: DatagramSocket;
  readonly #waits: DatagramWaits;
  readonly #streams: NativeStreams;
  #asksDatagrams = true;
  #asksStreams = true;

  /** Nothing is known yet. */
  constructor(datagrams: DatagramSocket, waits: DatagramWaits, streams: NativeStreams) {
    this.#datagrams = datagrams;
    this.#waits = waits;
    this.#streams = streams;
  }

  /** See `Transports`. */
  receiveNow(): number {
    if (this.#asksDatagrams) return this.#datagrams.receiveNow?.() ?? 0;
    this.#asksDatagrams = true;
    return 0;
  }

  /** See `Transports`. */
  serveConnections(): void {
    if (this.#asksStreams) this.#streams.serve();
    this.#asksStreams = true;
  }

  /** See `Transports`. */
  wait(limit: Millis): void {
    if (this.#streams.isBusy()) return;
    this.#waits.wait(limit);
    this.#asksDatagrams = this.#waits.foundDatagrams();
    this.#asksStreams = this.#waits.foundOther();
  }

  /** See `Transports`. */
  pause(time: Millis): void {
    if (this.#streams.isBusy()) return;
    this.#waits.pause(time, time > LONGEST_BLIND || this.#streams.hasStreams());
  }
  /** See `Transports`. */
  waitAsync(limit: Millis): Promise<unknown> {
    return this.#waits.waitAsync(this.#streams.isBusy() ? 0 : limit);
  }
}

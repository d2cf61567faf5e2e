/** One TCP connection as a flow: messages in, messages out. */
import { OctetWriter } from "../bytes/writer.ts";
import type { Clock, Millis } from "../clock/clock.ts";
import type { Address, Departing, Flow, Framer, Receiver, Tap, TransportFault } from "./flow.ts";
import { InboundBuffer } from "./inbound_buffer.ts";
import type { Blocks } from "./spare_block.ts";
import type { AcceptedStream, Stream, StreamNetwork, StreamUser } from "./stream.ts";

const FIRST_CAPACITY = 1024;
/** A written buffer beyond this size is given back. */
const KEPT_CAPACITY = 262144;

/** Octets and messages that connections have moved. */
export interface StreamCounters {
  /** Messages given to the receiver. */
  received: number;
  /** Octets read. */
  receivedOctets: number;
  /** Messages accepted by `send`. */
  sent: number;
  /** Octets that the kernel has taken. */
  sentOctets: number;
  /** Messages dropped because their flow was closed. */
  sendFaults: number;
}

/** What a connection needs of its surroundings. */
export interface TcpContext {
  /** Makes the connections below. */
  readonly network: StreamNetwork;
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly tap: Tap | undefined;
  readonly counters: StreamCounters;
  /** Memory for large messages that arrive. */
  readonly blocks: Blocks;
  /** How long a connection may take to be made. */
  readonly connectTimeout: Millis;
  /** How long a connection may be silent before we close it; undefined for ever. */
  readonly idleTimeout: Millis | undefined;
  /** How long a closed flow may make no progress before it is cut off. */
  readonly closeTimeout: Millis;
  /** The connection that we opened was made. */
  onConnected(flow: TcpFlow): void;
  /** The flow is no longer open: by a fault, by silence, or by its `close`. */
  onClosed(flow: TcpFlow, why: TransportFault | "idle" | "asked"): void;
  /** Nothing of the connection is left. */
  onReleased(flow: TcpFlow): void;
}

/**
 * A connection, usable while it is still being made: what is sent until then waits. Everything sent in one turn goes
 * out in one write, and while the kernel is busy with it, the next one gathers.
 */
export class TcpFlow implements Flow, StreamUser {
  readonly transport = "tcp";
  readonly reliable = true;
  readonly local: Address;
  readonly remote: Address;
  /** Our end of the connection, whose port is not the one of `local` where we connected; undefined until it is made. */
  socket: Address | undefined;
  open = true;
  queued = 0;
  readonly #context: TcpContext;
  readonly #inbound: InboundBuffer;
  readonly #stream: Stream;
  #gathering = new OctetWriter(FIRST_CAPACITY);
  #leaving = new OctetWriter(FIRST_CAPACITY);
  /** Lengths of the messages in `#gathering`, for the tap. */
  #lengths: number[] = [];
  /** The peer's end of the stream was read, or reading failed. */
  #readEnded = false;
  /** We told the peer that nothing more will come. */
  #writeEnded = false;
  /** The connection failed: writing is in vain. */
  #broken = false;
  #released = false;
  #usedAt: Millis;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins to connect to `remote`, or takes an accepted connection when one is given. */
  constructor(context: TcpContext, framer: Framer, local: Address, remote: Address, accepted?: AcceptedStream) {
    this.#context = context;
    this.#inbound = new InboundBuffer(framer, context.blocks);
    this.local = local;
    this.remote = remote;
    this.#usedAt = context.clock.now();
    if (accepted === undefined) {
      this.#stream = context.network.connect(remote, this);
      this.#watchConnecting();
      return;
    }
    this.socket = accepted.local;
    this.#stream = accepted.begin(this);
    this.#watchSilence(context.idleTimeout);
  }

  /** Queues a message. */
  send(octets: Uint8Array, departing?: Departing): void {
    const { counters, tap } = this.#context;
    departing?.departed(this.#context.clock.now());
    if (!this.open) {
      counters.sendFaults++;
      return;
    }
    counters.sent++;
    this.queued += octets.length;
    this.#gathering.copy(octets);
    if (tap !== undefined) this.#lengths.push(octets.length);
    if (this.socket !== undefined) this.#stream.wantToWrite();
  }

  /** Stops receiving, sends what is queued and closes. */
  close(): void {
    this.#shut("asked");
  }

  /** From the stream. */
  onMade(local: Address): void {
    clearTimeout(this.#timer);
    this.socket = local;
    this.#context.onConnected(this);
    if (this.#released) return;
    if (this.open) this.#watchSilence(this.#context.idleTimeout);
    else this.#watchProgress();
    if (this.queued > 0) this.#stream.wantToWrite();
    this.#settle();
  }

  /** From the stream. */
  onUnmade(fault: TransportFault): void {
    this.#shut(fault);
    this.#release();
  }

  /** From the stream. */
  room(): Uint8Array {
    return this.#inbound.room();
  }

  /** From the stream: gives the receiver the messages that `count` more octets make whole. */
  onRead(count: number, age: Millis): void {
    // our side is closed already: read on until the peer has closed too, else the kernel would reset the connection
    if (!this.open) return;
    const { counters, receiver, tap, clock } = this.#context;
    const now = this.#usedAt = clock.now();
    const at = now - age;
    counters.receivedOctets += count;
    this.#inbound.took(count);
    while (this.open) {
      const message = this.#inbound.next();
      if (message === "incomplete") return;
      if (message === "malformed" || message === "too_large") {
        tap?.("received", this.#inbound.rest(), this, at);
        this.#shut(message === "malformed" ? "malformed_stream" : "oversize");
        return;
      }
      counters.received++;
      tap?.("received", message, this, at);
      receiver.receive(message, this, at);
    }
  }

  /** From the stream. */
  onReadEnd(fault: TransportFault): void {
    this.#readEnded = true;
    this.#broken ||= fault !== "connection_closed";
    this.#shut(fault);
    this.#settle();
  }

  /** From the stream: what was leaving has left. */
  toWrite(): Uint8Array | undefined {
    const block = this.#gathering;
    if (block.length === 0) return undefined;
    this.#gathering = this.#leaving.reset();
    this.#leaving = block;
    this.#tapSent(block);
    return block.view();
  }

  /** From the stream. */
  onWritten(count: number): void {
    const { counters, clock, receiver } = this.#context;
    this.queued -= count;
    counters.sentOctets += count;
    this.#usedAt = clock.now();
    if (this.queued > 0) return;
    if (this.#leaving.length > KEPT_CAPACITY) this.#leaving = new OctetWriter(FIRST_CAPACITY);
    if (this.open) receiver.onDrained?.(this);
    else this.#settle();
  }

  /** From the stream. */
  onWriteFault(fault: TransportFault): void {
    this.#broken = true;
    this.#shut(fault);
    this.#settle();
  }

  #tapSent(block: OctetWriter): void {
    const { tap, clock } = this.#context;
    if (tap === undefined) return;
    const octets = block.view();
    const now = clock.now();
    let at = 0;
    for (const length of this.#lengths) tap("sent", octets.subarray(at, at += length), this, now);
    this.#lengths.length = 0;
  }

  /** Closes the flow, once: tells who must know, and lets go of the connection as soon as the queue is written. */
  #shut(why: TransportFault | "idle" | "asked"): void {
    if (!this.open) return;
    this.open = false;
    const isMade = this.socket !== undefined;
    if (isMade) clearTimeout(this.#timer);
    this.#context.onClosed(this, why);
    if (why !== "idle" && why !== "asked") this.#context.receiver.onFlowFault(this, why);
    if (!isMade) {
      if (this.queued === 0) this.#release();
      return;
    }
    this.#watchProgress();
    this.#settle();
  }

  /** Goes on with the end of a closed flow: write what is queued, say so, wait for the peer's end, let go. */
  #settle(): void {
    if (this.open || this.#released) return;
    if (this.#broken) this.#release();
    else if (this.queued > 0) return;
    else if (this.#readEnded) this.#release();
    else if (!this.#writeEnded) {
      this.#writeEnded = true;
      this.#stream.endWriting();
    }
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    clearTimeout(this.#timer);
    this.queued = 0;
    this.#stream.close();
    this.#inbound.release();
    this.#context.onReleased(this);
  }

  #watchConnecting(): void {
    this.#timer = setTimeout(() => this.onUnmade("connect_timeout"), this.#context.connectTimeout);
  }

  /** Closes a connection that has been silent for as long as is allowed. */
  #watchSilence(delay: Millis | undefined): void {
    const { idleTimeout, clock } = this.#context;
    if (delay === undefined || idleTimeout === undefined) return;
    this.#timer = setTimeout(() => {
      const left = this.#usedAt + idleTimeout - clock.now();
      if (left > 0 || this.queued > 0) this.#watchSilence(Math.max(left, 1));
      else this.#shut("idle");
    }, delay);
  }

  /** Cuts off a closed flow whose peer takes nothing any more, or does not close its end. */
  #watchProgress(): void {
    if (this.#released) return;
    const { queued } = this;
    this.#timer = setTimeout(() => {
      if (this.queued < queued) this.#watchProgress();
      else this.#release();
    }, this.#context.closeTimeout);
  }
}

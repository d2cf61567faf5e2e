/** One TCP connection as a flow: messages in, messages out. */
import { OctetWriter } from "../bytes/writer.ts";
import type { Clock, Millis } from "../clock/clock.ts";
import { faultOfStream } from "./faults.ts";
import type { Address, Departing, Flow, Framer, Receiver, Tap, TransportFault } from "./flow.ts";
import { InboundBuffer } from "./inbound_buffer.ts";

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
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly tap: Tap | undefined;
  readonly counters: StreamCounters;
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
}

/**
 * A connection, usable while it is still being made: what is sent until then waits. Everything sent in one turn goes
 * out in one write, and while the kernel is busy with it, the next one gathers.
 */
export class TcpFlow implements Flow {
  readonly transport = "tcp";
  readonly reliable = true;
  readonly local: Address;
  readonly remote: Address;
  /** Our end of the connection, whose port is not the one of `local` where we connected; undefined until it is made. */
  socket: Address | undefined;
  open = true;
  queued = 0;
  /** Settles when nothing of the connection is left. */
  readonly finished: Promise<void>;
  readonly #finish: () => void;
  readonly #context: TcpContext;
  readonly #inbound: InboundBuffer;
  readonly #connecting = new AbortController();
  #connection: Deno.TcpConn | undefined;
  #gathering = new OctetWriter(FIRST_CAPACITY);
  #leaving = new OctetWriter(FIRST_CAPACITY);
  /** Lengths of the messages in `#gathering`, for the tap. */
  #lengths: number[] = [];
  #writing = false;
  /** The peer's end of the stream was read, or reading failed. */
  #readEnded = false;
  /** We told the peer that nothing more will come. */
  #writeEnded = false;
  /** The connection failed: writing is in vain. */
  #broken = false;
  #usedAt: Millis;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins to connect to `remote`, or takes an accepted connection when one is given. */
  constructor(context: TcpContext, framer: Framer, local: Address, remote: Address, accepted?: Deno.TcpConn) {
    this.#context = context;
    this.#inbound = new InboundBuffer(framer);
    this.local = local;
    this.remote = remote;
    this.#usedAt = context.clock.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.finished = promise;
    this.#finish = resolve;
    if (accepted === undefined) this.#connect();
    else this.#begin(accepted);
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
    this.#startWriting();
  }

  /** Stops receiving, sends what is queued and closes. */
  close(): void {
    this.#shut("asked");
  }

  async #connect(): Promise<void> {
    const { host, port } = this.remote;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#connecting.abort();
    }, this.#context.connectTimeout);
    let connection: Deno.TcpConn;
    try {
      connection = await Deno.connect({ hostname: host, port, signal: this.#connecting.signal });
    } catch (error) {
      this.#shut(late ? "connect_timeout" : faultOfStream(error, "connect"));
      this.#release();
      return;
    } finally {
      clearTimeout(timer);
    }
    this.#context.onConnected(this);
    this.#begin(connection);
  }

  #begin(connection: Deno.TcpConn): void {
    connection.setNoDelay(true);
    this.#connection = connection;
    const { hostname, port } = connection.localAddr as Deno.NetAddr;
    this.socket = { host: hostname, port };
    if (this.open) this.#watchSilence(this.#context.idleTimeout);
    else this.#watchProgress();
    this.#readAll(connection);
    if (this.queued > 0) this.#startWriting();
    this.#settle();
  }

  async #readAll(connection: Deno.TcpConn): Promise<void> {
    while (true) {
      const count = await this.#read(connection);
      if (typeof count === "string") {
        this.#readEnded = true;
        this.#broken ||= count !== "connection_closed";
        this.#shut(count);
        this.#settle();
        return;
      }
      // our side is closed already: read on until the peer has closed too, else the kernel would reset the connection
      if (this.open) this.#deliver(count);
    }
  }

  async #read(connection: Deno.TcpConn): Promise<number | TransportFault> {
    try {
      return await connection.read(this.#inbound.room()) ?? "connection_closed";
    } catch (error) {
      return faultOfStream(error, "read");
    }
  }

  /** Gives the receiver the messages that `count` more octets make whole. */
  #deliver(count: number): void {
    const { counters, receiver, tap, clock } = this.#context;
    const at = this.#usedAt = clock.now();
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

  /** Lets the write begin when this turn is over, so that it takes along what else the turn sends. */
  #startWriting(): void {
    if (this.#writing || this.#connection === undefined) return;
    this.#writing = true;
    const connection = this.#connection;
    queueMicrotask(() => this.#writeAll(connection));
  }

  async #writeAll(connection: Deno.TcpConn): Promise<void> {
    while (this.#gathering.length > 0 && !this.#broken) {
      const block = this.#gathering;
      this.#gathering = this.#leaving;
      this.#leaving = block;
      this.#tapSent(block);
      const fault = await this.#write(connection, block);
      if (fault !== undefined) {
        this.#broken = true;
        this.#shut(fault);
        break;
      }
      if (block.length > KEPT_CAPACITY) this.#leaving = new OctetWriter(FIRST_CAPACITY);
      else block.reset();
      if (this.open && this.queued === 0) this.#context.receiver.onDrained?.(this);
    }
    this.#writing = false;
    this.#settle();
  }

  async #write(connection: Deno.TcpConn, block: OctetWriter): Promise<TransportFault | undefined> {
    let rest = block.view();
    try {
      while (rest.length > 0) {
        const count = await connection.write(rest);
        rest = rest.subarray(count);
        this.queued -= count;
        this.#context.counters.sentOctets += count;
        this.#usedAt = this.#context.clock.now();
      }
    } catch (error) {
      return faultOfStream(error, "write");
    }
    return undefined;
  }

  #tapSent(block: OctetWriter): void {
    const { tap, clock } = this.#context;
    if (tap === undefined) return;
    const octets = block.view();
    let at = 0;
    for (const length of this.#lengths) tap("sent", octets.subarray(at, at += length), this, clock.now());
    this.#lengths.length = 0;
  }

  /** Closes the flow, once: tells who must know, and lets go of the connection as soon as the queue is written. */
  #shut(why: TransportFault | "idle" | "asked"): void {
    if (!this.open) return;
    this.open = false;
    clearTimeout(this.#timer);
    this.#context.onClosed(this, why);
    if (why !== "idle" && why !== "asked") this.#context.receiver.onFlowFault(this, why);
    if (this.#connection === undefined && this.queued === 0) this.#connecting.abort();
    this.#watchProgress();
    this.#settle();
  }

  /** Goes on with the end of a closed flow: write what is queued, say so, wait for the peer's end, let go. */
  #settle(): void {
    if (this.open || this.#writing || this.#connection === undefined) return;
    if (this.#broken || this.#readEnded) this.#release();
    else if (!this.#writeEnded) {
      this.#writeEnded = true;
      this.#connection.closeWrite().catch(() => this.#release());
    }
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.queued = 0;
    this.#connection?.close();
    this.#connection = undefined;
    this.#finish();
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
    if (this.#connection === undefined) return;
    const { queued } = this;
    this.#timer = setTimeout(() => {
      if (this.queued < queued) this.#watchProgress();
      else this.#release();
    }, this.#context.closeTimeout);
  }
}

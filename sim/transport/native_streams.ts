/** Connections over sockets of the system, asked and flushed by the turns of a loop (Linux on x86-64). */
import { formatAddress } from "./address.ts";
import { DatedReader } from "./dated_reader.ts";
import { faultOfStream } from "./faults.ts";
import type { Address, TransportFault } from "./flow.ts";
import { EPOLLIN, Libc } from "./libc.ts";
import { toSocketAddress } from "./message_ring.ts";
import { acceptSocket, connectSocket, listeningSocket, localAddress } from "./native_connection.ts";
import { NativeStream, type NativeTools } from "./native_stream.ts";
import { mayReach } from "./permission.ts";
import { PortableStreams } from "./portable_streams.ts";
import { Readiness, type Ready } from "./readiness.ts";
import {
  ACCEPT_PAUSE,
  type Stream,
  type StreamAcceptor,
  type StreamListener,
  type StreamNetwork,
  type StreamUser,
} from "./stream.ts";

/** Connections taken at one address at a time: others want their turn. */
const MOST_ACCEPTED = 64;
/** Rounds of one flush: whoever hears that its octets are written may send the next ones at once, for ever. */
const ROUNDS = 8;
/** Milliseconds between two looks while nobody else looks. */
const LOOK_EVERY = 1;

/**
 * The owner promises to call `serve` and `flush` in every turn of its loop. A peer whose host is a name is left to the
 * runtime, which can resolve it.
 */
export class NativeStreams implements StreamNetwork, NativeTools {
  readonly libc: Libc;
  readonly readiness: Readiness;
  readonly reader: DatedReader;
  readonly #named = new PortableStreams();
  /** Addresses that were listened at: those that were closed only make `hasStreams` say no, when all is over. */
  #listeners = 0;
  /** Those that have something to write. */
  #writing: NativeStream[] = [];
  /** Connections that could not even be begun; users hear of it later, as of all others. */
  #unmade: { stream: UnmadeStream; user: StreamUser; fault: TransportFault }[] = [];

  private constructor(libc: Libc, readiness: Readiness) {
    this.libc = libc;
    this.readiness = readiness;
    this.reader = new DatedReader(libc);
  }

  /**
   * Throws where the library cannot be used, which is so where there is no batched UDP, or the kernel gives no
   * descriptor.
   */
  static open(): NativeStreams {
    const libc = Libc.open();
    if (typeof libc === "string") throw new Error(`Cannot make connections by the C library: ${libc}`);
    try {
      return new NativeStreams(libc, new Readiness(libc));
    } catch (error) {
      libc.close();
      throw error;
    }
  }

  /** Begins to connect. */
  connect(remote: Address, user: StreamUser): Stream {
    const name = toSocketAddress(remote);
    if (name === undefined) return this.#named.connect(remote, user);
    if (!mayReach(remote)) return this.#refuse(user, "not_permitted");
    const descriptor = connectSocket(this.libc, name);
    if (typeof descriptor === "string") return this.#refuse(user, faultOfStream(descriptor, "connect"));
    const stream = new NativeStream(this, descriptor, user, false);
    const error = stream.watch();
    if (error === undefined) return stream;
    stream.close();
    return this.#refuse(user, faultOfStream(error, "connect"));
  }

  /** Accepts connections at an address. */
  listen(local: Address, acceptor: StreamAcceptor): StreamListener {
    if (!mayReach(local)) throw new Deno.errors.NotCapable(`Requires net access to "${formatAddress(local)}"`);
    const listener = new NativeListener(this, local, acceptor);
    this.#listeners++;
    return listener;
  }

  /** Whether there are connections that the runtime serves when it gets a turn. */
  needRuntime(): boolean {
    return this.#named.size > 0;
  }

  /** Whether there are connections of ours, made or being made; who only listens has none. */
  hasStreams(): boolean {
    return this.readiness.size() > this.#listeners;
  }

  /** Whether the next turn has something to do already. */
  isBusy(): boolean {
    return this.#writing.length > 0 || this.#unmade.length > 0;
  }

  /** Reads, accepts and finishes connections where that can be done now. */
  serve(): void {
    this.readiness.tell();
  }

  /** Writes what was sent since the last flush. */
  flush(): void {
    for (let round = 0; round < ROUNDS && this.isBusy(); round++) {
      const unmade = this.#unmade;
      if (unmade.length > 0) this.#unmade = [];
      for (const { stream, user, fault } of unmade) if (!stream.closed) user.onUnmade(fault);
      const writing = this.#writing;
      this.#writing = [];
      for (const stream of writing) stream.writeOut();
    }
  }

  /** From a stream. */
  writeLater(stream: NativeStream): void {
    this.#writing.push(stream);
  }

  /** Takes the place of the loop until `over` settles. */
  async serveUntil(over: Promise<unknown>): Promise<void> {
    let isOver = false;
    const end = (): void => void (isOver = true);
    over.then(end, end);
    for (;;) {
      this.flush();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
      if (isOver) return;
      this.serve();
    }
  }

  /** Nothing may be asked of it any more, and all its connections must be closed. */
  close(): void {
    this.readiness.close();
    this.libc.close();
  }

  #refuse(user: StreamUser, fault: TransportFault): Stream {
    const stream = new UnmadeStream();
    this.#unmade.push({ stream, user, fault });
    return stream;
  }
}

/** A connection that will not be made. */
class UnmadeStream implements Stream {
  closed = false;

  wantToWrite(): void {}

  endWriting(): void {}

  close(): void {
    this.closed = true;
  }
}

class NativeListener implements StreamListener, Ready {
  readonly local: Address;
  readonly #tools: NativeTools;
  readonly #acceptor: StreamAcceptor;
  readonly #descriptor: number;
  readonly #number: number;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(tools: NativeTools, local: Address, acceptor: StreamAcceptor) {
    const { libc, readiness } = tools;
    const bound = listeningSocket(libc, local);
    const number = readiness.add(bound.descriptor, EPOLLIN, this);
    if (typeof number === "string") {
      libc.symbols.close(bound.descriptor);
      throw new Error(`Cannot listen at ${formatAddress(local)}: ${number}`);
    }
    this.local = bound.local;
    this.#tools = tools;
    this.#acceptor = acceptor;
    this.#descriptor = bound.descriptor;
    this.#number = number;
  }

  onReady(): void {
    for (let left = MOST_ACCEPTED; left > 0; left--) {
      const accepted = acceptSocket(this.#tools.libc, this.#descriptor);
      if (accepted === "EAGAIN") return;
      const error = typeof accepted === "string" ? accepted : this.#give(accepted.descriptor, accepted.remote);
      if (error === undefined) continue;
      this.#acceptor.onAcceptFault(error);
      this.#rest();
      return;
    }
  }

  close(): Promise<void> {
    clearTimeout(this.#pause);
    this.#tools.readiness.forget(this.#number);
    this.#tools.libc.symbols.close(this.#descriptor);
    return Promise.resolve();
  }

  /** Gives a connection to the acceptor, or the name of the system's error. */
  #give(descriptor: number, remote: Address): string | undefined {
    const local = localAddress(this.#tools.libc, descriptor);
    let error: string | undefined;
    const begin = (user: StreamUser): Stream => {
      const stream = new NativeStream(this.#tools, descriptor, user, true);
      error = stream.watch();
      return stream;
    };
    this.#acceptor.onAccepted({ local, remote, begin });
    return error;
  }

  /** Hears of nothing for a while. */
  #rest(): void {
    const { readiness } = this.#tools;
    readiness.change(this.#number, this.#descriptor, 0);
    this.#pause = setTimeout(() => readiness.change(this.#number, this.#descriptor, EPOLLIN), ACCEPT_PAUSE);
  }
}

/** One connection over a socket of the system that does not block: read and written when it is ready. */
import type { DatedReader } from "./dated_reader.ts";
import { faultOfStream } from "./faults.ts";
import { EPOLLIN, EPOLLOUT, type Libc, MSG_NOSIGNAL, SHUT_WR } from "./libc.ts";
import { connectError, localAddress } from "./native_connection.ts";
import type { Readiness, Ready } from "./readiness.ts";
import type { Stream, StreamUser } from "./stream.ts";

/** Octets read from one connection at a time: others want their turn. */
const MOST_AT_ONCE = 262144;

/** What the connections of one network share. */
export interface NativeTools {
  readonly libc: Libc;
  readonly readiness: Readiness;
  readonly reader: DatedReader;
  /** Has `writeOut` called with the next flush. */
  writeLater(stream: NativeStream): void;
}

/** A connection, made or being made. */
export class NativeStream implements Stream, Ready {
  readonly #tools: NativeTools;
  readonly #descriptor: number;
  readonly #user: StreamUser;
  /** Given by the readiness. */
  #number = -1;
  /** Those that are watched for. */
  #events: number;
  #made: boolean;
  /** The next flush asks for octets. */
  #willWrite = false;
  /** What the kernel had no room for. */
  #rest: Uint8Array | undefined;
  #closed = false;

  /** Takes the descriptor over; `watch` comes next. */
  constructor(tools: NativeTools, descriptor: number, user: StreamUser, made: boolean) {
    this.#tools = tools;
    this.#descriptor = descriptor;
    this.#user = user;
    this.#made = made;
    this.#events = made ? EPOLLIN : EPOLLOUT;
  }

  /** Begins to hear of the socket; gives the name of the system's error where that cannot be. */
  watch(): string | undefined {
    const number = this.#tools.readiness.add(this.#descriptor, this.#events, this);
    if (typeof number === "string") return number;
    this.#number = number;
    return undefined;
  }

  /** From the readiness. */
  onReady(events: number): void {
    if (!this.#made) {
      this.#finishMaking();
      return;
    }
    // what is broken tells of errors whatever is watched for: reading and writing find out
    if (this.#rest !== undefined && (events & ~EPOLLIN) !== 0) this.writeOut();
    if (!this.#closed && (this.#events & EPOLLIN) !== 0 && (events & ~EPOLLOUT) !== 0) this.#read();
  }

  /** Asks for octets with the next flush. */
  wantToWrite(): void {
    if (this.#willWrite || this.#rest !== undefined || !this.#made) return;
    this.#willWrite = true;
    this.#tools.writeLater(this);
  }

  /** Writes what is left of the last octets, else the next ones, as far as the kernel has room. */
  writeOut(): void {
    this.#willWrite = false;
    if (this.#closed) return;
    const octets = this.#rest ?? this.#user.toWrite();
    if (octets === undefined) return;
    const { libc } = this.#tools;
    const count = libc.symbols.send(this.#descriptor, octets, BigInt(octets.length), MSG_NOSIGNAL);
    if (count < 0) {
      this.#onWriteError(octets, libc.errno());
      return;
    }
    const wasRest = this.#rest !== undefined;
    this.#rest = count < octets.length ? octets.subarray(count) : undefined;
    this.#watchFor(this.#rest === undefined ? this.#events & ~EPOLLOUT : this.#events | EPOLLOUT);
    // while the rest waited, more may have gathered
    if (wasRest) this.wantToWrite();
    this.#user.onWritten(count);
  }

  /** Tells the peer that nothing more will come. */
  endWriting(): void {
    this.#tools.libc.symbols.shutdown(this.#descriptor, SHUT_WR);
  }

  /** Lets go of the socket. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rest = undefined;
    this.#tools.readiness.forget(this.#number);
    this.#tools.libc.symbols.close(this.#descriptor);
  }

  #finishMaking(): void {
    const error = connectError(this.#tools.libc, this.#descriptor);
    if (error !== undefined) {
      this.#user.onUnmade(faultOfStream(error, "connect"));
      return;
    }
    this.#made = true;
    this.#watchFor(EPOLLIN);
    this.#user.onMade(localAddress(this.#tools.libc, this.#descriptor));
  }

  #read(): void {
    const { libc, reader } = this.#tools;
    for (let left = MOST_AT_ONCE; left > 0 && !this.#closed;) {
      const room = this.#user.room();
      const most = Math.min(room.length, left);
      const count = reader.read(this.#descriptor, room, most);
      if (count <= 0) {
        this.#onNothingRead(count === 0 ? undefined : libc.errno());
        return;
      }
      this.#user.onRead(count, reader.age);
      if (count < most) return;
      left -= count;
    }
  }

  #onNothingRead(error: string | undefined): void {
    if (error === "EAGAIN" || error === "EINTR") return;
    this.#user.onReadEnd(error === undefined ? "connection_closed" : faultOfStream(error, "read"));
    // else its end would be told again and again while the rest of ours is written
    if (!this.#closed) this.#watchFor(this.#events & ~EPOLLIN);
  }

  #onWriteError(octets: Uint8Array, error: string): void {
    if (error !== "EAGAIN" && error !== "EINTR") {
      this.#user.onWriteFault(faultOfStream(error, "write"));
      return;
    }
    this.#rest = octets;
    this.#watchFor(this.#events | EPOLLOUT);
  }

  #watchFor(events: number): void {
    if (events === this.#events) return;
    this.#events = events;
    this.#tools.readiness.change(this.#number, this.#descriptor, events);
  }
}

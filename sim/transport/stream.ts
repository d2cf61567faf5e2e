/** The border between a flow and the connection of the system below it. */
import type { Millis } from "../clock/clock.ts";
import type { Address, TransportFault } from "./flow.ts";

/** One connection of the system, made or still being made. */
export interface Stream {
  /** Asks the user for octets when this turn is over, so that one write takes along all that the turn sends. */
  wantToWrite(): void;
  /** Tells the peer that nothing more will come; reading goes on. */
  endWriting(): void;
  /** Lets go of the connection, or gives up making it; the user hears nothing more. */
  close(): void;
}

/** Whoever a connection belongs to; nothing of it is called before `connect` or `begin` has returned, but `room`. */
export interface StreamUser {
  /** The connection that was asked for stands; `local` is our end of it. */
  onMade(local: Address): void;
  /** It could not be made. */
  onUnmade(fault: TransportFault): void;
  /** Where the next octets go. */
  room(): Uint8Array;
  /** So many octets were written to the beginning of `room`; the last of them have been here for `age` milliseconds. */
  onRead(count: number, age: Millis): void;
  /** Nothing more can be read: the peer has ended its side (`connection_closed`), or reading failed. */
  onReadEnd(fault: TransportFault): void;
  /** What is to be written next; it is left alone until all of it was written. */
  toWrite(): Uint8Array | undefined;
  /** The kernel took so many of these octets. */
  onWritten(count: number): void;
  /** Writing failed. */
  onWriteFault(fault: TransportFault): void;
}

/** A connection that a peer has made. */
export interface AcceptedStream {
  /** Our end of it. */
  readonly local: Address;
  /** The peer's end. */
  readonly remote: Address;
  /** Gives it to its user. */
  begin(user: StreamUser): Stream;
}

/** Hears of connections that peers make. */
export interface StreamAcceptor {
  /** One was made; it must begin. */
  onAccepted(accepted: AcceptedStream): void;
  /** One could not be taken; `error`: as thrown, or the name of its code. The next try follows after a pause. */
  onAcceptFault(error: unknown): void;
}

/** Accepts connections until it is closed. */
export interface StreamListener {
  /** Its address, with the port that was taken. */
  readonly local: Address;
  /** Accepts no more; settles when its address is free again. */
  close(): Promise<void>;
}

/** Makes connections: those of the runtime, or those of the C library. */
export interface StreamNetwork {
  /** Begins to make one. */
  connect(remote: Address, user: StreamUser): Stream;
  /** Accepts connections at an address, port 0 for any; throws the system's error when it cannot be bound. */
  listen(local: Address, acceptor: StreamAcceptor): StreamListener;
}

/** Milliseconds after a failed accept: with no file descriptor left, the next one would fail at once. */
export const ACCEPT_PAUSE = 50;

/** What every UDP implementation is to the rest of the program, and what they share. */
import type { Clock, Millis } from "../clock/clock.ts";
import type { Address, Flow, Receiver, Tap } from "./flow.ts";

/** Octets of content in the largest datagram: 65535 less an IPv4 and a UDP header. */
export const MAX_DATAGRAM_SIZE = 65507;

/** How a socket is opened. */
export interface DatagramOptions {
  /** Where it listens; port 0 takes any free one. */
  readonly local: Address;
  /** Gets what arrives. */
  readonly receiver: Receiver;
  /** Dates what arrives. */
  readonly clock: Clock;
  /** Sees what is sent and received. */
  readonly tap?: Tap;
  /**
   * The owner promises to call `receiveNow`, where there is one, and `flush` in every turn of its loop; without that, the
   * socket delivers and sends by itself.
   */
  readonly driven?: boolean;
  /**
   * A peer of which nothing was heard for so long, or never, and whose port is closed or whose host cannot be reached, as
   * ICMP says, fails its flow (RFC 3261 §18.4). Before that its errors only count: a server that is started again is no
   * reason to give up. Undefined: the errors are not asked for; portable sockets cannot ask.
   */
  readonly refusalGrace?: Millis;
  /** Octets of kernel buffers to ask for, where they can be set; 8 MiB to receive and 4 MiB to send by default. */
  readonly bufferSizes?: BufferSizes;
}

/** Sizes of the kernel's buffers of a socket, in octets. */
export interface BufferSizes {
  /** For datagrams that were not read yet. */
  readonly receive: number;
  /** For datagrams that were not sent yet. */
  readonly send: number;
}

/** Counts of one socket since it was opened. */
export interface DatagramCounters {
  /** Datagrams given to the receiver. */
  received: number;
  /** Their octets. */
  receivedOctets: number;
  /** Datagrams given to the kernel, those that it refused included. */
  sent: number;
  /** Their octets. */
  sentOctets: number;
  /** Datagrams that were dropped on this side: too large, on a closed flow, or refused by the kernel. */
  sendFaults: number;
  /** Of these, refused because the kernel had no room to send. */
  bufferFull: number;
  /** Errors that ICMP told of datagrams of ours. */
  refused: number;
  /** Failed calls to receive. */
  receiveFaults: number;
  /** Datagrams that the kernel dropped because our receive buffer was full; undefined where it cannot be known. */
  overflowed: number | undefined;
}

/** The waits of a socket that must be asked for what has arrived. */
export interface DatagramWaits {
  /** Sleeps until something arrives, at most `limit`: whether something did; nothing else of the thread runs. */
  wait(limit: Millis): boolean;
  /** Whether the last `wait` found datagrams; true also where it cannot be known. */
  foundDatagrams(): boolean;
  /** The same of the other file descriptor of `waitAlsoFor`. */
  foundOther(): boolean;
  /**
   * Sleeps for a time, whatever datagrams arrive, and where not `heeded` (true by default) whatever happens to the other
   * descriptor; nothing else of the thread runs.
   */
  pause(time: Millis, heeded?: boolean): void;
  /** From now on `wait`, `pause` and `waitAsync` also end while this other file descriptor can be read. */
  waitAlsoFor(descriptor: number): void;
  /** As `wait`, while everything else of the thread runs; the socket stays open until it settles. */
  waitAsync(limit: Millis): Promise<boolean>;
}

/** A UDP socket. What arrives goes to the receiver; what is sent leaves by a flow. */
export interface DatagramSocket {
  /** The address it is bound to, with the port that was taken. */
  readonly local: Address;
  /** What moves the datagrams. */
  readonly implementation: "portable" | "batched";
  /** Why this implementation was taken, for the run record. */
  readonly reason: string;
  /** What has happened so far. */
  readonly counters: Readonly<DatagramCounters>;
  /** What the kernel granted, as it reckons itself: twice what was asked for; undefined where it cannot be known. */
  readonly bufferSizes: BufferSizes | undefined;
  /** Settles when the socket has been closed and nothing more can arrive. */
  readonly closed: Promise<void>;
  /**
   * The flow to a peer: the same object for the same peer, until it is closed or fails. `source`: of `DatagramSockets`,
   * the number of the socket it leaves from; 0 by default.
   */
  flowTo(remote: Address, source?: number): Flow;
  /** Gives the kernel what `send` has collected; nothing to do for an implementation that sends at once. */
  flush(): void;
  /** Sends what was collected and closes: nothing is received any more. */
  close(): void;
  /** Delivers what has arrived and returns the number of datagrams, without waiting; only where it must be asked for. */
  receiveNow?(): number;
  /** How it waits; with `receiveNow` only. */
  readonly waits?: DatagramWaits;
}

/** Many UDP sockets that are asked and counted as one; the first is the one that `local` tells of. */
export interface DatagramSockets extends DatagramSocket {
  /** The addresses of all, by number. */
  readonly locals: readonly Address[];
  /** Binds one more, gives its number; throws the system's error when that cannot be. */
  add(local: Address): number;
  /** Closes the one that was added last. */
  removeLast(): void;
}

/** Counters at nothing. */
export function newDatagramCounters(overflowed?: number): DatagramCounters {
  return {
    received: 0,
    receivedOctets: 0,
    sent: 0,
    sentOctets: 0,
    sendFaults: 0,
    bufferFull: 0,
    refused: 0,
    receiveFaults: 0,
    overflowed,
  };
}

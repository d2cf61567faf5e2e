/** The borders between octets and protocols: a flow takes octets, a receiver gets them. */
import type { Millis } from "../clock/clock.ts";

/** Transports that carry SIP here, in the spelling of a URI's `transport` parameter. */
export type TransportName = "udp" | "tcp";

/** What can go wrong below a protocol; counted, never thrown. */
export type TransportFault =
  | "connection_refused"
  | "connection_reset"
  | "connection_closed"
  | "connect_timeout"
  | "unreachable"
  | "not_permitted"
  | "no_resources"
  | "send_failed"
  | "oversize"
  | "no_pong"
  | "malformed_stream";

/** An address that octets go to or come from. */
export interface Address {
  /** Numeric IPv4 or IPv6 address, IPv6 without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** Something that wants to know when its octets left. */
export interface Departing {
  /** The kernel took them then; where it took a batch in one call, within the call by their place in the batch. */
  departed(at: Millis): void;
}

/** A path of octets between one local and one remote address: a datagram association or a connection. */
export interface Flow {
  /** Its transport. */
  readonly transport: TransportName;
  /** Whether the transport neither loses nor repeats octets: reliable in the words of RFC 3261. */
  readonly reliable: boolean;
  /** Our side; the port that peers can reach us at, also where a connection left from another one. */
  readonly local: Address;
  /** The peer. */
  readonly remote: Address;
  /** False once it has closed or failed: `send` then drops and counts. */
  readonly open: boolean;
  /** Octets accepted by `send` that the kernel has not taken yet. */
  readonly queued: number;
  /**
   * Hands octets down; they are copied or written before the call returns. Never throws. `departing` is told when the
   * kernel took them: at once, or with the flush of a batch.
   */
  send(octets: Uint8Array, departing?: Departing): void;
  /** Closes after what is queued was written; a datagram flow forgets its peer only. */
  close(): void;
}

/** What gets octets from flows. */
export interface Receiver {
  /** One whole message; `octets` are valid until the call returns. `at`: when the octets arrived. */
  receive(octets: Uint8Array, flow: Flow, at: Millis): void;
  /**
   * Datagrams were read and dated, and wait: whether the receiver has asked for them by `receiveNow`, or will soon; where
   * not, they are delivered at once. `mustTake`: there is room for no more. Told by portable sockets only.
   */
  onRead?(mustTake: boolean): boolean;
  /** The flow failed or was closed by the peer; called once for each flow, never for our own `close`. */
  onFlowFault(flow: Flow, fault: TransportFault): void;
  /** The connection that we asked for has been made (connections only); what was queued is written now. */
  onConnected?(flow: Flow, at: Millis): void;
  /** What was queued has been written (connections only). */
  onDrained?(flow: Flow): void;
}

/** Cuts a stream of octets into whole messages. */
export interface Framer {
  /**
   * The length of the first whole message in `[from, to)`, 0 when more octets are needed, -1 when the stream cannot be
   * understood any more, or -2 when the message is beyond our limits. A keep-alive (a run of CR LF between messages) is
   * cut as a message of its own.
   */
  frame(octets: Uint8Array, from: number, to: number): number;
  /** How long the message that begins at `from` says it will be, be it true or not; 0 where it does not say. */
  announced?(octets: Uint8Array, from: number, to: number): number;
}

/** Makes a framer for a new connection. */
export type FramerFactory = () => Framer;

/** Sees every octet that a transport sends and receives, for traces and captures. */
export type Tap = (direction: "sent" | "received", octets: Uint8Array, flow: Flow, at: Millis) => void;

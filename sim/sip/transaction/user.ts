/** The borders of the transaction layer: what it tells its users, and what they may do with a transaction (RFC 3261 §17). */
import type { Millis } from "../../clock/clock.ts";
import type { Flow, TransportFault } from "../../transport/flow.ts";
import type { Message } from "../message.ts";

/** What gets the responses to a request: the transaction user of the client side. */
export interface ClientTransactionUser {
  /** Each provisional response and the final one; to an INVITE, each 2xx (RFC 6026 §7.2). Valid until the call returns. */
  onResponse(message: Message, transaction: ClientTransaction, at: Millis): void;
  /** No final response in time: Timer B or F, or 64*T1 after a CANCEL (RFC 3261 §9.1). The transaction has ended. */
  onTimeout(transaction: ClientTransaction): void;
  /** The flow failed before a final response. The transaction has ended. */
  onTransportFault(transaction: ClientTransaction, fault: TransportFault): void;
  /**
   * Writes the request of its transaction under way again, octet for octet; not for INVITE. Who can, lets the transaction
   * go with its final response: no copy is kept, and the object becomes another transaction.
   */
  rewrite?(): Uint8Array;
}

/** What gets requests: the transaction user of the server side. */
export interface ServerCore {
  /** A new request; never ACK, never CANCEL. */
  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void;
  /** An ACK that belongs to a 2xx, or to nothing we know. */
  onAck(message: Message, flow: Flow, at: Millis): void;
  /** The INVITE is to be given up: its CANCEL has been answered, the core answers the INVITE with 487. */
  onCancel(invite: ServerTransaction, at: Millis): void;
  /** A 2xx to an INVITE that no client transaction takes any more (RFC 3261 §13.2.2.4). */
  onStrayResponse(message: Message, flow: Flow, at: Millis): void;
  /** The answer to a keep-alive of ours (RFC 5626 §4.4.1). */
  onPong?(flow: Flow, at: Millis): void;
}

/** States of a client transaction (RFC 3261 Figures 5 and 6, RFC 6026 Figure 5). */
export type ClientState = "calling" | "trying" | "proceeding" | "accepted" | "completed" | "terminated";

/** States of a server transaction (RFC 3261 Figures 7 and 8, RFC 6026 Figure 7). */
export type ServerState = "trying" | "proceeding" | "accepted" | "completed" | "confirmed" | "terminated";

/** One request of ours and its responses. */
export interface ClientTransaction {
  /** Method of the request. */
  readonly method: string;
  /** The flow it was sent on. */
  readonly flow: Flow;
  /**
   * The request as sent, while it may be needed again: until the final response, and for anything but INVITE on
   * unreliable flows only; empty otherwise.
   */
  request(): Uint8Array;
  readonly state: ClientState;
  /** Times the request was sent again. */
  readonly retransmissions: number;
}

/** One request of a peer and our responses. */
export interface ServerTransaction {
  /** Method of the request. */
  readonly method: string;
  /** The flow it came on, and the responses go out on. */
  readonly flow: Flow;
  readonly state: ServerState;
  /** Sends a whole response of that status, and again whenever the state machine asks for it; copies what it keeps. */
  respond(status: number, octets: Uint8Array): void;
}

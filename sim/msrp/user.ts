/** The border between MSRP sessions and who uses them. */
import type { Millis } from "../clock/clock.ts";
import type { TransportFault } from "../transport/flow.ts";
import type { FailureReport } from "./chunk.ts";
import type { MsrpSession } from "./session.ts";

/** A message to send. */
export interface OutgoingMessage {
  /** 4 to 32 characters of `ident` (RFC 4975 §9), hard to guess. */
  readonly messageId: string;
  readonly contentType: string;
  /** Sent from this memory without a copy: leave it alone until the message has been delivered or has failed. */
  readonly content: Uint8Array;
  /** Whether the receiver shall REPORT that everything arrived. */
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
  /** `single`: one interruptible chunk; a number: chunks of that many octets (RFC 4975 §7.1.1). */
  readonly chunking: "single" | number;
}

/**
 * Why a message was not delivered: an error response or a failure REPORT; no response within 30 s; a connection that took
 * no octets for 30 s; no success REPORT within 120 s; the connection lost.
 */
export type MsrpFailure =
  | { readonly kind: "status"; readonly status: number; readonly comment: string; readonly reported: boolean }
  | "timeout"
  | "stalled"
  | "report_missing"
  | "connection_lost";

/** Moments in the life of a message that is sent. */
export type MsrpProgress = "first_octet" | "last_octet" | "last_ack";

/** A message that arrived whole. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly contentType: string;
  /** Valid until the call returns: a message in one chunk is not copied. */
  readonly content: Uint8Array;
  /** MSRP URI of the endpoint that sent it. */
  readonly from: string;
}

/** Who uses a session; every call may send on it or close it. */
export interface MsrpSessionUser {
  /** Passive side: the first request of the peer arrived, and the session is bound to its connection (RFC 4975 §5.4). */
  onBound(session: MsrpSession, at: Millis): void;
  /**
   * Every chunk was answered 200, and reported whole where a success report was asked for. With Failure-Report `no` or
   * `partial`: handed to the kernel, and reported where asked for.
   */
  onDelivered(session: MsrpSession, messageId: string, at: Millis): void;
  /** The message ended otherwise; also called for the bodiless SEND of `greet`, under its own Message-ID. */
  onFailed(session: MsrpSession, messageId: string, failure: MsrpFailure, at: Millis): void;
  /** The connection that the session was attached to while it was being made now stands. */
  onConnected?(session: MsrpSession, at: Millis): void;
  /** How far a message has come. */
  onProgress?(session: MsrpSession, messageId: string, event: MsrpProgress, at: Millis): void;
  /** A whole message arrived, for the first time. */
  onReceived(session: MsrpSession, received: ReceivedMessage, at: Millis): void;
  /** The connection failed or was closed by the peer, after `onFailed` for each message under way; the session is unbound. */
  onConnectionLost(session: MsrpSession, fault: TransportFault, at: Millis): void;
}

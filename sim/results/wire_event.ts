// deno-lint-ignore-file camelcase -- fields are named as in the event log
/** What the event log says of one SIP message on the wire. */
import type { Millis } from "../clock/clock.ts";
import { Message } from "../sip/message.ts";
import { parseMessage } from "../sip/parse.ts";
import type { TransportName } from "../transport/flow.ts";

/** Octets as a socket moved them. */
export interface WirePacket {
  readonly direction: "sent" | "received";
  readonly octets: Uint8Array;
  readonly transport: TransportName;
  /** Milliseconds since the Unix epoch, monotonic within a run. */
  readonly at: Millis;
}

/** One SIP message of our clients; a request sent again has the branch of the first one. */
export interface WireEvent {
  readonly event: "sip";
  /** Whole microseconds since the Unix epoch, monotonic within a run. */
  readonly at_us: number;
  readonly direction: "sent" | "received";
  readonly transport: TransportName;
  /** Of the request, also where this is a response. */
  readonly method: string;
  /** Of responses only. */
  readonly status?: number;
  readonly call_id: string;
  readonly cseq: number;
  readonly branch: string;
  readonly from_tag: string;
  /** Empty outside dialogs. */
  readonly to_tag: string;
  /** Seconds that a REGISTER asks for. */
  readonly expires?: number;
  readonly octets: number;
}

/** The event of a packet; undefined for MSRP, keep-alives and what is no SIP. */
export function wireEventOf({ direction, octets, transport, at }: WirePacket): WireEvent | undefined {
  const message = new Message();
  if (octets.length < MINIMUM || parseMessage(octets, message) !== undefined) return undefined;
  const { method, sequenceNumber } = message;
  const expires = message.header("Expires");
  return {
    event: "sip",
    at_us: Math.round(at * 1000),
    direction,
    transport,
    method,
    ...(message.isRequest ? {} : { status: message.status }),
    call_id: message.callId(),
    cseq: sequenceNumber,
    branch: message.branch(),
    from_tag: message.fromTag(),
    to_tag: message.toTag(),
    ...(method === "REGISTER" && message.isRequest && expires !== undefined ? { expires: Number(expires) } : {}),
    octets: octets.length,
  };
}

/** Shorter than any SIP message, longer than any keep-alive. */
const MINIMUM = 20;

/** What the transaction layer counts: plain numbers, read by whoever reports them. */
import type { ParseFault } from "../parse.ts";

/** Counters of one transaction layer, since it was made. */
export class LayerCounters {
  /** Requests sent again, by method. */
  readonly retransmissions: Map<string, number> = new Map();
  /** Received messages that could not be read, by fault. */
  readonly malformed: Map<ParseFault, number> = new Map();
  /** Final responses sent again without being asked for (Timer G). */
  responsesSentAgain = 0;
  /** Requests received whole, retransmissions included. */
  requests = 0;
  /** Requests recognised as retransmissions. */
  absorbedRequests = 0;
  /** Responses recognised as retransmissions. */
  absorbedResponses = 0;
  /** Responses that match no client transaction. */
  strayResponses = 0;
  /** CANCELs that match no INVITE. */
  strayCancels = 0;
  /** Client transactions ended by Timer B or F. */
  timeouts = 0;
  /** Client transactions ended by a failed flow. */
  transportFaults = 0;
  /** Final non-2xx responses to INVITE that were never acknowledged (Timer H). */
  unacknowledged = 0;
  /** Non-INVITE requests left unanswered by the core until an answer became useless (RFC 4320 §4.2). */
  unanswered = 0;
  /** Keep-alives received and answered (RFC 5626 §4.4.1). */
  pings = 0;
  /** Answers to keep-alives received. */
  pongs = 0;
  /** Client transactions alive. */
  openClient = 0;
  /** Server transactions alive. */
  openServer = 0;
}

/** Adds one to an entry of a counter by name. */
export function countOne<K>(counter: Map<K, number>, name: K): void {
  counter.set(name, (counter.get(name) ?? 0) + 1);
}

/** What an MSRP layer counts; plain numbers, read by whoever measures. */
import type { ChunkFault } from "./chunk.ts";

/** Counts since the layer was made. */
export interface MsrpCounters {
  /** SEND requests begun. */
  chunksSent: number;
  /** SEND requests received that could be read. */
  chunksReceived: number;
  /** Octets of content in them. */
  octetsReceived: number;
  /** Chunks ended early because a response, a REPORT or another session waited. */
  interruptions: number;
  /** Messages received whole, repetitions not included. */
  messagesReceived: number;
  /** SEND requests of messages that had been received whole before. */
  duplicates: number;
  /** Messages given up by the peer with `#`. */
  abandoned: number;
  reportsSent: number;
  reportsReceived: number;
  /** Responses to no transaction that is open. */
  strayResponses: number;
  /** REPORT requests about no message under way; ignored. */
  strayReports: number;
  /** Runs of CR LF between requests. */
  keepAlives: number;
  /** Responses sent, by status code. */
  readonly responsesSent: Map<number, number>;
  /** Responses received, by status code. */
  readonly responsesReceived: Map<number, number>;
  /** Requests and responses that broke the grammar. */
  readonly malformed: Map<ChunkFault, number>;
}

/** All counts at zero. */
export function newMsrpCounters(): MsrpCounters {
  return {
    chunksSent: 0,
    chunksReceived: 0,
    octetsReceived: 0,
    interruptions: 0,
    messagesReceived: 0,
    duplicates: 0,
    abandoned: 0,
    reportsSent: 0,
    reportsReceived: 0,
    strayResponses: 0,
    strayReports: 0,
    keepAlives: 0,
    responsesSent: new Map(),
    responsesReceived: new Map(),
    malformed: new Map(),
  };
}

/** Adds one under a key. */
export function countBy<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

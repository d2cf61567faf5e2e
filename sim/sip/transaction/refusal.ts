/** What becomes of requests that cannot be read (RFC 3261 §8.2.6, §21.4.1). */
import { CALL_ID, CSEQ, FROM, TO, VIA } from "../header_name.ts";
import type { Message } from "../message.ts";
import type { ParseFault } from "../parse.ts";

/** Headers that every response repeats (RFC 3261 §8.2.6.2). */
const ECHOED_HEADERS: readonly number[] = [VIA, FROM, TO, CALL_ID, CSEQ];
/** Answers to faults that have a status of their own (RFC 3261 §21.4.12, §21.5.6). */
const STATUSES: ReadonlyMap<ParseFault, number> = new Map([["bad_version", 505], ["uri_too_long", 414]]);

/** The status that a fault is answered with: 400 unless it has one of its own (RFC 3261 §21.4.1). */
export function statusOfFault(fault: ParseFault): number {
  return STATUSES.get(fault) ?? 400;
}

/**
 * Whether an answer to a malformed message can be written and find its way. What is malformed itself goes back as it
 * came: the branch finds the way (RFC 4475 §3.1.2.4, §3.1.2.6).
 */
export function isAnswerable(message: Message): boolean {
  if (!message.isRequest || message.method === "ACK" || message.method === "") return false;
  return message.topVia() !== undefined && message.callId() !== "" &&
    ECHOED_HEADERS.every((id) => message.lineOf(id) >= 0);
}

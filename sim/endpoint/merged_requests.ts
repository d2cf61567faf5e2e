/** Requests that came before on another way, with another branch: merged requests (RFC 3261 §8.2.2.2). */
import { KeyHash } from "../bytes/hash.ts";
import type { Millis } from "../clock/clock.ts";
import { CALL_ID, CSEQ, FROM } from "../sip/header_name.ts";
import type { Message } from "../sip/message.ts";

/** What tells one request from another, whatever way it came: Call-ID, CSeq and From with its tag. */
const IDENTITY = [CALL_ID, CSEQ, FROM] as const;
const HASH = new KeyHash();

/**
 * Remembers requests for at least one period and at most two, as keys of 53 bits: with 100,000 remembered, one in 90
 * billion new ones is taken for another.
 */
export class MergedRequests {
  readonly #period: Millis;
  #recent: Set<number> = new Set();
  #before: Set<number> = new Set();
  #since: Millis;

  /** `period`: how long a transaction may last, 64*T1 (RFC 3261 §17.2.2). */
  constructor(period: Millis, now: Millis) {
    this.#period = period;
    this.#since = now;
  }

  /** Whether that request was seen before; it is from now on. Ask once for each transaction. */
  sees(message: Message, now: Millis): boolean {
    if (now - this.#since >= this.#period) {
      this.#before = now - this.#since >= 2 * this.#period ? new Set() : this.#recent;
      this.#recent = new Set();
      this.#since = now;
    }
    const key = keyOf(message);
    if (this.#recent.has(key) || this.#before.has(key)) return true;
    this.#recent.add(key);
    return false;
  }
}

function keyOf(message: Message): number {
  HASH.reset();
  for (const id of IDENTITY) {
    const line = message.lineOf(id);
    if (line >= 0) HASH.octets(message.octets, message.valueFrom(line), message.valueTo(line));
  }
  return HASH.key();
}

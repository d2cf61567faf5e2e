/** CSeq: the place of a request in its dialog or registration (RFC 3261 §20.16). */

/** A CSeq value. */
export interface CSeq {
  /** 0 to 2^31 - 1. */
  readonly sequenceNumber: number;
  /** As spelled: methods are case-sensitive. */
  readonly method: string;
}

/** First number that is too large for a CSeq (RFC 3261 §8.1.1.5). */
export const CSEQ_LIMIT: number = 2 ** 31;

const CSEQ_REGEXP = /^(\d{1,15})\s+([\w\-.!%*+`'~]+)$/;

/** Reads a CSeq; undefined when malformed or too large. */
export function parseCSeq(text: string): CSeq | undefined {
  const match = CSEQ_REGEXP.exec(text.trim());
  if (match === null) return undefined;
  const sequenceNumber = Number(match[1]);
  return sequenceNumber < CSEQ_LIMIT ? { sequenceNumber, method: match[2]! } : undefined;
}

/** Writes a CSeq. */
export function writeCSeq(cseq: CSeq): string {
  return `${cseq.sequenceNumber} ${cseq.method}`;
}

/** Values of Byte-Range (RFC 4975 §7.1.1): octets of a message, counted from 1. */

/** Which octets of the whole message a request carries or speaks of. */
export interface ByteRange {
  /** First octet, from 1. */
  readonly start: number;
  /** Last octet; undefined is `*`: not known when the request began. */
  readonly end: number | undefined;
  /** Octets of the whole message; undefined is `*`. */
  readonly total: number | undefined;
}

const BYTE_RANGE_REGEXP = /^(\d{1,15})-(\d{1,15}|\*)\/(\d{1,15}|\*)$/;

/** Reads `start-end/total`; undefined when malformed, or when the numbers contradict one another. */
export function parseByteRange(text: string): ByteRange | undefined {
  const [, startText, endText, totalText] = BYTE_RANGE_REGEXP.exec(text) ?? [];
  if (startText === undefined) return undefined;
  const start = Number(startText);
  const end = endText === "*" ? undefined : Number(endText);
  const total = totalText === "*" ? undefined : Number(totalText);
  // an empty range ends one octet before it starts, as in 1-0/0
  if (start < 1 || (end !== undefined && end < start - 1)) return undefined;
  if (total !== undefined && (end ?? start - 1) > total) return undefined;
  return { start, end, total };
}

/** The text of a range, such as `1-*` and `/5000` in one. */
export function writeByteRange({ start, end, total }: ByteRange): string {
  return `${start}-${end ?? "*"}/${total ?? "*"}`;
}

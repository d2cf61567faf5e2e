/** Searches and readings over octets: the only octet loops of the program live in this folder. */
import { DIGIT_0, DIGIT_9, HTAB, SP } from "./ascii.ts";

/** Octets from which on a search by skips beats the native one, and the shortest needle for it, see scan_bench.ts. */
const WORTH_SKIPPING = 4096;
const SHORTEST_SKIP = 4;
/** By two octets: how far the end of a needle may move on when they stand there, 0 where they are not in the needle. */
const SKIPS = new Uint8Array(65536);
const LONGEST_SKIP = 255;

/** Value of an octet as a hexadecimal digit, -1 when it is none. */
const HEXADECIMAL_VALUES: Int8Array = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  for (const text of [digit.toString(16), digit.toString(16).toUpperCase()]) {
    HEXADECIMAL_VALUES[text.charCodeAt(0)] = digit;
  }
}

/** 64: the native search costs as much as a loop over so many octets before it begins, see scan_bench.ts. */
const NEAR = 64;

/** Index of `octet` in `[from, to)`, or -1. */
export function indexOfOctet(octets: Uint8Array, octet: number, from: number, to: number): number {
  const near = Math.min(to, from + NEAR);
  for (let i = from; i < near; i++) {
    if (octets[i] === octet) return i;
  }
  if (near >= to) return -1;
  const at = octets.indexOf(octet, near);
  return at < to ? at : -1;
}

/** Index of the octet string `needle` in `[from, to)`, or -1. */
export function indexOfOctets(octets: Uint8Array, needle: Uint8Array, from: number, to: number): number {
  if (to - from >= WORTH_SKIPPING && needle.length >= SHORTEST_SKIP) return indexBySkips(octets, needle, from, to);
  const first = needle[0]!;
  const last = to - needle.length;
  for (let at = octets.indexOf(first, from); at >= 0 && at <= last; at = octets.indexOf(first, at + 1)) {
    if (startsWithAt(octets, needle, at)) return at;
  }
  return -1;
}

/**
 * The same by looking at the last two octets of each place only, and passing over as many places as these rule out
 * (Horspool's way, by pairs): of a large content two octets in as many as the needle has are read.
 */
function indexBySkips(octets: Uint8Array, needle: Uint8Array, from: number, to: number): number {
  const end = needle.length - 1;
  for (let i = 1; i < end; i++) SKIPS[needle[i - 1]! | needle[i]! << 8] = Math.min(LONGEST_SKIP, end - i);
  const last = needle[end - 1]! | needle[end]! << 8;
  let found = -1;
  for (let at = from + end; at < to;) {
    const pair = octets[at - 1]! | octets[at]! << 8;
    if (pair === last && startsWithAt(octets, needle, at - end)) {
      found = at - end;
      break;
    }
    at += SKIPS[pair]! || end;
  }
  for (let i = 1; i < end; i++) SKIPS[needle[i - 1]! | needle[i]! << 8] = 0;
  return found;
}

/** Whether `needle` stands at `at`. */
export function startsWithAt(octets: Uint8Array, needle: Uint8Array, at: number): boolean {
  if (at < 0 || at + needle.length > octets.length) return false;
  for (let i = 0; i < needle.length; i++) {
    if (octets[at + i] !== needle[i]) return false;
  }
  return true;
}

/** Whether the US-ASCII text `needle` stands at `at`. */
export function startsWithTextAt(octets: Uint8Array, needle: string, at: number): boolean {
  if (at < 0 || at + needle.length > octets.length) return false;
  for (let i = 0; i < needle.length; i++) {
    if (octets[at + i] !== needle.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether `[from, to)` is the US-ASCII text `lowerCase`, whatever its case; `lowerCase` must be in lower case. */
export function equalsIgnoringCase(octets: Uint8Array, from: number, to: number, lowerCase: string): boolean {
  if (to - from !== lowerCase.length) return false;
  for (let i = 0; i < lowerCase.length; i++) {
    let octet = octets[from + i]!;
    if (octet >= 0x41 && octet <= 0x5a) octet += 0x20;
    if (octet !== lowerCase.charCodeAt(i)) return false;
  }
  return true;
}

/** Octets with the letters A to Z in lower case. */
const LOWER_CASE_LOOKUP = Uint8Array.from(
  { length: 256 },
  (_, octet) => octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/** As `equalsIgnoringCase`, for names that are looked up in every message: twice as fast with octets. */
export function equalsLowerCase(octets: Uint8Array, from: number, to: number, lowerCase: Uint8Array): boolean {
  if (to - from !== lowerCase.length) return false;
  for (let i = 0; i < lowerCase.length; i++) {
    if (LOWER_CASE_LOOKUP[octets[from + i]!] !== lowerCase[i]) return false;
  }
  return true;
}

/** The unsigned decimal number in `[from, to)`; -1 when empty, when another octet stands there, or beyond 15 digits. */
export function readDecimal(octets: Uint8Array, from: number, to: number): number {
  if (from >= to || to - from > 15) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const octet = octets[i]!;
    if (octet < DIGIT_0 || octet > DIGIT_9) return -1;
    value = value * 10 + (octet - DIGIT_0);
  }
  return value;
}

/** The unsigned number in lower- or upper-case hexadecimal digits in `[from, to)`; -1 when another octet stands there. */
export function readHexadecimal(octets: Uint8Array, from: number, to: number): number {
  if (from >= to || to - from > 13) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = HEXADECIMAL_VALUES[octets[i]!]!;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Whether `count` octets of that value stand side by side somewhere: reads one octet in `count`, where they are rare. */
export function hasRunOf(octets: Uint8Array, value: number, count: number): boolean {
  for (let at = count - 1; at < octets.length; at += count) {
    if (octets[at] !== value) continue;
    // any such run covers one of the places that are read
    let [begin, end] = [at, at + 1];
    while (begin > 0 && octets[begin - 1] === value) begin--;
    while (octets[end] === value) end++;
    if (end - begin >= count) return true;
  }
  return false;
}

/** First index in `[from, to)` that is neither space nor tab; `to` when there is none. */
export function skipBlanks(octets: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (octets[at] === SP || octets[at] === HTAB)) at++;
  return at;
}

/** End of `[from, to)` without the spaces and tabs at its end. */
export function trimEnd(octets: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && (octets[at - 1] === SP || octets[at - 1] === HTAB)) at--;
  return at;
}

/** Whether two octet strings are the same. */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && startsWithAt(a, b, 0);
}

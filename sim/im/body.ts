/**
 * Message contents of an exact size that say which message they are, so that a receiver knows them again and sees
 * every changed, missing or added octet.
 *
 * | octets  | layout                                                                        |
 * | 17 on   | "~" run (6) sequence (6) check of both (2) check with the size (2) filler     |
 * | 8 to 16 | "^" sequence (6) check with the size (1) filler                               |
 * | below 8 | filler only: unmarked, told apart by sender, receiver and size only           |
 *
 * Digits are base 62. The filler is a run of words that starts at a place of a long pattern which is computed from run,
 * sequence and size; so a receiver compares every octet without knowing more than the content itself. Words of other
 * alphabets and any octets are told by other first octets: "}" and "]", "{" and "[" (`filler.ts`).
 */
import { OctetWriter } from "../bytes/writer.ts";
import { BINARY, type ContentKind, type Filler, MULTIBYTE, TEXT } from "./filler.ts";

/** Contents of fewer octets carry no mark. */
export const MARK_SIZE = 8;

/** Contents of fewer octets carry the short mark, which does not name the run. */
export const LONG_MARK_SIZE = 17;

/** One more than the largest sequence number that a mark can carry: 62^6. */
export const SEQUENCE_LIMIT: number = 62 ** 6;

/** What a content carries. */
export interface Mark {
  /** The run, 32 bits, so that messages left over by an earlier run are told apart. */
  readonly run: number;
  /** Number of the message in the run. */
  readonly sequence: number;
  /** What the octets behind the mark are; undefined: text. */
  readonly content?: ContentKind | undefined;
}

/** What a receiver finds in a content; `run` is undefined in a short mark, `intact` says that every octet is as written. */
export type ReadContent =
  | { readonly kind: "marked"; readonly run: number | undefined; readonly sequence: number; readonly intact: boolean }
  | { readonly kind: "unmarked" };

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGIT_OCTETS: Uint8Array = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
/** Value of an octet as a digit, -1 when it is none. */
const DIGIT_VALUES: Int8Array = new Int8Array(256).fill(-1);
DIGIT_OCTETS.forEach((octet, value) => DIGIT_VALUES[octet] = value);

/** Fillers by the octet that begins a content. */
const FILLERS: ReadonlyMap<number, Filler> = new Map(
  [TEXT, MULTIBYTE, BINARY].flatMap((filler) => [[filler.longMark, filler], [filler.shortMark, filler]]),
);
/** The mark that is being written. */
const MARK = new Uint8Array(24);
const MARK_WORDS = new DataView(MARK.buffer);
const UNMARKED: ReadContent = { kind: "unmarked" };

/** A content of exactly `size` octets, by default of printable US-ASCII; the same for the same arguments. */
export function writeContent(size: number, { run, sequence, content }: Mark): Uint8Array {
  const writer = new OctetWriter(size);
  appendContent(writer, size, run, sequence, content);
  return writer.view();
}

/** As `writeContent`, behind what was written before. */
export function appendContent(
  writer: OctetWriter,
  size: number,
  run: number,
  sequence: number,
  content: ContentKind | undefined,
): void {
  if (!(sequence >= 0 && sequence < SEQUENCE_LIMIT)) throw new RangeError(`Cannot mark sequence number ${sequence}`);
  const filler = content === undefined || content === "text" ? TEXT : content === "binary" ? BINARY : MULTIBYTE;
  let left = size;
  let hash = hashOf(0, sequence, size + filler.salt);
  if (size >= LONG_MARK_SIZE) {
    const owner = run >>> 0;
    hash = hashOf(owner, sequence, size + filler.salt);
    MARK[0] = filler.longMark;
    writeDigits(1, 6, owner);
    writeDigits(7, 6, sequence);
    writeDigits(13, 2, hashOf(owner, sequence, 0) % 3844);
    writeDigits(15, 2, hash % 3844);
    writer.copyWords(MARK_WORDS, 0, LONG_MARK_SIZE);
    left -= LONG_MARK_SIZE;
  } else if (size >= MARK_SIZE) {
    MARK[0] = filler.shortMark;
    writeDigits(1, 6, sequence);
    writeDigits(7, 1, hash % 62);
    writer.copyWords(MARK_WORDS, 0, MARK_SIZE);
    left -= MARK_SIZE;
  }
  filler.append(writer, left, hash);
}

/** Eight hexadecimal digits that fix every octet of a content: the value that its checks and its filler are made of. */
export function contentDigest(size: number, { run, sequence }: Mark): string {
  const owner = size >= LONG_MARK_SIZE ? run >>> 0 : 0;
  return hashOf(owner, sequence, size).toString(16).padStart(8, "0");
}

/** What a received content says it is, and whether it is whole. */
export function readContent(octets: Uint8Array): ReadContent {
  const filler = octets[0] === TEXT.longMark ? TEXT : FILLERS.get(octets[0] ?? -1);
  if (filler === undefined) return UNMARKED;
  if (octets[0] === filler.longMark && octets.length >= LONG_MARK_SIZE) return readLong(octets, filler);
  if (octets[0] === filler.shortMark && octets.length >= MARK_SIZE && octets.length < LONG_MARK_SIZE) {
    return readShort(octets, filler);
  }
  return UNMARKED;
}

/** Whether a content may be of a run: a short mark does not say, and passes. */
export function isOfRun(content: ReadContent, run: number): boolean {
  return content.kind === "marked" && (content.run === undefined || content.run === run >>> 0);
}

function readLong(octets: Uint8Array, filler: Filler): ReadContent {
  const run = readDigits(octets, 1, 6);
  const sequence = readDigits(octets, 7, 6);
  // without this check a changed mark would blame another message
  if (run < 0 || sequence < 0 || readDigits(octets, 13, 2) !== hashOf(run, sequence, 0) % 3844) return UNMARKED;
  const hash = hashOf(run, sequence, octets.length + filler.salt);
  const intact = readDigits(octets, 15, 2) === hash % 3844 && filler.standsAt(octets, LONG_MARK_SIZE, hash);
  return { kind: "marked", run, sequence, intact };
}

function readShort(octets: Uint8Array, filler: Filler): ReadContent {
  const sequence = readDigits(octets, 1, 6);
  const hash = hashOf(0, sequence, octets.length + filler.salt);
  if (sequence < 0 || readDigits(octets, 7, 1) !== hash % 62) return UNMARKED;
  return { kind: "marked", run: undefined, sequence, intact: filler.standsAt(octets, MARK_SIZE, hash) };
}

/** 32 bits in which every bit of run, sequence and size counts. */
function hashOf(run: number, sequence: number, size: number): number {
  let hash = Math.imul(run ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ sequence, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13) ^ Math.floor(sequence / 2 ** 32), 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 16) ^ size, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Below it, division by 62 needs whole numbers of 32 bits only. */
const THREE_DIGITS = 62 ** 3;

/** Writes `count` digits into the mark, the highest first; up to 6. */
function writeDigits(at: number, count: number, value: number): void {
  if (count > 3) {
    const high = Math.floor(value / THREE_DIGITS);
    writeFewDigits(at, count - 3, high);
    writeFewDigits(at + count - 3, 3, value - high * THREE_DIGITS);
  } else writeFewDigits(at, count, value);
}

/** As `writeDigits`, up to 3. */
function writeFewDigits(at: number, count: number, value: number): void {
  const tens = (value / 62) | 0;
  if (count > 2) MARK[at + count - 3] = DIGIT_OCTETS[(tens / 62) | 0]!;
  if (count > 1) MARK[at + count - 2] = DIGIT_OCTETS[tens % 62]!;
  MARK[at + count - 1] = DIGIT_OCTETS[value - tens * 62]!;
}

/** The number in `count` digits, -1 when an octet is none. */
function readDigits(octets: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = DIGIT_VALUES[octets[i]!]!;
    if (digit < 0) return -1;
    value = value * 62 + digit;
  }
  return value;
}

/**
 * A parser of SIP messages (RFC 3261 §7) that knows them again: answers of a server to requests of one kind differ in
 * digits only.
 *
 * The fast twin of `parseMessage`, which it calls for everything new. Of a good message it remembers the octets and which
 * of them may be others, letters and digits for letters and digits, without anything else being elsewhere or meaning
 * something else: those in the branch of the top Via, in Call-ID, in the number of CSeq, in addresses and values of
 * parameters of From and To, in the Request-URI, and in every header that `parseMessage` does not look into. A message
 * of the same length that differs nowhere else has the same shape.
 */
import { COLON, EQUALS, GREATER_THAN, LESS_THAN, SEMICOLON } from "../bytes/ascii.ts";
import { tokenEnd } from "../bytes/header_octets.ts";
import { indexOfOctet, readDecimal } from "../bytes/scan.ts";
import { CSEQ_LIMIT } from "./cseq.ts";
import { CONTENT_LENGTH, CSEQ, FROM, TO, VIA } from "./header_name.ts";
import type { Message } from "./message.ts";
import { type ParseFault, parseMessage } from "./parse.ts";

/** Shapes kept, by the lowest bits of the length: users have names of some lengths, and requests some methods. */
const SHAPES = 64;
/** Longer messages are rare, and are parsed. */
const LONGEST = 4096;
/** So many messages of other shapes make a shape forgotten. */
const PATIENCE = 8;

const FIXED = 0;
const ALPHANUMERIC = 1;
const DIGIT = 2;

/** What an octet is: `DIGIT` and `ALPHANUMERIC` together for digits. */
const KINDS = new Uint8Array(256);
for (let octet = 0; octet < KINDS.length; octet++) {
  const isDigit = octet >= 0x30 && octet <= 0x39;
  const letter = octet & ~0x20;
  if (isDigit) KINDS[octet] = ALPHANUMERIC | DIGIT;
  else if (letter >= 0x41 && letter <= 0x5a) KINDS[octet] = ALPHANUMERIC;
}

/** A message of which later ones differ in places that do not matter. */
class Shape {
  readonly message: Message;
  /** Its octets before the body, eight by eight. */
  readonly #words: BigInt64Array;
  /** For each octet before the body the kind that another one in its place must have; `FIXED`: none but itself. */
  readonly #free: Uint8Array;
  /** Where the number of CSeq stands. */
  readonly #numberFrom: number;
  readonly #numberTo: number;
  misses = 0;

  constructor(message: Message) {
    this.message = message;
    const { octets } = message;
    const cseq = message.lineOf(CSEQ);
    this.#numberFrom = message.valueFrom(cseq);
    this.#numberTo = tokenEnd(octets, this.#numberFrom, message.valueTo(cseq));
    this.#free = freedomOf(message).fill(DIGIT, this.#numberFrom, this.#numberTo);
    const known = new DataView(octets.buffer, octets.byteOffset);
    this.#words = new BigInt64Array(this.#free.length >> 3);
    for (let word = 0; word < this.#words.length; word++) this.#words[word] = known.getBigInt64(8 * word, true);
  }

  /** Whether octets of the same length have this shape; `view`: of the memory they lie in. */
  fits(octets: Uint8Array, view: DataView): boolean {
    const words = this.#words;
    const from = octets.byteOffset;
    for (let word = 0; word < words.length; word++) {
      // most are the same; the engine compares such numbers as one word each, see known_shapes_bench.ts
      if (view.getBigInt64(from + 8 * word, true) !== words[word] && !this.#fit(octets, 8 * word, 8 * word + 8)) {
        return false;
      }
    }
    return this.#fit(octets, 8 * words.length, this.#free.length);
  }

  #fit(octets: Uint8Array, from: number, to: number): boolean {
    const known = this.message.octets;
    const free = this.#free;
    for (let i = from; i < to; i++) {
      const octet = octets[i]!;
      if (octet !== known[i] && (free[i]! & KINDS[octet]!) === FIXED) return false;
    }
    return true;
  }

  /** The number of CSeq of octets that fit; -1 when it is none. */
  sequenceNumberIn(octets: Uint8Array): number {
    const number = readDecimal(octets, this.#numberFrom, this.#numberTo);
    return number < CSEQ_LIMIT ? number : -1;
  }
}

/** Reads the messages of one transaction layer. */
export class KnownShapes {
  readonly #shapes: (Shape | undefined)[] = new Array(SHAPES).fill(undefined);
  /** Of the memory that the latest messages lay in: a view of words costs as much as parsing. */
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** As `parseMessage`. */
  parse(octets: Uint8Array, into: Message): ParseFault | undefined {
    const place = octets.length & (SHAPES - 1);
    const shape = this.#shapes[place];
    if (
      shape !== undefined && shape.message.octets.length === octets.length && shape.fits(octets, this.#viewOf(octets))
    ) {
      const number = shape.sequenceNumberIn(octets);
      if (number >= 0) {
        shape.misses = 0;
        into.assume(shape.message, octets);
        into.sequenceNumber = number;
        return undefined;
      }
    }
    const fault = parseMessage(octets, into);
    if (fault === undefined && octets.length <= LONGEST && (shape === undefined || ++shape.misses >= PATIENCE)) {
      this.#shapes[place] = new Shape(into.keep());
    }
    return fault;
  }

  #viewOf({ buffer }: Uint8Array): DataView {
    return this.#view.buffer === buffer ? this.#view : this.#view = new DataView(buffer);
  }
}

/** Which octets of a good message may be others, CSeq left out. */
function freedomOf(message: Message): Uint8Array {
  const { octets } = message;
  const free = new Uint8Array(message.bodyFrom);
  const release = (from: number, to: number): void => {
    for (let i = from; i < to; i++) free[i] = KINDS[octets[i]!]! & ALPHANUMERIC;
  };
  if (message.isRequest) {
    const { subjectFrom, subjectTo } = message;
    release(indexOfOctet(octets, COLON, subjectFrom, subjectTo) + 1, subjectTo);
  }
  for (let line = 0; line < message.lineCount; line++) {
    const id = message.nameId(line);
    const from = message.valueFrom(line);
    const to = message.valueTo(line);
    if (id === FROM || id === TO) releaseAddress(octets, from, to, release);
    else if (id !== VIA && id !== CSEQ && id !== CONTENT_LENGTH) release(from, to);
  }
  // a branch without the magic cookie is one of RFC 2543, and differs anywhere
  if (message.branchFrom >= 0) release(message.branchFrom, message.branchTo);
  return free;
}

/** The address of a name-addr without display name, and values of parameters; their names decide what they are. */
function releaseAddress(
  octets: Uint8Array,
  from: number,
  to: number,
  release: (from: number, to: number) => void,
): void {
  const end = indexOfOctet(octets, GREATER_THAN, from, to);
  if (end < 0) return;
  if (octets[from] === LESS_THAN) release(indexOfOctet(octets, COLON, from, end) + 1, end);
  let isValue = false;
  for (let i = end; i < to; i++) {
    if (octets[i] === EQUALS) isValue = true;
    else if (octets[i] === SEMICOLON) isValue = false;
    else if (isValue) release(i, i + 1);
  }
}

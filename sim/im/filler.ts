/** What contents are filled with: a run of a long pattern, of words, of words of many alphabets, or of any octets. */
import { startsWithAt } from "../bytes/scan.ts";
import { toOctets } from "../bytes/text.ts";
import type { OctetWriter } from "../bytes/writer.ts";

/** US-ASCII, text in UTF-8 with characters of one to four octets, or any octets. */
export type ContentKind = "text" | "multibyte" | "binary";

/** A prime, so that no two blocks of a content whose distance is a usual chunk size have the same filler. */
const PERIOD = 16_381;
/** Octets up to which copying words beats a view and `set`, see writer_bench.ts. */
const FEW = 256;
/** Groups of the pattern of many alphabets, a prime too, and octets of a group: none is cut. */
const GROUPS = 1361;
const GROUP_SIZE = 12;
const GROUP_TEXTS = [
  "\u00e9\u8a9e\u{1f642}\u0436 ",
  "\u00f1\u5b57\u{1f680}\u03c9 ",
  "\u00fc\u6c34\u{1f389}\u0434 ",
  "\u00df\u5c71\u{1f30d}\u03c8 ",
];
/** One more than the size of the largest content: what tells the hashes of kinds apart. */
const SALT = 2 ** 26 + 1;

/** A pattern that repeats itself, and how contents say that they are filled with it. */
export class Filler {
  /** First octet of contents with a long mark. */
  readonly longMark: number;
  /** First octet of contents with a short mark. */
  readonly shortMark: number;
  /** Added to the size in the hash of a content, so that another first octet shows. */
  readonly salt: number;
  /** Twice the period: any run of up to a period is one copy, wherever it starts. */
  readonly #pattern: Uint8Array<ArrayBuffer>;
  readonly #words: DataView<ArrayBuffer>;
  readonly #period: number;
  /** Octets that belong together; what is left at the end is spaces. */
  readonly #unit: number;

  /** `marks`: the two first octets, as text; `pattern`: one period of it. */
  constructor(marks: string, salt: number, pattern: Uint8Array, unit: number) {
    [this.longMark, this.shortMark] = [marks.charCodeAt(0), marks.charCodeAt(1)];
    this.salt = salt;
    this.#period = pattern.length;
    this.#pattern = new Uint8Array(2 * pattern.length);
    this.#pattern.set(pattern);
    this.#pattern.set(pattern, pattern.length);
    this.#words = new DataView(this.#pattern.buffer);
    this.#unit = unit;
  }

  /** Writes `length` octets, which begin at a place that `hash` decides. */
  append(writer: OctetWriter, length: number, hash: number): void {
    const period = this.#period;
    const from = this.#placeOf(hash);
    const rest = length > 0 && this.#unit > 1 ? length % this.#unit : 0;
    for (let left = length - rest; left > 0; left -= period) {
      if (left <= FEW) writer.copyWords(this.#words, from, left);
      else writer.copy(this.#pattern, from, from + Math.min(period, left));
    }
    for (let left = rest; left > 0; left--) writer.octet(SPACE);
  }

  /** Whether the octets from `at` on are what `append` writes. */
  standsAt(octets: Uint8Array, at: number, hash: number): boolean {
    const period = this.#period;
    const from = this.#placeOf(hash);
    const end = octets.length - (octets.length - at) % this.#unit;
    let place = at;
    for (; place < end; place += period) {
      const expected = this.#pattern.subarray(from, from + Math.min(period, end - place));
      if (!startsWithAt(octets, expected, place)) return false;
    }
    for (place = end; place < octets.length; place++) if (octets[place] !== SPACE) return false;
    return true;
  }

  #placeOf(hash: number): number {
    const units = this.#period / this.#unit;
    return (Math.floor(hash / 3844) % units) * this.#unit;
  }
}

const SPACE = 0x20;

/** English words of spelling alphabets. */
export const TEXT: Filler = new Filler("~^", 0, patternOfWords(), 1);
/** Groups of characters of two, three, four, two and one octets. */
export const MULTIBYTE: Filler = new Filler("}]", SALT, patternOfGroups(), GROUP_SIZE);
/** Octets of all values. */
export const BINARY: Filler = new Filler("{[", 2 * SALT, patternOfOctets(), 1);

/** Words in a fixed order that looks random. */
function patternOfWords(): Uint8Array {
  const words = "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa " +
    "quebec romeo sierra tango uniform victor whiskey xray yankee zulu";
  const choices = words.split(" ");
  const numbers = numbersInDisorder();
  let text = "";
  while (text.length < PERIOD) text += `${choices[Math.floor(numbers.next().value * choices.length)]} `;
  return toOctets(text.slice(0, PERIOD));
}

function patternOfGroups(): Uint8Array {
  const numbers = numbersInDisorder();
  const groups = Array.from(
    { length: GROUPS },
    () => GROUP_TEXTS[Math.floor(numbers.next().value * GROUP_TEXTS.length)]!,
  );
  return toOctets(groups.join(""));
}

function patternOfOctets(): Uint8Array {
  const numbers = numbersInDisorder();
  return Uint8Array.from({ length: PERIOD }, () => Math.floor(numbers.next().value * 256));
}

/** The same numbers in [0, 1) each time. */
function* numbersInDisorder(): Generator<number, never> {
  for (let state = 1;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

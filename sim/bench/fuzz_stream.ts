/** Framers under fuzzing. */
import type { Random } from "../clock/random.ts";
import type { Framer, FramerFactory } from "../transport/flow.ts";
import { type FuzzTarget, must } from "./fuzz_target.ts";

/** What is known of a framer. */
export interface FramerTraits extends Pick<FuzzTarget, "name" | "words" | "sample"> {
  readonly framer: FramerFactory;
  /** Octets of the largest piece that a stream comes in. */
  readonly largestPiece: number;
  /** Whether what was cut there is a keep-alive: how many of them there are depends on what has come. */
  isKeepAlive(octets: Uint8Array, from: number, length: number): boolean;
}

/** Cuts a stream at once and in pieces: both must give the same messages. */
export function fuzzStream(random: Random, traits: FramerTraits): FuzzTarget {
  const { name, words, framer, largestPiece, isKeepAlive } = traits;
  return {
    name,
    words,
    sample: () => traits.sample(),
    read(octets) {
      const whole = framed(framer(), octets, () => octets.length, isKeepAlive);
      const pieces = framed(framer(), octets, () => 1 + random.integer(largestPiece), isKeepAlive);
      must(whole.join() === pieces.join(), `the cuts decide nothing: ${whole.join()} and ${pieces.join()}`);
    },
  };
}

/** Lengths of what was cut but keep-alives; negative when the stream was given up. */
function framed(
  framer: Framer,
  octets: Uint8Array,
  piece: () => number,
  isKeepAlive: FramerTraits["isKeepAlive"],
): number[] {
  const lengths: number[] = [];
  let from = 0;
  for (let to = 0; to < octets.length;) {
    to = Math.min(octets.length, to + piece());
    while (from < to) {
      const length = framer.frame(octets, from, to);
      must(length >= -2 && length <= to - from, "a framer cuts what is there");
      if (length < 0) return [...lengths, length];
      if (length === 0) break;
      if (!isKeepAlive(octets, from, length)) lengths.push(length);
      from += length;
    }
  }
  return lengths;
}

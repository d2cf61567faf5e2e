/// <reference lib="deno.worker" />
/** Fuzzes in a thread of its own, so that a hang can be seen from outside. */
import { fuzz, FUZZ_TARGETS } from "./fuzz_run.ts";

/** What the worker is told. */
export interface FuzzOrder {
  readonly target: number;
  readonly seed: number;
  readonly seconds: number;
  /** Number of the present input, its length, and then its octets. */
  readonly shared: SharedArrayBuffer;
}

self.onmessage = ({ data }: MessageEvent<FuzzOrder>): void => {
  const words = new Int32Array(data.shared, 0, 2);
  const window = new Uint8Array(data.shared, words.byteLength);
  self.postMessage(fuzz(FUZZ_TARGETS[data.target]!, data.seed, { seconds: data.seconds }, (octets) => {
    window.set(octets.subarray(0, window.length));
    words[1] = Math.min(octets.length, window.length);
    Atomics.add(words, 0, 1);
  }));
};

/**
 * Feeds damaged and random octets to everything that reads what others wrote: nothing may throw, hang, or take memory
 * without bound.
 *
 * `deno run -P=test sim/bench/fuzz.ts [--seconds=30] [--seed=1] [--only=NAME]`; seconds are those of all targets
 * together. Ends with 1 when anything was found.
 */
import { Random } from "../clock/random.ts";
import { MAX_INPUT } from "./fuzz_mutation.ts";
import { type Finding, FUZZ_TARGETS, type FuzzResult, shown } from "./fuzz_run.ts";
import type { FuzzOrder } from "./fuzz_worker.ts";

/** Milliseconds without a new input after which a target hangs. */
const HANG = 10_000;
const HEADER_OCTETS = 8;

/** What the command line asked for. */
export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Part of a target's name; "" for all. */
  readonly only: string;
}

/** Reads the arguments; throws on one that it does not know. */
export function parseFuzzOptions(args: readonly string[]): FuzzOptions {
  let [seconds, seed, only] = [30, 1, ""];
  for (const argument of args) {
    const [, name, value] = /^--(seconds|seed|only)=(.+)$/.exec(argument) ?? [];
    if (name === undefined || value === undefined || (name !== "only" && !/^\d+$/.test(value))) {
      throw new RangeError(`Cannot use argument ${JSON.stringify(argument)}`);
    }
    if (name === "seconds") seconds = Number(value);
    else if (name === "seed") seed = Number(value);
    else only = value;
  }
  return { seconds, seed, only };
}

/** One target in a worker; a hang is a finding and ends it. */
export function fuzzApart(target: number, name: string, seed: number, seconds: number): Promise<FuzzResult> {
  const shared = new SharedArrayBuffer(HEADER_OCTETS + MAX_INPUT);
  const words = new Int32Array(shared, 0, 2);
  const worker = new Worker(new URL("fuzz_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve } = Promise.withResolvers<FuzzResult>();
  const failed = (finding: Finding): void =>
    resolve({ name, inputs: words[0]!, octets: 0, seconds, slowest: HANG, growth: 0, findings: [finding] });
  let seen = -1;
  const watch = setInterval(() => {
    const input = new Uint8Array(shared, HEADER_OCTETS, words[1]!).slice();
    if (words[0] === seen) failed({ what: `hangs for ${HANG / 1000} s`, input: shown(input) });
    seen = words[0]!;
  }, HANG);
  worker.onmessage = ({ data }: MessageEvent<FuzzResult>) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    failed({ what: event.message, input: "" });
  };
  worker.postMessage({ target, seed, seconds, shared } satisfies FuzzOrder);
  return promise.finally(() => {
    clearInterval(watch);
    worker.terminate();
  });
}

/** One line of figures, and two for each finding. */
export function formatFuzz(result: FuzzResult): string {
  const { name, inputs, octets, seconds, slowest, growth, findings } = result;
  const figures = [
    `${inputs} inputs`,
    `${(octets / 1e6).toFixed(1)} MB`,
    `${seconds.toFixed(1)} s`,
    `slowest ${slowest.toFixed(1)} ms`,
    `memory +${Math.round(growth / 1e6)} MB`,
    `${findings.length} findings`,
  ];
  const lines = findings.map(({ what, input }) => `    ${what}\n    ${input}\n`);
  return `${name.padEnd(22)} ${figures.join(", ")}\n${lines.join("")}`;
}

async function main(): Promise<void> {
  const { seconds, seed, only } = parseFuzzOptions(Deno.args);
  const names = FUZZ_TARGETS.map((factory) => factory(new Random(seed)).name);
  const chosen = names.flatMap((name, target) => name.includes(only) ? [{ name, target }] : []);
  let [inputs, found] = [0, 0];
  const print = (text: string): number => Deno.stdout.writeSync(new TextEncoder().encode(text));
  for (const { name, target } of chosen) {
    const result = await fuzzApart(target, name, seed, seconds / chosen.length);
    print(formatFuzz(result));
    inputs += result.inputs;
    found += result.findings.length;
  }
  print(`${inputs} inputs in ${seconds} s with seed ${seed}: ${found} findings\n`);
  Deno.exitCode = found > 0 ? 1 : 0;
}

if (import.meta.main) await main();

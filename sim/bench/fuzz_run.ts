/** Runs one target on inputs made from a seed, and notes what went wrong. */
import { Random } from "../clock/random.ts";
import { Mutator } from "./fuzz_mutation.ts";
import { fuzzChunk, fuzzDescription, fuzzMsrpFramer, fuzzMsrpLayer, fuzzScenario } from "./fuzz_msrp.ts";
import { fuzzFramer, fuzzParser, fuzzTransactions, fuzzValues } from "./fuzz_sip.ts";
import type { FuzzTarget, FuzzTargetFactory } from "./fuzz_target.ts";

/** Everything that reads what others wrote. */
export const FUZZ_TARGETS: readonly FuzzTargetFactory[] = [
  fuzzParser,
  fuzzFramer,
  fuzzValues,
  fuzzTransactions,
  fuzzChunk,
  fuzzMsrpFramer,
  fuzzMsrpLayer,
  fuzzDescription,
  fuzzScenario,
];

/** One fault that an input showed. */
export interface Finding {
  readonly what: string;
  /** The input as text, shortened. */
  readonly input: string;
}

/** What became of one target. */
export interface FuzzResult {
  readonly name: string;
  readonly inputs: number;
  /** Octets of all inputs. */
  readonly octets: number;
  readonly seconds: number;
  /** Milliseconds of the slowest input. */
  readonly slowest: number;
  /** Octets of memory beyond those at the beginning, at most. */
  readonly growth: number;
  readonly findings: readonly Finding[];
}

/** When a run ends: after so many inputs, or so many seconds. */
export interface FuzzLimit {
  readonly inputs?: number;
  readonly seconds?: number;
}

const FINDINGS_KEPT = 10;
const SHOWN = 600;
/** Milliseconds that one input may take. */
export const SLOW_INPUT = 500;
/** Octets of memory that inputs of 70 KB may cost, garbage included. */
export const MEMORY_LIMIT: number = 512 * 1024 * 1024;
const INPUTS_PER_LOOK = 64;
const INPUTS_PER_SETTLING = 2000;

/** Runs one target; `before` sees each input before it is read, so that a hang can be told. */
export function fuzz(
  factory: FuzzTargetFactory,
  seed: number,
  limit: FuzzLimit,
  before: (octets: Uint8Array) => void = () => {},
): FuzzResult {
  const random = new Random(seed);
  const target = factory(new Random(seed, 1));
  const mutator = new Mutator(random, target.words);
  const findings: Finding[] = [];
  const note = (what: string, octets: Uint8Array): void => {
    if (findings.length < FINDINGS_KEPT) findings.push({ what, input: shown(octets) });
  };
  const memory = held();
  const start = performance.now();
  let [inputs, octetsRead, slowest, growth] = [0, 0, 0, 0];
  for (let now = start; inputs < (limit.inputs ?? Infinity) && now - start < (limit.seconds ?? Infinity) * 1000;) {
    const octets = mutator.mutate(target.sample(), target.sample());
    before(octets);
    attempt(() => target.read(octets), (what) => note(what, octets));
    const settles = ++inputs % INPUTS_PER_SETTLING === 0;
    if (settles) attempt(() => target.settle?.(), (what) => note(`settling: ${what}`, octets));
    octetsRead += octets.length;
    const then = now;
    now = performance.now();
    if (!settles) slowest = Math.max(slowest, now - then);
    // once may be the machine's doing
    if (now - then > SLOW_INPUT && readingTime(target, octets) > SLOW_INPUT) note(`takes ${now - then} ms`, octets);
    if (inputs % INPUTS_PER_LOOK !== 0) continue;
    const grown = held() - memory;
    if (grown > MEMORY_LIMIT && growth <= MEMORY_LIMIT) note(`memory grew by ${grown} octets`, octets);
    growth = Math.max(growth, grown);
  }
  const seconds = (performance.now() - start) / 1000;
  return { name: target.name, inputs, octets: octetsRead, seconds, slowest, growth, findings };
}

function attempt(act: () => void, note: (what: string) => void): void {
  try {
    act();
  } catch (error) {
    note(error instanceof Error ? error.stack ?? error.message : String(error));
  }
}

function readingTime(target: FuzzTarget, octets: Uint8Array): number {
  const start = performance.now();
  attempt(() => target.read(octets), () => {});
  return performance.now() - start;
}

function held(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** An input as a line. */
export function shown(octets: Uint8Array): string {
  const text = JSON.stringify(String.fromCharCode(...octets.subarray(0, SHOWN)));
  return octets.length > SHOWN ? `${text} and ${octets.length - SHOWN} octets` : text;
}

/**
 * Processor time per MESSAGE transaction of a client: SIPp and imstorm side by side, both against an answering SIPp.
 *
 * `deno task bench:peers [--transport=udp|tcp] [--rate=2000] [--pairs=3] [--json=FILE] [COMMAND…]`, where COMMAND is
 * imstorm, such as `deno task imstorm`; without it SIPp alone is measured.
 */
import type { Millis } from "../clock/clock.ts";
import { runToEnd } from "../e2e/peers/child.ts";
import { runSippClient, startSippAnswering } from "../e2e/peers/sipp.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";

/** What a client is asked to send. */
export interface Load {
  /** Transport of every MESSAGE. */
  readonly transport: "udp" | "tcp";
  /** MESSAGEs a second. */
  readonly rate: number;
  /** How long. */
  readonly duration: Millis;
  /** Octets of content. */
  readonly contentSize: number;
}

/** What one run of a client came to. */
export interface Run {
  /** Transactions that ended with a 2xx. */
  readonly transactions: number;
  /** Transactions that did not. */
  readonly failed: number;
  /** User and system time of the program and all its threads and children, from its start to its end. */
  readonly processorTime: Millis;
}

/** Runs a client to its end against a target at `host:port`. */
export type ClientRun = (target: string, load: Load) => Promise<Run>;

/** What a transaction costs a client. */
export interface Cost {
  /** Transactions of the long run. */
  readonly transactions: number;
  /** Of both runs. */
  readonly failed: number;
  /** Microseconds of processor time per transaction of the long run, starting the program included. */
  readonly total: number;
  /** Microseconds per transaction by which the long run differs from the short one: without starting the program. */
  readonly marginal: number;
}

/** One of each, measured one after the other, so that a noisy machine is noisy for both. */
export interface Pair {
  /** SIPp's. */
  readonly sipp: Cost;
  /** Ours, when its command was given. */
  readonly imstorm?: Cost;
}

const CLIENTS = 1000;
/** The short run is long enough for a compiler that works while the program runs to have come to rest. */
const SHORT_SHARE = 0.3;

/** SIPp as the client; over TCP it has one connection. */
export async function runSipp(target: string, load: Load): Promise<Run> {
  const users = Array.from({ length: CLIENTS }, (_, index) => ({ user: `user${index}`, receiver: "bob" }));
  const calls = Math.round(load.rate * load.duration / 1000);
  const run = await runSippClient("message", { ...load, target, users, calls });
  if (run.code > 1) throw new Error(`SIPp ended with ${run.code}: ${run.errors}`);
  const processorTime = run.processorTime.user + run.processorTime.system;
  return { transactions: run.successful, failed: run.failed, processorTime };
}

/** What imstorm is given to do the same: clients that do not register and send to one user who is not ours. */
export function imstormScenario(target: string, load: Load): ScenarioInput {
  return {
    name: "peers-bench",
    target: { uri: `sip:${target};transport=${load.transport}`, domain: "ims.test" },
    populations: [{
      name: "senders",
      clients: CLIENTS,
      user: "user{n}",
      transport: load.transport,
      register: false,
      mode: { force: "pager" },
      messages: {
        size: [{ weight: 1, uniform: [load.contentSize, load.contentSize] }],
        to: { uri: "sip:bob@ims.test" },
      },
    }],
    phases: [{
      executor: "constant-arrival-rate",
      rate: `${load.rate}/s`,
      duration: `${load.duration}ms`,
      arrivals: "uniform",
    }],
  };
}

/** imstorm as the client, by a command line that ends where its own arguments begin. */
export function runImstormBy(command: readonly string[]): ClientRun {
  return async (target, load) => {
    const folder = await Deno.makeTempDir({ prefix: "imstorm-bench-" });
    try {
      await Deno.writeTextFile(`${folder}/scenario.json`, JSON.stringify(imstormScenario(target, load)));
      const [program, ...args] = [
        ...command,
        ...[
          "run",
          `${folder}/scenario.json`,
          "--summary",
          `${folder}/summary.json`,
          "--out",
          `${folder}/run`,
          "--quiet",
        ],
      ];
      const ended = await runToEnd(program!, args, load.duration + 60_000);
      if (ended.code !== 0) throw new Error(`imstorm ended with ${ended.code}: ${ended.errors.slice(-2000)}`);
      const { user, system } = ended.processorTime;
      return { ...readSummary(await Deno.readTextFile(`${folder}/summary.json`)), processorTime: user + system };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
}

/** Takes the counts out of imstorm's `summary.json`. */
export function readSummary(text: string): { transactions: number; failed: number } {
  const { messages } = JSON.parse(text);
  const transactions = messages.accepted_200 + messages.accepted_202;
  return { transactions, failed: messages.attempted - transactions };
}

/** Runs a client short and long, each against an answering SIPp of its own. */
export async function costOf(run: ClientRun, load: Load): Promise<Cost> {
  const short = await runOnce(run, { ...load, duration: Math.round(load.duration * SHORT_SHARE) });
  const long = await runOnce(run, load);
  return costFrom(short, long);
}

/** The cost per transaction of two runs that differ in length alone. */
export function costFrom(short: Run, long: Run): Cost {
  const more = long.transactions - short.transactions;
  return {
    transactions: long.transactions,
    failed: short.failed + long.failed,
    total: long.processorTime / long.transactions * 1000,
    marginal: (long.processorTime - short.processorTime) / more * 1000,
  };
}

async function runOnce(run: ClientRun, load: Load): Promise<Run> {
  const answering = await startSippAnswering("message", { transport: load.transport });
  try {
    return await run(answering.address, load);
  } finally {
    await answering.stop();
  }
}

/** What a MESSAGE transaction costs SIPp as a client. */
export function sippClientCost(load: Load): Promise<Cost> {
  return costOf(runSipp, load);
}

/** The middle one of an odd number of values; the mean of the middle two of an even one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One line for each pair and the medians, for people; microseconds of processor time per MESSAGE transaction. */
export function formatPairs(pairs: readonly Pair[]): string {
  const row = (name: string, numbers: readonly (number | undefined)[]): string =>
    name.padEnd(8) + numbers.map((number) => (number?.toFixed(1) ?? "-").padStart(16)).join("");
  const numbersOf = ({ sipp, imstorm }: Pair): (number | undefined)[] => [
    sipp.total,
    sipp.marginal,
    imstorm?.total,
    imstorm?.marginal,
    imstorm === undefined ? undefined : sipp.marginal / imstorm.marginal,
  ];
  const columns = ["SIPp total", "SIPp marginal", "imstorm total", "marginal", "times cheaper"];
  const medians = columns.map((_, column) => {
    const values = pairs.map((pair) => numbersOf(pair)[column]).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  });
  return [
    "pair".padEnd(8) + columns.map((column) => column.padStart(16)).join(""),
    ...pairs.map((pair, index) => row(`${index + 1}`, numbersOf(pair))),
    row("median", medians),
  ].join("\n");
}

/** Measures pairs one after another. */
export async function measurePairs(count: number, load: Load, command: readonly string[]): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let index = 0; index < count; index++) {
    const sipp = await sippClientCost(load);
    pairs.push(command.length === 0 ? { sipp } : { sipp, imstorm: await costOf(runImstormBy(command), load) });
  }
  return pairs;
}

/** Options come first: what begins the command of imstorm, and all after it, is left alone. */
function takeArguments(args: readonly string[]): { options: Map<string, string>; command: string[] } {
  const first = args.findIndex((argument) => !argument.startsWith("--"));
  const options = args.slice(0, first < 0 ? args.length : first).map((argument) => {
    const [name, value] = argument.slice(2).split("=");
    return [name!, value ?? ""] as const;
  });
  return { options: new Map(options), command: first < 0 ? [] : args.slice(first) };
}

if (import.meta.main) {
  const { options, command } = takeArguments(Deno.args);
  const load: Load = {
    transport: options.get("transport") === "tcp" ? "tcp" : "udp",
    rate: Number(options.get("rate") ?? 2000),
    duration: Number(options.get("seconds") ?? 10) * 1000,
    contentSize: Number(options.get("bytes") ?? 140),
  };
  const pairs = await measurePairs(Number(options.get("pairs") ?? 3), load, command);
  const heading = `µs of processor time per MESSAGE, ${load.transport}, ${load.rate}/s, ${load.contentSize} octets`;
  await Deno.stdout.write(new TextEncoder().encode(`${heading}\n${formatPairs(pairs)}\n`));
  const file = options.get("json");
  if (file !== undefined) await Deno.writeTextFile(file, `${JSON.stringify({ load, pairs }, null, 2)}\n`);
}

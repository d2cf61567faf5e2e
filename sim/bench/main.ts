// deno-lint-ignore-file camelcase -- keys of the JSON are written as in run.json
/**
 * Speed and memory beside SIPp and beside their bars: ratios, all measured in one run.
 *
 * `deno task bench [--quick] [--only=cpu|memory|lossless] [--pairs=N] [--json=FILE]`; ends with 1 when a bar is missed.
 */
import { describeMachine, describeVersions } from "../results/run_record.ts";
import { measureLossless } from "./lossless.ts";
import { measureGrowth, measureRegistered } from "./memory.ts";
import { type Load, measurePairs } from "./peers.ts";
import { cpuRows, growthRow, losslessRow, registeredRow } from "./rows.ts";
import { formatRows, isMet, type Row } from "./table.ts";

const PARTS = ["cpu", "memory", "lossless"] as const;
type Part = (typeof PARTS)[number];

/** What the command line asked for. */
export interface Options {
  /** Shorter, to see that it works: figures vary more. */
  readonly quick: boolean;
  readonly parts: readonly Part[];
  /** Pairs of processor times at each rate. */
  readonly pairs: number;
  readonly json: string | undefined;
}

/** Reads the arguments; throws on one that it does not know. */
export function parseOptions(args: readonly string[]): Options {
  let quick = false;
  let parts: readonly Part[] = PARTS;
  let pairs: number | undefined;
  let json: string | undefined;
  for (const argument of args) {
    const [name, value = ""] = argument.split(/=(.*)/s);
    if (argument === "--quick") quick = true;
    else if (name === "--only" && PARTS.some((part) => part === value)) parts = [value as Part];
    else if (name === "--pairs" && /^[1-9]\d*$/.test(value)) pairs = Number(value);
    else if (name === "--json" && value !== "") json = value;
    else {
      throw new Error(
        `Cannot understand ${argument}: --quick, --only=cpu, --only=memory, --only=lossless, --pairs=N, --json=FILE`,
      );
    }
  }
  return { quick, parts, pairs: pairs ?? (quick ? 1 : 3), json };
}

/** What one part came to: rows for the table, and everything behind them for the JSON. */
interface Measured {
  readonly rows: readonly Row[];
  readonly details: unknown;
}

async function measureCpu({ quick, pairs }: Options): Promise<Measured> {
  const rows: Row[] = [];
  const details: unknown[] = [];
  // V8 has compiled what it will after 8 to 10 s
  for (const rate of quick ? [2000] : [2000, 8000]) {
    const load: Load = { rate, contentSize: 140, from: 12_000, to: quick ? 22_000 : 40_000 };
    const measured = await measurePairs(pairs, load, (pair, name, { micros, held }) => {
      tell(`${rate}/s, pair ${pair}: ${name} ${micros.toFixed(1)} µs${held ? "" : ", rate not held"}`);
    });
    rows.push(...cpuRows(rate, measured));
    details.push({ load, pairs: measured });
  }
  return { rows, details };
}

async function measureMemory({ quick }: Options): Promise<Measured> {
  const plan = {
    clients: 10_000,
    rate: 2000,
    firstSeconds: quick ? 5 : 10,
    secondSeconds: quick ? 20 : 90,
    restSeconds: 20,
    registeredRestSeconds: quick ? 10 : 30,
  };
  tell(`memory of ${plan.clients} clients`);
  const registered = await measureRegistered(plan, "batched");
  tell("memory before and after many messages");
  const growth = await measureGrowth(plan, "batched");
  return { rows: [registeredRow(registered), growthRow(growth)], details: { plan, registered, growth } };
}

async function measureLoss({ quick }: Options): Promise<Measured> {
  const rate = 2000;
  const runs = [];
  for (const implementation of ["portable", "batched"] as const) {
    tell(`${rate} messages a second over ${implementation} UDP`);
    runs.push(await measureLossless(implementation, rate, quick ? 10 : 30));
  }
  return { rows: runs.map((run) => losslessRow(run, rate)), details: runs };
}

const MEASURE = { cpu: measureCpu, memory: measureMemory, lossless: measureLoss };

async function bench(options: Options): Promise<boolean> {
  const startedAt = new Date().toISOString();
  const rows: Row[] = [];
  const parts: Record<string, unknown> = {};
  let failed = false;
  for (const part of options.parts) {
    const loadBefore = Deno.loadavg()[0];
    try {
      const { rows: more, details } = await MEASURE[part](options);
      rows.push(...more);
      parts[part] = { load_average_before: loadBefore, details };
    } catch (error) {
      // the other parts have taken long enough to be worth their figures
      const failure = error instanceof Error ? error.message : String(error);
      tell(`${part}: ${failure}`);
      parts[part] = { load_average_before: loadBefore, failure };
      failed = true;
    }
  }
  print(formatRows(rows));
  if (options.json !== undefined) {
    const judged = rows.map((row) => ({ ...row, met: isMet(row) }));
    const record = {
      started_at: startedAt,
      ended_at: new Date().toISOString(),
      quick: options.quick,
      versions: { ...describeVersions(), sipp: await sippVersion() },
      machine: describeMachine(),
      rows: judged,
      ...parts,
    };
    await Deno.writeTextFile(options.json, `${JSON.stringify(record, null, 2)}\n`);
  }
  return !failed && rows.every(isMet);
}

async function sippVersion(): Promise<string | null> {
  try {
    const { stdout } = await new Deno.Command("sipp", { args: ["-v"] }).output();
    return /SIPp (\S+?)\.?\s/.exec(new TextDecoder().decode(stdout))?.[1] ?? null;
  } catch {
    return null;
  }
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function tell(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) {
  let options: Options;
  try {
    options = parseOptions(Deno.args);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    Deno.exit(2);
  }
  Deno.exit(await bench(options) ? 0 : 1);
}

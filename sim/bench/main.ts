// deno-lint-ignore-file camelcase -- keys of the JSON are written as in run.json
/**
 * Speed and memory beside SIPp and beside their bars: ratios, all measured in one run.
 *
 * `deno task bench [--quick] [--only=PART,PART] [--pairs=N] [--json=FILE]`; ends with 1 when a bar is missed.
 */
import { describeMachine, describeVersions } from "../results/run_record.ts";
import { MEASURE, type Part, PARTS } from "./parts.ts";
import { formatRows, isMet, type Row } from "./table.ts";

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
    else if (name === "--only" && value.split(",").every(isPart)) parts = value.split(",") as Part[];
    else if (name === "--pairs" && /^[1-9]\d*$/.test(value)) pairs = Number(value);
    else if (name === "--json" && value !== "") json = value;
    else {
      throw new Error(
        `Cannot understand ${argument}: --quick, --only=${PARTS.join(",")}, --pairs=N, --json=FILE`,
      );
    }
  }
  return { quick, parts, pairs: pairs ?? (quick ? 1 : 5), json };
}

function isPart(text: string): boolean {
  return PARTS.some((part) => part === text);
}

async function bench(options: Options): Promise<boolean> {
  const startedAt = new Date().toISOString();
  const rows: Row[] = [];
  const parts: Record<string, unknown> = {};
  let failed = false;
  for (const part of options.parts) {
    const loadBefore = Deno.loadavg()[0];
    try {
      const { rows: more, details } = await MEASURE[part](options, tell);
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

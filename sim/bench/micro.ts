/** Small parts by themselves, as `deno bench` measures them: parse, write, match, wheel, record. */

/** One part: where it is measured, and how many of it one turn of the bench has. */
interface MicroBench {
  readonly name: string;
  readonly file: string;
  readonly bench: string;
  readonly count: number;
}

/** What is told of each; `deno task bench:micro` has more. */
const MICRO: readonly MicroBench[] = [
  { name: "parse a 200 of a MESSAGE", file: "sip/parse_bench.ts", bench: "200 of a MESSAGE: parseMessage", count: 1 },
  { name: "write a MESSAGE", file: "sip/stamp_bench.ts", bench: "Stamp.fill", count: 1 },
  {
    name: "match a response, parsing included",
    file: "sip/transaction/match_bench.ts",
    bench: "a 180 finds its transaction among 10,000",
    count: 1,
  },
  {
    name: "wheel: an alarm fires and is armed again",
    file: "clock/wheel_bench.ts",
    bench: "1,000 alarms fire and are armed again, 100,000 armed",
    count: 1000,
  },
  {
    name: "record a latency",
    file: "metrics/histogram_bench.ts",
    bench: "Histogram.record, 10,000 latencies",
    count: 10_000,
  },
  {
    name: "ledger: a message opened, delivered and settled",
    file: "metrics/ledger_bench.ts",
    bench: "Ledger: open, deliver, settle, 1,000 messages",
    count: 1000,
  },
];

/** What one of them takes. */
export interface MicroCost {
  readonly name: string;
  /** Nanoseconds each, mean and 99th percentile of the turns of the bench. */
  readonly mean: number;
  readonly p99: number;
}

/** Measures them, in a process of their own. */
export async function measureMicro(): Promise<MicroCost[]> {
  const root = new URL("../", import.meta.url).pathname;
  const files = [...new Set(MICRO.map(({ file }) => `${root}${file}`))];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["bench", "-P=test", "--quiet", "--json", ...files],
    cwd: `${root}..`,
  });
  const { code, stdout, stderr } = await command.output();
  if (code !== 0) throw new Error(`deno bench ended with ${code}: ${new TextDecoder().decode(stderr).slice(-2000)}`);
  return microCosts(JSON.parse(new TextDecoder().decode(stdout)));
}

/** What `deno bench --json` writes, as far as we read it. */
export interface BenchOutput {
  readonly benches: readonly {
    readonly name: string;
    readonly results: readonly { readonly ok?: { readonly avg: number; readonly p99: number } }[];
  }[];
}

/** The costs by the output of `deno bench --json`; throws when one of them is missing. */
export function microCosts({ benches }: BenchOutput): MicroCost[] {
  return MICRO.map(({ name, bench, count }) => {
    const ok = benches.find((each) => each.name === bench)?.results[0]?.ok;
    if (ok === undefined) throw new Error(`Cannot find the bench "${bench}"`);
    return { name, mean: ok.avg / count, p99: ok.p99 / count };
  });
}

import { assert, assertEquals } from "@std/assert";
import { parse } from "csv-parse/sync";
import { COUNTERS, GAUGES, LATENCIES } from "../metrics/catalogue.ts";
import { sampleManifest, sampleSnapshots } from "../testing/sample_run.ts";
import { toCsv } from "./csv.ts";
import { secondsOf } from "./series.ts";
import { summarise } from "./summary.ts";

const SNAPSHOTS = sampleSnapshots();

function rows(): Record<string, string>[] {
  return parse(toCsv(SNAPSHOTS), { columns: true, record_delimiter: "\r\n" }) as Record<string, string>[];
}

Deno.test("toCsv has one line for each second, the workers merged (RFC 4180)", () => {
  assertEquals(rows().map((row) => row.second), ["0", "1", "2", "3", "4", "5", "6", "7"]);
});

Deno.test("toCsv adds up to the summary", () => {
  const { messages } = summarise(sampleManifest(), SNAPSHOTS);
  const total = (name: string): number => rows().reduce((sum, row) => sum + Number(row[name]), 0);
  assertEquals(total("messages.attempted"), messages.attempted);
  assertEquals(total("messages.delivered"), messages.delivered);
  assertEquals(total("messages.lost"), messages.lost);
});

Deno.test("toCsv has every metric of the catalogue once, and members of families that counted", () => {
  const names = parse(toCsv(SNAPSHOTS))[0] as string[];
  assertEquals(names.length, new Set(names).size);
  for (const { name } of [...COUNTERS, ...GAUGES]) assert(names.includes(name), name);
  for (const { name } of LATENCIES) assert(names.includes(`${name}_p99_us`), name);
  const refused = rows().reduce((sum, row) => sum + Number(row["responses.MESSAGE.503"]), 0);
  assertEquals(refused, summarise(sampleManifest(), SNAPSHOTS).responses.MESSAGE!["503"]);
});

Deno.test("toCsv leaves quantiles without samples empty", () => {
  const last = rows().at(-1)!;
  assertEquals([last.pager_accept_p99_us, last["load.phase"]], ["", ""]);
  assertEquals(Number(rows()[2]!.pager_accept_p99_us) > 0, true);
});

Deno.test("secondsOf gives seconds in order, one worker's as they are", () => {
  const mixed = [...SNAPSHOTS].toReversed();
  assertEquals([...secondsOf(mixed)].map((each) => each.index), [0, 1, 2, 3, 4, 5, 6, 7]);
  const alone = SNAPSHOTS.filter((each) => each.worker === 1);
  assertEquals([...secondsOf(alone)], alone);
});

import { assertEquals } from "@std/assert";
import { parse } from "csv-parse/sync";
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

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { LosslessRun } from "./lossless.ts";
import type { Cost, Pair } from "./peers.ts";
import { cpuRows, growthRow, losslessRow, registeredRow, residentRows } from "./rows.ts";
import { formatRows, isMet } from "./table.ts";

const MEBI = 1024 * 1024;
const RUN: LosslessRun = {
  implementation: "portable",
  attempted: 60_000,
  delivered: 60_000,
  accepted: 60_000,
  retransmissions: 0,
  duplicated: 0,
  verdict: "passed",
  validity: "valid",
  reasons: [],
  p99: 900,
};

function pair(sipp: number, portable: number, batched: number, held = true): Pair {
  const cost = (micros: number): Cost => ({
    micros,
    system: 0.5,
    transactions: 56_000,
    resident: micros * MEBI,
    failed: 0,
    retransmissions: 0,
    held,
  });
  return { sipp: cost(sipp), portable: cost(portable), batched: cost(batched) };
}

Deno.test("cpuRows gives the median of the ratios of pairs", () => {
  const [portable, batched] = cpuRows(8000, [pair(40, 40, 50), pair(20, 40, 10), pair(40, 44, 20)]);
  assertEquals([portable!.ratio, isMet(portable!)], [1.1, false]);
  assertEquals([batched!.ratio, isMet(batched!)], [0.5, true]);
});

Deno.test("cpuRows gives no ratio where the rate was not held", () => {
  const [row] = cpuRows(8000, [pair(40, 30, 20), pair(40, 30, 20, false)]);
  assertEquals([row!.ratio, isMet(row!)], [null, false]);
  assertStringIncludes(row!.note!, "not held by sipp");
});

Deno.test("residentRows gives the median of the ratios of pairs, judged by nothing", () => {
  const [portable, batched] = residentRows(8000, [pair(10, 40, 50), pair(20, 40, 10), pair(10, 50, 20)]);
  assertEquals([portable!.ratio, batched!.ratio, isMet(portable!)], [4, 2, true]);
  assertEquals([batched!.measured, batched!.reference], ["20 MiB", "SIPp 10 MiB"]);
});

Deno.test("registeredRow compares the highest memory with 60 MiB", () => {
  const memory = { clients: 10_000, peak: 170 * MEBI, peakOfOne: 140 * MEBI, rest: 130 * MEBI, restOfOne: 120 * MEBI };
  assertEquals(registeredRow(memory).ratio, 0.5);
});

Deno.test("growthRow compares memory at rest", () => {
  const memory = {
    messagesBefore: 20_000,
    messagesAfter: 200_000,
    before: 100,
    after: 120,
    peakBefore: 1,
    peakAfter: 1,
  };
  const row = growthRow(memory);
  assertEquals([row.ratio, isMet(row)], [1.2, false]);
});

Deno.test("losslessRow counts only a run that passed", () => {
  assertEquals(isMet(losslessRow(RUN, 2000)), true);
  assertEquals(isMet(losslessRow({ ...RUN, delivered: 59_999 }, 2000)), false);
  const invalid = losslessRow({ ...RUN, verdict: "invalid", reasons: ["messages started late"] }, 2000);
  assertEquals(isMet(invalid), false);
  assertStringIncludes(invalid.note!, "messages started late");
});

Deno.test("formatRows says of each bar whether it is met", () => {
  const lines = formatRows([losslessRow(RUN, 2000), ...cpuRows(8000, [pair(40, 50, 12)])]).split("\n");
  assertEquals(lines.slice(1, 4).map((line) => /(met, aim too|met|missed)$/.exec(line)?.[0]), [
    "met",
    "missed",
    "met, aim too",
  ]);
});

Deno.test("a row without a bar is told and never missed", () => {
  const [row] = cpuRows(2000, [pair(10, 50, 50)]);
  assertEquals([row!.ratio, isMet(row!)], [5, true]);
  assertEquals(/(met|missed)/.test(formatRows([row!])), false);
});

import { assertEquals } from "@std/assert";
import type { Accuracy } from "./accuracy.ts";
import {
  accuracyRows,
  bulkRow,
  heldRow,
  highestRateRows,
  idleRow,
  punctualityRow,
  sessionRateRow,
  sessionResidentRow,
  sessionRow,
  workersRow,
} from "./more_rows.ts";
import { isMet } from "./table.ts";

const ACCURACY: Accuracy = {
  rate: 20_000,
  implementation: "batched",
  messages: 1000,
  captured: 1000,
  dropped: 0,
  recorded: { p50: 100, p99: 400 },
  truth: { p50: 60, p99: 550 },
  lagP99: 1500,
};

Deno.test("highestRateRows asks for twice SIPp's best, and tells of SIPp as shipped", () => {
  const of = (sender: "sipp" | "sipp_as_shipped" | "imstorm", rate: number) =>
    ({ sender, answerer: "sipp", rate, tried: [] }) as const;
  const round = (own: number, raised: number) => ({
    own: of("imstorm", own),
    raised: of("sipp", raised),
    shipped: of("sipp_as_shipped", 16_000),
  });
  // medians of what each round gives, not of all that was found
  const [best, shipped] = highestRateRows([round(60_000, 32_000), round(60_000, 20_000), round(20_000, 32_000)]);
  assertEquals([best!.ratio, isMet(best!), best!.measured], [1.875, false, "60000/s"]);
  assertEquals([shipped!.ratio, isMet(shipped!)], [3.75, true]);
  assertEquals(highestRateRows([round(60_000, 0)])[0]!.ratio, null);
});

Deno.test("accuracyRows compares quantiles with the capture, and judges nothing where the capture has gaps", () => {
  assertEquals(accuracyRows(ACCURACY).map((row) => [row.ratio, isMet(row)]), [[0.4, true], [1.5, false], [0.75, true]]);
  assertEquals(accuracyRows({ ...ACCURACY, rate: 2000 }).length, 2);
  const [p50] = accuracyRows({ ...ACCURACY, captured: 999 });
  assertEquals([p50!.ratio, isMet(p50!)], [null, false]);
});

Deno.test("sessionRow gives no ratio where a session of either side failed", () => {
  const pair = { sipp: 100, imstorm: 300, held: true, sippResident: 10, imstormResident: 50 };
  assertEquals([sessionRow([pair]).ratio, sessionResidentRow([pair]).ratio], [3, 5]);
  assertEquals(sessionRow([{ ...pair, held: false }]).ratio, null);
});

Deno.test("rows of sessions a second and of two workers have no ratio where there is none", () => {
  const round = (own: number, sipp: number) => ({
    own: { sender: "imstorm", rate: own, tried: [] } as const,
    sipp: { sender: "sipp", rate: sipp, tried: [] } as const,
  });
  assertEquals(sessionRateRow([round(500, 1000)]).ratio, 0.5);
  assertEquals(sessionRateRow([round(500, 0)]).ratio, null);
  const of = (sender: "imstorm" | "imstorm_two_workers", rate: number) =>
    ({ sender, answerer: "own", rate, tried: [] }) as const;
  assertEquals(workersRow(of("imstorm", 50_000), of("imstorm_two_workers", 90_000)).ratio, 1.8);
  const few = workersRow(of("imstorm", 50_000), undefined);
  assertEquals([few.ratio, isMet(few)], [null, true]);
});

Deno.test("memory rows divide what more of them take by how many more there are", () => {
  assertEquals(heldRow({ many: 1100, few: 100, octetsOfMany: 3_096_000, octetsOfFew: 1_048_000 }).ratio, 0.5);
  const idle = { clients: 1001, peak: 0, peakOfOne: 0, rest: 2_560_000, restOfOne: 1_024_000 };
  assertEquals(idleRow(idle).ratio, 1);
});

Deno.test("punctualityRow and bulkRow know their bars", () => {
  assertEquals(isMet(punctualityRow({ armed: 100_000, fired: 1, p50: 1, p99: 50_001, max: 60_000 })), false);
  const bulk = (...msrp: number[]) => bulkRow(msrp.map((each) => ({ msrp: each, raw: 100 })));
  assertEquals([isMet(bulk(10)), isMet(bulk(20)), bulk(10, 40, 20).ratio], [false, true, 0.2]);
});

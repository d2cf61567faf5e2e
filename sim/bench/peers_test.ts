import { assertEquals, assertStringIncludes } from "@std/assert";
import { scenarioSchema } from "../scenario/scenario.ts";
import { costFrom, formatPairs, imstormScenario, type Load, median, readSummary } from "./peers.ts";

const LOAD: Load = { transport: "udp", rate: 2000, duration: 10_000, contentSize: 140 };

Deno.test("costFrom tells the cost of a transaction with and without the start of the program", () => {
  const short = { transactions: 6000, failed: 1, processorTime: 400 };
  const long = { transactions: 20_000, failed: 2, processorTime: 680 };
  assertEquals(costFrom(short, long), { transactions: 20_000, failed: 3, total: 34, marginal: 20 });
});

Deno.test("median takes the middle", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
});

Deno.test("imstormScenario is a scenario that imstorm accepts", () => {
  for (const transport of ["udp", "tcp"] as const) {
    const scenario = scenarioSchema.parse(imstormScenario("127.0.0.1:5060", { ...LOAD, transport }));
    assertEquals(scenario.populations[0]!.transport, transport);
  }
});

Deno.test("readSummary counts what the target accepted", () => {
  const summary = { messages: { attempted: 10, accepted_200: 7, accepted_202: 1, timed_out: 2 } };
  assertEquals(readSummary(JSON.stringify(summary)), { transactions: 8, failed: 2 });
});

Deno.test("formatPairs prints medians, and dashes where imstorm was not measured", () => {
  const cost = (marginal: number) => ({ transactions: 1, failed: 0, total: marginal + 1, marginal });
  assertEquals(formatPairs([{ sipp: cost(30) }]).split("\n").at(-1)!.trim().split(/ +/), [
    "median",
    "31.0",
    "30.0",
    "-",
    "-",
    "-",
  ]);
  const text = formatPairs([30, 32, 31].map((sipp) => ({ sipp: cost(sipp), imstorm: cost(10) })));
  assertStringIncludes(text.split("\n").at(-1)!, "3.1");
});

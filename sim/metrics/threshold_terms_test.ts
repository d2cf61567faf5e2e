import { assertEquals, assertStringIncludes } from "@std/assert";
import { isDay, parseTerms, thresholdText } from "./threshold_terms.ts";

Deno.test("parseTerms reads terms in any order, with their defaults where they are left out", () => {
  assertEquals(parseTerms(""), { samples: 1, after: 0, abort: false });
  assertEquals(parseTerms(" abort after 1.5m  over 60s with 100 samples"), {
    samples: 100,
    after: 90_000,
    abort: true,
    window: 60_000,
  });
  assertEquals(parseTerms("with 7"), { samples: 7, after: 0, abort: false });
});

Deno.test("parseTerms takes the rest of the text for the reason of a waiver", () => {
  assertEquals(parseTerms("abort waived until 2026-12-31 because of ticket 7, over there"), {
    samples: 1,
    after: 0,
    abort: true,
    waiver: { until: "2026-12-31", reason: "of ticket 7, over there" },
  });
});

Deno.test("parseTerms says what is wrong with a term", () => {
  const cases: [string, string][] = [
    ["over 60", "whole seconds"],
    ["over 500ms", "whole seconds"],
    ["after soon", '"after 30s"'],
    ["with 0 samples", "at least 1"],
    ["abort abort", "twice"],
    ["aborted", "abort"],
    ["waived until 2026-02-30 because x", "expected a day"],
    ["waived until 2026-12-31", "because"],
    ["waived because x", "waived until"],
  ];
  for (const [text, what] of cases) {
    const parsed = parseTerms(text);
    assertStringIncludes("fault" in parsed ? parsed.fault : text, what);
  }
});

Deno.test("thresholdText writes a map of the scenario as one text that reads the same", () => {
  const waiver = { reason: "ticket 7", until: "2026-12-31" };
  const text = thresholdText({ expression: "messages.lost == 0", samples: 5, after: 1500, abort: true, waiver });
  assertEquals(parseTerms(text.slice("messages.lost == 0".length)), { samples: 5, after: 1500, abort: true, waiver });
  assertEquals(thresholdText("messages.lost == 0 abort"), "messages.lost == 0 abort");
});

Deno.test("isDay knows the calendar", () => {
  const days = ["2026-12-31", "2028-02-29", "2026-02-29", "2026-13-01", "2026-04-31", "2026-4-1", "tomorrow"];
  assertEquals(days.map(isDay), [true, true, false, false, false, false, false]);
});

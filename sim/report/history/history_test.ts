/** Nights beside the nights before them, and the page that lists them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { sampleScenario } from "../../testing/sample_run.ts";
import { night } from "../../testing/night.ts";
import { DEFAULT_SETTINGS } from "../comparison/comparison.ts";
import { changesOf, earlierNights, usualRange } from "./change.ts";
import { historyCases, toHistoryText } from "./history_text.ts";
import { toIndexPage } from "./index_page.ts";
import { isSound, NIGHT_FIGURES, nightOf } from "./night.ts";

const NIGHTS = [1, 2, 3, 4, 5, 6, 7].map((day) => night(day));
const LATENCY = NIGHT_FIGURES.find(({ name }) => name === "pager_accept.p50")!;
const SHARE = NIGHT_FIGURES.find(({ name }) => name === "delivered_ratio")!;

Deno.test("usualRange is three deviations around the median by the MAD, and not less than what is relevant", () => {
  const none = { margin: 0, marginMicros: 0, marginShare: 0 };
  // deviations 20, 10, 0, 10, 900: their median is 10
  const { usual, low, high } = usualRange([80, 90, 100, 110, 1000], LATENCY, none);
  assertEquals([usual, low.toFixed(1), high.toFixed(1)], [100, "55.5", "144.5"]);
  assertEquals(usualRange([100, 100], LATENCY, { ...none, margin: 0.1 }), { usual: 100, low: 90, high: 110 });
  assertEquals(usualRange([100, 100], LATENCY, { ...none, marginMicros: 500 }), { usual: 100, low: 0, high: 600 });
  assertEquals(usualRange([1, 1], SHARE, { ...none, marginShare: 0.25 }), { usual: 1, low: 0.75, high: 1 });
});

Deno.test("changesOf finds a slow night among usual ones, and nothing in a usual one", () => {
  const verdicts = (slower: number): Record<string, string> => {
    const changes = changesOf(night(8, { slower }), NIGHTS, DEFAULT_SETTINGS);
    return Object.fromEntries(changes.map(({ figure, verdict }) => [figure.name, verdict]));
  };
  assertEquals(new Set(Object.values(verdicts(1))), new Set(["same"]));
  assertEquals([verdicts(1.5)["pager_accept.p50"], verdicts(1.5)["throughput"]], ["worse", "same"]);
  assertEquals(verdicts(0.5)["pager_accept.p50"], "better");
});

Deno.test("changesOf finds lost messages where there were none", () => {
  const changes = changesOf(night(8, { failing: 0.05 }), NIGHTS, DEFAULT_SETTINGS);
  const worse = changes.filter(({ verdict }) => verdict === "worse").map(({ figure }) => figure.name);
  assert(worse.includes("delivered_ratio") && worse.includes("failure_ratio"), worse.join(" "));
});

Deno.test("changesOf says nothing with fewer than five earlier nights", () => {
  assertEquals(changesOf(night(8, { slower: 9 }), NIGHTS.slice(0, 4), DEFAULT_SETTINGS), []);
  assertStringIncludes(
    toHistoryText([], 4, false),
    "4 earlier nights of this scenario; with 5 the usual range is known",
  );
});

Deno.test("earlierNights are the latest valid ones of the same scenario before this night", () => {
  const tonight = night(20);
  const valid = NIGHTS[0]!.summary!;
  const invalid = { ...valid, generator: { ...valid.generator, validity: "invalid" as const } };
  const others = [
    night(10, { manifest: { "scenario_sha256": "1".repeat(64) } }),
    { ...night(11), summary: invalid },
    night(12, { manifest: { outcome: "interrupted" } }),
    { ...night(13), summary: undefined },
    night(25),
  ];
  assertEquals(
    earlierNights([...NIGHTS, ...others], tonight, 3).map(({ name }) => name),
    NIGHTS.slice(-3).map(({ name }) => name),
  );
  assertEquals(others.map(isSound), [true, false, false, false, true]);
});

Deno.test("nightOf takes no summary of another format or shape", () => {
  const { summary, ...run } = NIGHTS[0]!;
  const taken = [summary, { ...summary, format: 2 }, { format: 1 }, "text", null].map((each) =>
    nightOf({ ...run, summary: each }).summary !== undefined
  );
  assertEquals(taken, [true, false, false, false, false]);
});

Deno.test("toHistoryText and historyCases name what is worse with its usual range", () => {
  const changes = changesOf(night(8, { slower: 2 }), NIGHTS, DEFAULT_SETTINGS);
  const text = toHistoryText(changes, 7, false);
  assert(/pager_accept\.p50 .* worse$/m.test(text), text);
  const failed = historyCases(changes).filter(({ failure }) => failure !== undefined).map(({ name }) => name);
  assert(failed.includes("nights: pager_accept.p50") && !failed.includes("nights: throughput"));
});

Deno.test("toIndexPage lists every run with its reports, the latest first, and draws trends of the sound ones", () => {
  const cut = { ...night(9, { manifest: { outcome: "running" } }), summary: undefined };
  const page = toIndexPage([...NIGHTS, cut], ["Cannot read run results/<x>"]);
  assertEquals(page.match(/<tr><th scope="row">/g)?.length, 8);
  assert(page.indexOf("2026-03-09") < page.indexOf("2026-03-01"));
  assertStringIncludes(page, 'href="2026-03-01T02-00-00Z-office-hours/report.html"');
  assertStringIncludes(page, "cut off or running");
  assertStringIncludes(page, "results/&lt;x&gt;");
  assertStringIncludes(page, 'aria-label="pager_accept.p50: 7 nights from');
  for (const part of ["<script", "http:", "https:", "NaN", "Infinity", "undefined"]) assert(!page.includes(part), part);
});

Deno.test("toIndexPage escapes names of scenarios, and stands without any run", () => {
  const scenario = { ...sampleScenario(), name: "<i>", description: "<script>alert(1)</script>" };
  const page = toIndexPage([night(1, { manifest: { scenario } })]);
  assert(!page.includes("<i>") && !page.includes("<script"));
  assertStringIncludes(toIndexPage([]), "no runs");
});

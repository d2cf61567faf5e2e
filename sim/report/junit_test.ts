import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { assertGolden } from "../testing/golden.ts";
import { sampleManifest, sampleSnapshots } from "../testing/sample_run.ts";
import { toJunit } from "./junit.ts";
import { summarise } from "./summary.ts";

const MANIFEST = sampleManifest();
const SUMMARY = summarise(MANIFEST, sampleSnapshots());

Deno.test("toJunit of the sample run is the golden file", () => {
  assertGolden(toJunit(MANIFEST, SUMMARY), new URL("./testdata/sample_run.junit.xml", import.meta.url));
});

Deno.test("toJunit has one case for each threshold and one for validity", () => {
  const xml = toJunit(MANIFEST, SUMMARY);
  assertEquals(xml.match(/<testcase /g)?.length, SUMMARY.thresholds.length + 1);
  assertStringIncludes(xml, 'tests="4" failures="2"');
});

Deno.test("toJunit fails the case of validity for an invalid and for an interrupted run", () => {
  const generator = { ...SUMMARY.generator, validity: "invalid" as const, reasons: ["started late", "no data"] };
  assertStringIncludes(toJunit(MANIFEST, { ...SUMMARY, generator }), '<failure message="started late"');
  assertStringIncludes(toJunit(MANIFEST, { ...SUMMARY, verdict: "interrupted" }), "the run was interrupted");
});

Deno.test("toJunit reports a gate without data as a failure that says so", () => {
  const status = "no_data" as const;
  const thresholds = [{ expression: "refresh.p99 < 1s", actual: null, passed: false, samples: 0, status }];
  assertStringIncludes(toJunit(MANIFEST, { ...SUMMARY, thresholds }), '<failure message="no data"');
});

Deno.test("toJunit reports a waived failure as skipped, with the reason and the day", () => {
  const waiver = { reason: "ticket 7", until: "2026-12-31", expired: false };
  const waived = {
    expression: "messages.lost == 0",
    actual: 3,
    passed: false,
    samples: 9,
    status: "waived" as const,
    waiver,
  };
  const xml = toJunit(MANIFEST, { ...SUMMARY, thresholds: [waived] });
  assertStringIncludes(xml, '<skipped message="waived until 2026-12-31: ticket 7"/>');
  assertStringIncludes(xml, 'tests="2" failures="0"');
  assertStringIncludes(xml, 'skipped="1"');
});

Deno.test("toJunit escapes what XML cannot hold", () => {
  const generator = {
    ...SUMMARY.generator,
    validity: "invalid" as const,
    reasons: ['a<b & "c"> \u0007\u001b[31m\ud800'],
  };
  const xml = toJunit(MANIFEST, { ...SUMMARY, generator });
  assertStringIncludes(xml, "a&lt;b &amp; &quot;c&quot;&gt; [31m\ufffd");
  // deno-lint-ignore no-control-regex -- exactly what must not be there
  assert(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(xml));
});

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import stringWidth from "fast-string-width";
import { assertGolden } from "../testing/golden.ts";
import { sampleManifest, sampleScenario, sampleSnapshots } from "../testing/sample_run.ts";
import { summarise } from "./summary.ts";
import { toText } from "./text.ts";

const MANIFEST = sampleManifest();
const SUMMARY = summarise(MANIFEST, sampleSnapshots());
// deno-lint-ignore no-control-regex -- the escape sequences of a terminal begin with this control character
const ESCAPES_REGEXP = /\x1b\[[0-9;]*m/g;

Deno.test("toText of the sample run is the golden file", () => {
  assertGolden(toText(MANIFEST, SUMMARY, false), new URL("./testdata/sample_run.txt", import.meta.url));
});

Deno.test("toText with colour says the same as without", () => {
  const coloured = toText(MANIFEST, SUMMARY, true);
  assertMatch(coloured, ESCAPES_REGEXP);
  assertEquals(coloured.replace(ESCAPES_REGEXP, ""), toText(MANIFEST, SUMMARY, false));
});

Deno.test("toText has no line wider than 100 columns, whatever the names", () => {
  const scenario = sampleScenario({
    name: "a-very-long-name-of-a-scenario-that-somebody-wrote-without-thinking-of-the-width-of-terminals-at-all",
    target: { uri: "sip:a-very-long-host-name.of-a-department.of-a-company.example:5060;transport=udp" },
    thresholds: ["messages.large.octets_delivered.rate >= 1000000/s"],
  });
  const manifest = sampleManifest({ scenario });
  const failures = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`fault_of_kind_${i}`, i + 1]));
  const reasons = [`no data for ${"a long reason ".repeat(20)}`];
  const summary = { ...summarise(manifest, sampleSnapshots()), failures };
  const text = toText(manifest, { ...summary, generator: { ...summary.generator, reasons } }, false);
  for (const line of text.split("\n")) assert(stringWidth(line) <= 100, line);
});

Deno.test("toText begins with the verdict and why", () => {
  const manifest = sampleManifest({ outcome: "interrupted" });
  const summary = summarise(manifest, sampleSnapshots(2));
  const lines = toText(manifest, summary, false).split("\n");
  assertStringIncludes(lines[0]!, "INTERRUPTED");
  assertStringIncludes(lines[2]!, "Interrupted after 6 s of load.");
});

Deno.test("toText of a run without any data shows what there is", () => {
  const manifest = sampleManifest({ outcome: "unreachable", detail: "connection refused" });
  const text = toText(manifest, summarise(manifest, []), false);
  assertStringIncludes(text, "target unreachable: connection refused");
  assertStringIncludes(text, "? pager_accept.p99 < 50ms");
  assertStringIncludes(text, "no data");
  assert(!text.includes("NaN") && !text.includes("undefined") && !text.includes("null"));
});

Deno.test("toText names the rules that the peer broke, and says nothing where it broke none (T53)", () => {
  const summary = { ...SUMMARY, violations: { message_2xx_with_body: 1200, answer_without_path: 1 } };
  const line = "  violations  1,200 × message 2xx with body, 1 × answer without path";
  assertEquals(toText(MANIFEST, summary, false).split("\n").filter((each) => each.includes("violations")), [line]);
  assertEquals(toText(MANIFEST, SUMMARY, false).includes("violations"), false);
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Evidence } from "../../metrics/evidence.ts";
import type { Run } from "../../results/reader.ts";
import { sampleManifest, sampleScenario, sampleSnapshots } from "../../testing/sample_run.ts";
import { toPage } from "./page.ts";

const HOSTILE = `</script><script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
const REFUSED: Evidence = {
  at: 1234.5,
  kind: "rejected",
  sender: 3,
  receiver: 4,
  sequence: 7,
  mode: "pager",
  detail: `503 ${HOSTILE}`,
  messages: [
    { direction: "sent", at: 1230, text: `MESSAGE sip:b@ims.example SIP/2.0\r\nSubject: ${HOSTILE}\r\n` },
    { direction: "received", at: 1234, text: "SIP/2.0 503 Service Unavailable\r\n" },
  ],
};

function runOf(change: Partial<Run> = {}): Run {
  const run = {
    manifest: sampleManifest(),
    snapshots: sampleSnapshots(),
    evidence: [],
    complete: true,
    faults: [],
    notes: [],
  };
  return { ...run, ...change };
}

Deno.test("toPage has every section, its figures and the data of its charts", () => {
  const page = toPage(runOf());
  for (
    const id of [
      "thresholds",
      "load",
      "latency",
      "percentiles",
      "messages",
      "rfc6076",
      "rfc7501",
      "generator",
      "manifest",
    ]
  ) {
    assertStringIncludes(page, `<section id="${id}">`);
  }
  assertStringIncludes(page, "office-hours");
  const data = JSON.parse(/<script type="application\/json" id="data">([^]*?)<\/script>/.exec(page)![1]!);
  const ids: string[] = data.charts.map(({ id }: { id: string }) => id);
  for (const id of ids) assertStringIncludes(page, `data-chart="${id}"`);
  assertEquals(page.match(/data-chart="/g)?.length, ids.length);
});

Deno.test("toPage asks no network for anything, and its policy forbids it", () => {
  const page = toPage(runOf());
  assertEquals(page.match(/\s(?:src|href)="(?!#)[^"]*"/g), null);
  assert(!/@import|url\(/.test(page));
  assertStringIncludes(page, "default-src &#39;none&#39;");
});

Deno.test("toPage shows names and texts with markup as text", () => {
  const scenario = { ...sampleScenario(), name: HOSTILE, description: HOSTILE };
  const manifest = sampleManifest({ scenario, detail: HOSTILE, scenario_file: HOSTILE });
  const page = toPage(runOf({ manifest, evidence: [REFUSED], faults: [HOSTILE] }));
  assert(!page.includes("<img"), "no element of the texts");
  assert(!page.includes("<script>alert"), "no script of the texts");
  assertEquals(page.match(/<script/g)?.length, 5, "ours: theme, data, uPlot and two of charts");
  assertStringIncludes(page, "&lt;img src=x");
});

Deno.test("toPage shows evidence as a ladder, a few of each kind, and says what is left out", () => {
  const many = Array.from({ length: 9 }, (_, i) => ({ ...REFUSED, at: i * 1000 }));
  const page = toPage(runOf({ evidence: many }));
  assertEquals(page.match(/<details class="evidence">/g)?.length, 5);
  assertStringIncludes(page, "and 4 more of this kind");
  assertEquals(page.match(/<li class="received">/g)?.length, 5);
});

Deno.test("toPage bounds the texts of evidence, however long they are", () => {
  const text = `SIP/2.0 500 Error\r\n${"x".repeat(8000)}`;
  const kinds = Array.from({ length: 100 }, (_, i) => ({
    ...REFUSED,
    kind: `fault_${i}`,
    messages: Array.from({ length: 10 }, () => ({ direction: "sent" as const, at: 0, text })),
  }));
  assert(toPage(runOf({ evidence: kinds })).length < 1_000_000);
});

Deno.test("toPage of a run without any second says so instead of drawing", () => {
  const manifest = sampleManifest({ outcome: "running", ended_at: null });
  const page = toPage(
    runOf({ manifest, snapshots: [], complete: false, faults: ["series.msgpack: the file is missing"] }),
  );
  assertStringIncludes(page, "series.msgpack: the file is missing");
  assertStringIncludes(page, "interrupted");
  assertStringIncludes(page, "not defined");
  assert(!page.includes("NaN") && !page.includes("undefined</"), "no value that is none");
});

Deno.test("toPage gives no figure of a latency that the run refuses, and says why", () => {
  assertStringIncludes(toPage(runOf()), "<code>pager_delivery</code> <span");
  const reason = "the clocks of two agents differ by up to 9 ms";
  const page = toPage(runOf({ manifest: sampleManifest({ "refused_latencies": { "pager_delivery": reason } }) }));
  assert(!page.includes("<code>pager_delivery</code> <span"));
  assert(!page.includes("band-pager_delivery"));
  assertStringIncludes(page, reason);
});

Deno.test("toPage shows what the audit of sessions found, with its meaning", () => {
  const [first, ...others] = sampleSnapshots();
  const counters = { ...first!.counters, "audit.dialogs_left": 3 };
  const page = toPage(runOf({ snapshots: [{ ...first!, counters }, ...others] }));
  assertStringIncludes(page, "dialogs left <span");
  assertStringIncludes(toPage(runOf()), "The audit found nothing");
});

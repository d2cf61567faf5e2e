import { assert, assertEquals } from "@std/assert";
import { Ajv } from "ajv";
import { sampleManifest, sampleScenario, sampleSnapshots } from "../testing/sample_run.ts";
import { summarise, type Summary } from "./summary.ts";
import { type PublishedSummary, summaryJsonSchema, summarySchemaText } from "./summary_schema.ts";

type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<Exclude<T[Key], undefined>> } : T;
/** False when the type of the summary and its schema have gone apart: then the schema has to follow. */
type Same = [Summary] extends [Frozen<PublishedSummary>] ? [Frozen<PublishedSummary>] extends [Summary] ? true : false
  : false;

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(summaryJsonSchema(true));
const SNAPSHOTS = sampleSnapshots();

function assertSound(summary: unknown): void {
  assert(validate(JSON.parse(JSON.stringify(summary))), JSON.stringify(validate.errors, null, 2));
}

Deno.test("the schema of summary.json has the fields of its type, no more and no less", () => {
  const same: Same = true;
  assert(same);
});

Deno.test("summaries of runs of every outcome follow the schema, without a field that it does not name", () => {
  for (const outcome of ["running", "completed", "interrupted", "unreachable", "failed", "aborted"] as const) {
    assertSound(summarise(sampleManifest({ outcome }), SNAPSHOTS));
    assertSound(summarise(sampleManifest({ outcome }), []));
  }
});

Deno.test("summaries with thresholds of every kind follow the schema", () => {
  const thresholds = [
    "pager_accept.p99 < 1us",
    "refresh.p99 < 1s",
    "pager_accept.p99 < 50ms over 2s",
    "messages.lost.rate < 1/s after 2s abort",
    "messages.lost == 1 waived until 2030-01-01 because the server is known for it",
    "messages.success_ratio >= 99%",
  ];
  const manifest = sampleManifest({ scenario: sampleScenario({ thresholds }) });
  const { thresholds: judged } = summarise(manifest, SNAPSHOTS);
  assertEquals(new Set(judged.map(({ status }) => status)).size >= 3, true, JSON.stringify(judged));
  assertSound(summarise(manifest, SNAPSHOTS));
});

Deno.test("the schema refuses what summary.json never holds", () => {
  const summary = summarise(sampleManifest(), SNAPSHOTS);
  for (
    const wrong of [
      { ...summary, verdict: "good" },
      { ...summary, format: 2 },
      { ...summary, further: 1 },
      { ...summary, messages: { ...summary.messages, lost: -1 } },
      { ...summary, latency_us: { ...summary.latency_us, register: {} } },
      { ...summary, thresholds: [{ expression: "x" }] },
    ]
  ) assertEquals(validate(JSON.parse(JSON.stringify(wrong))), false);
});

Deno.test("the published schema is that of the code: deno task docs", () => {
  const published = Deno.readTextFileSync(new URL("../../results/summary.schema.json", import.meta.url));
  assertEquals(published, summarySchemaText());
});

Deno.test("the published schema lets readers pass over fields of later versions", () => {
  const read = new Ajv({ strict: true, allowUnionTypes: true }).compile(summaryJsonSchema());
  assert(read({ ...JSON.parse(JSON.stringify(summarise(sampleManifest(), SNAPSHOTS))), further: 1 }));
});

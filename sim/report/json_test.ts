import { assert, assertEquals } from "@std/assert";
import { sampleManifest, sampleSnapshots } from "../testing/sample_run.ts";
import { toJson } from "./json.ts";
import { summarise } from "./summary.ts";

Deno.test("toJson is the summary and ends with a line end", () => {
  const summary = summarise(sampleManifest(), sampleSnapshots(2));
  assertEquals(JSON.parse(toJson(summary)), summary);
  assert(toJson(summary).endsWith("}\n"));
});

/**
 * Writes `results/summary.schema.json` from the schema in the code; with `--check`, fails when the file differs.
 *
 * deno run -A sim/tools/summary_schema.ts [--check]
 */
import { writeOrCheck } from "./generated_file.ts";

const FILE = new URL("../../results/summary.schema.json", import.meta.url);
// loaded when it runs: as a module this file depends on nothing of ours, which the layer lint asks of tools
const SOURCE = new URL("../report/summary_schema.ts", import.meta.url).href;

if (import.meta.main) {
  const { summarySchemaText }: typeof import("../report/summary_schema.ts") = await import(SOURCE);
  writeOrCheck(FILE, summarySchemaText(), "summary_schema.ts");
}

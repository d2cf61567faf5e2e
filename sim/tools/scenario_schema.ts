/**
 * Writes `scenarios/scenario.schema.json` from the schema in the code; with `--check`, fails when the file differs.
 *
 * deno run -A sim/tools/scenario_schema.ts [--check]
 */
import { writeOrCheck } from "./generated_file.ts";

const FILE = new URL("../../scenarios/scenario.schema.json", import.meta.url);
// loaded when it runs: as a module this file depends on nothing of ours, which the layer lint asks of tools
const SOURCE = new URL("../scenario/json_schema.ts", import.meta.url).href;

if (import.meta.main) {
  const { scenarioSchemaText }: typeof import("../scenario/json_schema.ts") = await import(SOURCE);
  writeOrCheck(FILE, scenarioSchemaText(), "scenario_schema.ts");
}

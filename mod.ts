/**
 * imstorm: a load generator for SIP messaging. As a program, `imstorm --help` explains it; as a library, it offers the
 * types and the checks of scenarios.
 *
 * @module
 */
export { ScenarioError, type ScenarioFault } from "./sim/scenario/fault.ts";
export { defineScenario, readScenario } from "./sim/scenario/read.ts";
export type { ScenarioOptions } from "./sim/scenario/overrides.ts";
export type { Scenario, ScenarioInput } from "./sim/scenario/scenario.ts";

if (import.meta.main) {
  const { main } = await import("./sim/cli/main.ts");
  await main(Deno.args);
}

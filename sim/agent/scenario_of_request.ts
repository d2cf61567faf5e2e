/** The scenario of a request: parsed, changed as asked, checked against what this agent may do. */
import { parseSource } from "../scenario/document.ts";
import type { ScenarioFault } from "../scenario/fault.ts";
import { applyOptions, type ScenarioOptions } from "../scenario/overrides.ts";
import { isFaults, parseScenario } from "../scenario/read.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { RunRequest } from "./protocol.ts";
import { Refusal, type RequestFault } from "./refusal.ts";

/** Names the text in faults; nobody sees it. */
const TEXT = "scenario";

/** The scenario, or everything that is wrong with it. */
export function scenarioOf(request: RunRequest): Scenario | Refusal {
  const isText = typeof request.scenario === "string";
  const text = typeof request.scenario === "string" ? request.scenario : JSON.stringify(request.scenario, null, 1);
  const options: ScenarioOptions = {
    seed: request.seed,
    target: request.target,
    // a value in JSON is the same value in YAML
    set: Object.entries(request.overrides).map(([path, value]) => `${path}=${JSON.stringify(value)}`),
  };
  const files = filesOf(text, options);
  if (files.length > 0) return new Refusal("invalid_scenario", "The scenario names files: an agent reads none", files);
  const scenario = parseScenario(text, TEXT, options);
  if (!isFaults(scenario)) return scenario;
  return new Refusal("invalid_scenario", "The scenario is not valid", scenario.map((fault) => toFault(fault, isText)));
}

/** A file of users would be one of this machine: whoever sends a scenario has no business with those. */
function filesOf(text: string, options: ScenarioOptions): RequestFault[] {
  const source = parseSource(text, TEXT);
  if (Array.isArray(source)) return [];
  const { value } = source as { value: unknown };
  applyOptions(value, options);
  const { populations } = (value ?? {}) as { populations?: unknown };
  return (Array.isArray(populations) ? populations : []).flatMap((population, index) =>
    typeof population?.users?.csv === "string"
      ? [{ path: `populations[${index}].users.csv`, what: "is a file: use `user` with a pattern" }]
      : []
  );
}

function toFault({ file, line, column, path, what }: ScenarioFault, isText: boolean): RequestFault {
  const isPlaced = isText && line > 0 && file === TEXT;
  const of = file === TEXT || file === "" ? path : [file, path].filter((each) => each !== "").join(": ");
  return { path: of, what, ...(isPlaced ? { line, column } : {}) };
}

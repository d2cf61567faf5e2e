/** `imstorm explain`: what a run would do. */
import { explain as explained } from "../load/explanation.ts";
import { explanationText } from "../load/explanation_text.ts";
import { TYPICAL_OVERHEAD } from "../load/load_sample.ts";
import { descriptorShortage } from "../load/preflight.ts";
import { workersFor } from "../load/worker_count.ts";
import { ScenarioError } from "../scenario/fault.ts";
import { readScenario } from "../scenario/read.ts";
import type { Arguments } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { print, tell } from "./print.ts";

/** Prints the explanation on standard output; sends nothing. */
export function explain(line: Arguments<"explain">): ExitCode {
  try {
    const scenario = readScenario(line.scenario, { target: line.target, seed: line.seed, set: line.sets });
    const workers = workersFor(scenario, line.workers);
    print(explanationText(explained(scenario, { overhead: TYPICAL_OVERHEAD, workers })));
    const shortage = descriptorShortage(scenario, workers.count);
    if (shortage !== undefined) tell(`warning: ${shortage}`);
    return EXIT.OK;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    tell(error.message);
    return EXIT.SCENARIO;
  }
}

/** `imstorm validate`: checks scenario files. */
import { readScenario } from "../scenario/read.ts";
import { ScenarioError } from "../scenario/fault.ts";
import type { Arguments } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { print, tell } from "./print.ts";

/** Prints one line for each fault on standard error and one for each good file on standard output. */
export function validate(line: Arguments<"validate">): ExitCode {
  let code: ExitCode = EXIT.OK;
  for (const file of line.scenarios) {
    try {
      const scenario = readScenario(file);
      const clients = scenario.populations.reduce((sum, population) => sum + population.clients, 0);
      print(
        `${file}: ok: ${clients} clients, ${scenario.phases.length} phases, ${scenario.thresholds.length} thresholds`,
      );
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      tell(error.message);
      code = EXIT.SCENARIO;
    }
  }
  return code;
}

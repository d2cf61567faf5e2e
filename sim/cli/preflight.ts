/** Before a run: whether this machine can hold it, and if not, a clear line and the exit code. */
import { descriptorShortage, obstacleToLocal, sourceFaults } from "../load/preflight.ts";
import { resolveTarget } from "../load/target_address.ts";
import { formatFault } from "../scenario/fault.ts";
import { placeFaults } from "../scenario/read.ts";
import type { ScenarioOptions } from "../scenario/overrides.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { tell } from "./print.ts";

/** What a run is asked for. */
export interface Asked {
  readonly file: string;
  readonly options: ScenarioOptions;
  /** `--local`. */
  readonly local: string | undefined;
  readonly workers: number;
}

/** Tells what is missing and gives the exit code; undefined where nothing is. */
export async function preflight(scenario: Scenario, asked: Asked): Promise<ExitCode | undefined> {
  const { uri } = scenario.target;
  const hasAddresses = scenario.populations.some(({ source }) => source?.addresses !== undefined);
  const target = !hasAddresses || uri === "embedded" ? undefined : await resolveTarget(uri);
  const faults = sourceFaults(scenario, target?.host);
  if (faults.length > 0) {
    for (const fault of placeFaults(asked.file, asked.options, faults)) tell(formatFault(fault));
    return EXIT.SCENARIO;
  }
  const obstacle = asked.local === undefined ? undefined : obstacleToLocal(asked.local);
  if (obstacle !== undefined) {
    tell(`Cannot use --local ${asked.local}: ${obstacle}`);
    return EXIT.USAGE;
  }
  const shortage = descriptorShortage(scenario, asked.workers);
  if (shortage === undefined) return undefined;
  tell(`Cannot open the sockets of ${scenario.name}: ${shortage}`);
  return EXIT.INVALID;
}

/** `imstorm compare`: runs beside a baseline. */
import { compareRuns } from "../report/comparison/comparison.ts";
import { toComparisonJson } from "../report/comparison/comparison_json.ts";
import { toComparisonPage } from "../report/comparison/comparison_page.ts";
import { toComparisonText } from "../report/comparison/comparison_text.ts";
import type { Arguments } from "./arguments.ts";
import { comparisonExit, measuredRun, settingsOf } from "./comparing.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { mayColour, print, tell } from "./print.ts";

/** Prints the comparison on standard output; its verdict is the exit code. */
export function compare(line: Arguments<"compare">): ExitCode {
  const folders = line.baseline === undefined ? line.runs : [line.baseline, ...line.runs];
  const settings = settingsOf(line);
  if (typeof settings === "string" || folders.length < 2) {
    tell(typeof settings === "string" ? settings : "Cannot compare one run: name two, or one and --baseline RUN");
    return EXIT.USAGE;
  }
  let runs;
  try {
    runs = folders.map(measuredRun);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return EXIT.USAGE;
  }
  for (const { folder, faults } of runs) for (const fault of faults) tell(`${folder}: ${fault}`);
  const [first, ...others] = runs;
  const comparisons = others.map((run) => compareRuns(first!, run, settings));
  switch (line.format) {
    case "text":
      print(toComparisonText(comparisons, mayColour()));
      break;
    case "json":
      print(toComparisonJson(comparisons));
      break;
    case "html":
      print(toComparisonPage(comparisons));
  }
  return comparisonExit(comparisons, line.baseline !== undefined);
}

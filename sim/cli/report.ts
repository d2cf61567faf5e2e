/** `imstorm report`: rebuilds a report from a results folder. */
import { csvReport } from "../report/csv.ts";
import { evidenceReport } from "../report/evidence.ts";
import { jsonReport } from "../report/json.ts";
import { junitReport } from "../report/junit.ts";
import { summarise } from "../report/summary.ts";
import { textReport } from "../report/text.ts";
import { readRun, type Run } from "../results/reader.ts";
import type { Arguments } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { mayColour, print, tell } from "./print.ts";

/** Prints one report on standard output, and what is wrong with the folder on standard error. */
export function report(line: Arguments<"report">): ExitCode {
  let run: Run;
  try {
    run = readRun(line.run);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return EXIT.USAGE;
  }
  for (const fault of run.faults) tell(`${line.run}: ${fault}`);
  if (line.evidence) {
    print(evidenceReport(run.evidence));
    return EXIT.OK;
  }
  const summary = summarise(run.manifest, run.snapshots);
  switch (line.format) {
    case "text":
      print(textReport(summary, { colour: mayColour() }));
      break;
    case "json":
      print(jsonReport(summary));
      break;
    case "junit":
      print(junitReport(summary));
      break;
    case "csv":
      print(csvReport(run.snapshots));
  }
  return EXIT.OK;
}

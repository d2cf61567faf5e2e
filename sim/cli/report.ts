/** `imstorm report`: rebuilds a report from a results folder. */
import { toCsv } from "../report/csv.ts";
import { toEvidenceText } from "../report/evidence.ts";
import { hdrLogOf } from "../report/hdr_log.ts";
import { toJson } from "../report/json.ts";
import { toJunit } from "../report/junit.ts";
import { summarise } from "../report/summary.ts";
import { toOpenMetrics } from "../report/run_metrics.ts";
import { toText } from "../report/text.ts";
import { readRun, type Run } from "../results/reader.ts";
import type { Arguments } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { writeIndex } from "./index_file.ts";
import { mayColour, print, tell } from "./print.ts";

/** Prints one report on standard output, and what is wrong with the folder on standard error. */
export async function report(line: Arguments<"report">): Promise<ExitCode> {
  if (line.index) return writeIndexOrTell(line.run);
  let run: Run;
  try {
    run = readRun(line.run);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return EXIT.USAGE;
  }
  for (const fault of [...run.faults, ...run.notes]) tell(`${line.run}: ${fault}`);
  if (line.evidence) {
    print(toEvidenceText(run.evidence));
    return EXIT.OK;
  }
  const summary = summarise(run.manifest, run.snapshots, run.faults);
  switch (line.format) {
    case "text":
      if (!run.complete) print(incompleteText(run));
      print(toText(run.manifest, summary, mayColour()));
      break;
    case "json":
      print(toJson(summary));
      break;
    case "junit":
      print(toJunit(run.manifest, summary));
      break;
    case "html":
      // with its chart library it is only loaded where it is wanted
      print((await import("../report/page/page.ts")).toPage(run, summary));
      break;
    case "csv":
      print(toCsv(run.snapshots));
      break;
    case "openmetrics":
      print(toOpenMetrics(run, summary));
      break;
    case "hdr-log": {
      const { started_at: startedAt, versions } = run.manifest;
      for (const lines of hdrLogOf({ startedAt, version: versions.imstorm }, run.snapshots)) {
        if (lines !== "") print(lines);
      }
    }
  }
  return EXIT.OK;
}

/** What stands before a report of a part of a run. */
function incompleteText({ faults }: Run): string {
  return `INCOMPLETE: what follows is of a part of the run.\n${faults.map((fault) => `- ${fault}\n`).join("")}`;
}

function writeIndexOrTell(folder: string): ExitCode {
  try {
    print(writeIndex(folder));
    return EXIT.OK;
  } catch (error) {
    tell(`Cannot list the runs of ${folder}: ${error instanceof Error ? error.message : error}`);
    return EXIT.USAGE;
  }
}

/** The page that a run leaves in its folder. */
import { pathIn, RUN_FILES } from "../../results/files.ts";
import { readRun } from "../../results/reader.ts";
import type { ResultsWriter } from "../../results/writer.ts";
import type { Summary } from "../summary.ts";

/** A series beyond this would take more memory to read again than the run has taken: 256 MiB, days of a soak. */
const SERIES_LIMIT = 268_435_456;

/** Writes `report.html` from what lies in the folder of a run that has ended; gives why it is left out. */
export async function writePage(writer: ResultsWriter, summary: Summary): Promise<string | undefined> {
  const { size } = await Deno.stat(pathIn(writer.folder, RUN_FILES.series));
  if (size > SERIES_LIMIT) {
    return `${RUN_FILES.html} is left out, the series is large: imstorm report ${writer.folder} --format html`;
  }
  // with its chart library it is loaded when the load is over
  const { toPage } = await import("./page.ts");
  writer.report("html", toPage(readRun(writer.folder), summary));
  return undefined;
}

/** The page that a run leaves in its folder. */
import type { Summary } from "../report/summary.ts";
import { pathIn, RUN_FILES } from "../results/files.ts";
import { readRun } from "../results/reader.ts";
import type { ResultsWriter } from "../results/writer.ts";
import { tell } from "./print.ts";

/** A series beyond this would take more memory to read again than the run has taken: 256 MiB, days of a soak. */
const SERIES_LIMIT = 268_435_456;

/** Writes `report.html` from what lies in the folder of a run that has ended. */
export async function writePage(writer: ResultsWriter, summary: Summary): Promise<void> {
  const { size } = await Deno.stat(pathIn(writer.folder, RUN_FILES.series));
  if (size > SERIES_LIMIT) {
    tell(`${RUN_FILES.html} is left out, the series is large: imstorm report ${writer.folder} --format html`);
    return;
  }
  // with its chart library it is loaded when the load is over
  const { toPage } = await import("../report/page/page.ts");
  writer.report("html", toPage(readRun(writer.folder), summary));
}

/** `index.html` of a folder of runs. */
import { toIndexPage } from "../report/history/index_page.ts";
import { nightOf } from "../report/history/night.ts";
import { pathIn, writeWhole } from "../results/files.ts";
import { historyIn } from "../results/history.ts";

/** Writes the page that lists the runs of a folder; gives its path, throws when the folder cannot be read or written. */
export function writeIndex(results: string): string {
  const { runs, faults } = historyIn(results);
  const path = pathIn(results, "index.html");
  writeWhole(path, toIndexPage(runs.map(nightOf), faults));
  return path;
}

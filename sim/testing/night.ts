/** Nights made by hand: stored runs with the summary of a synthetic run. */
import type { Night } from "../report/history/night.ts";
import { syntheticRun, type SyntheticSettings } from "./synthetic_run.ts";

/** The night of a day of March, as it lies in `results/`. */
export function night(day: number, settings: Omit<SyntheticSettings, "seed"> = {}): Night {
  const startedAt = `2026-03-${String(day).padStart(2, "0")}T02:00:00.000Z`;
  const change = { "started_at": startedAt, ...settings.manifest };
  const { manifest, summary } = syntheticRun({ seconds: 10, ...settings, seed: day, manifest: change });
  const name = `${startedAt.slice(0, 19).replaceAll(":", "-")}Z-office-hours`;
  return { folder: `results/${name}`, name, manifest, summary, reports: ["report.html", "junit.xml"] };
}

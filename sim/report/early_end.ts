/** Runs that ended before their time, in a sentence. */
import type { Summary } from "./summary.ts";
import { showSeconds } from "./units.ts";

/** A sentence and a space on a run that was interrupted, or ended by a threshold; nothing on others. */
export function endedEarly({ verdict, duration_s: seconds, aborted_by: aborted }: Summary): string {
  if (verdict === "interrupted") return `Interrupted after ${showSeconds(seconds)} of load. `;
  return aborted === undefined ? "" : `Ended after ${showSeconds(seconds)} of load by ${aborted}. `;
}

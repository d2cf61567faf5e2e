/** How a run ended: for its folder, and for whoever asks. */
import type { RunEnd } from "../load/coordinator.ts";
import type { RunOutcome } from "../results/run_record.ts";
import type { EndState } from "./life.ts";

/**
 * The outcome of a run by the end of its workers, which is missing when we failed.
 *
 * `isAbandoned`: nobody asked for it any more; `isAborted`: a threshold ended it.
 */
export function outcomeOf(end: RunEnd | undefined, isAbandoned: boolean, isAborted: boolean): RunOutcome {
  if (end === undefined) return "failed";
  if (end.outcome === "unreachable") return "unreachable";
  if (isAbandoned) return "interrupted";
  return end.outcome === "interrupted" && isAborted ? "aborted" : end.outcome;
}

/** The last state of a run; `faults`: why its measurement is not valid, besides what was measured. */
export function endStateOf(outcome: RunOutcome, faults: readonly string[]): EndState {
  if (outcome === "interrupted" || outcome === "aborted") return "aborted";
  return outcome === "completed" && faults.length === 0 ? "done" : "failed";
}

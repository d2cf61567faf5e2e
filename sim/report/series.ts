/** A run second by second, the workers of one second merged. */
import { mergeSnapshots, type Snapshot } from "../metrics/snapshot.ts";

/** One snapshot for each second, ascending; seconds in which no worker reported are left out. */
export function* secondsOf(snapshots: readonly Snapshot[]): Generator<Snapshot> {
  const seconds = Map.groupBy(snapshots, (snapshot) => snapshot.index);
  for (const index of [...seconds.keys()].toSorted((a, b) => a - b)) {
    const workers = seconds.get(index)!;
    yield workers.length === 1 ? workers[0]! : mergeSnapshots(workers);
  }
}

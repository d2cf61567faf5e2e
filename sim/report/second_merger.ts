/** The seconds of a run with the latencies of all workers merged, while it runs. */
import { mergeSnapshots, type Snapshot } from "../metrics/snapshot.ts";

/** Seconds that a worker may be behind the others before they are taken without it. */
const PATIENCE = 10;

/** Gives each second as soon as every worker has told it, in order. */
export class SecondMerger {
  readonly #workers: number;
  readonly #take: (second: Snapshot) => void;
  /** What some workers have told, by second. */
  readonly #open: Map<number, Snapshot[]> = new Map();
  #latest = 0;

  /** `take` gets each second once; what comes after it is given apart. */
  constructor(workers: number, take: (second: Snapshot) => void) {
    this.#workers = workers;
    this.#take = take;
  }

  /** Takes one second of one worker in. */
  add(snapshot: Snapshot): void {
    const { index } = snapshot;
    const second = this.#open.get(index);
    if (second === undefined) this.#open.set(index, [snapshot]);
    else second.push(snapshot);
    this.#latest = Math.max(this.#latest, index);
    this.#giveWhile((each, told) => told.length >= this.#workers || each <= this.#latest - PATIENCE);
  }

  /** Gives the seconds that are left: no more will come. */
  end(): void {
    this.#giveWhile(() => true);
  }

  /** The earliest first; a later one waits for it. */
  #giveWhile(isReady: (index: number, told: readonly Snapshot[]) => boolean): void {
    for (const [index, told] of [...this.#open].toSorted(([a], [b]) => a - b)) {
      if (!isReady(index, told)) return;
      this.#open.delete(index);
      this.#take(told.length === 1 ? told[0]! : mergeSnapshots(told));
    }
  }
}

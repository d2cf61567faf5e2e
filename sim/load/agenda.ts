/** What is due at moments known only while the load runs: a heap in typed order, without an object for each entry. */
import type { Millis } from "../clock/clock.ts";

/** Something to begin at its moment. */
export interface Task {
  /** Called once for each time it was added; `due`: the moment it was added for. */
  begin(due: Millis): void;
}

/** Tasks by their moment, the earliest first. */
export class Agenda {
  readonly #moments: Millis[] = [];
  readonly #tasks: Task[] = [];

  /** Tasks that have not begun. */
  get size(): number {
    return this.#tasks.length;
  }

  /** When the next task is due; Infinity without any. */
  nextDue(): Millis {
    return this.#moments[0] ?? Infinity;
  }

  /** Adds a task. */
  add(due: Millis, task: Task): void {
    const [moments, tasks] = [this.#moments, this.#tasks];
    let place = tasks.length;
    moments.push(due);
    tasks.push(task);
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (moments[above]! <= due) break;
      moments[place] = moments[above]!;
      tasks[place] = tasks[above]!;
      place = above;
    }
    moments[place] = due;
    tasks[place] = task;
  }

  /** Begins what is due until `now`; what that adds has to wait for the next call, so that one call always ends. */
  begin(now: Millis): void {
    for (let left = this.#tasks.length; left > 0 && this.nextDue() <= now; left--) {
      const due = this.#moments[0]!;
      const task = this.#tasks[0]!;
      this.#removeFirst();
      task.begin(due);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#moments.length = 0;
    this.#tasks.length = 0;
  }

  #removeFirst(): void {
    const [moments, tasks] = [this.#moments, this.#tasks];
    const due = moments.pop()!;
    const task = tasks.pop()!;
    const size = tasks.length;
    if (size === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      if (below + 1 < size && moments[below + 1]! < moments[below]!) below++;
      if (moments[below]! >= due) break;
      moments[place] = moments[below]!;
      tasks[place] = tasks[below]!;
      place = below;
    }
    moments[place] = due;
    tasks[place] = task;
  }
}

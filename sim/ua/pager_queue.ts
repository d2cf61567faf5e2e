/** Pager messages of one client by target: the first of each is pending, the others wait (RFC 3428 §8). */
import type { PagerMessage } from "./pager.ts";

/** The queues; empty ones are forgotten. */
export class PagerQueues {
  readonly #queues: Map<string, PagerMessage[]> = new Map();

  /** Starts a message, or lets it wait for those to the same URI: true when it waits. */
  add(pager: PagerMessage): boolean {
    const queue = this.#queues.get(pager.uri);
    if (queue !== undefined) {
      queue.push(pager);
      return true;
    }
    this.#queues.set(pager.uri, [pager]);
    pager.start();
    return false;
  }

  /** A message has its final response, or will get none: the next one to that URI may go. */
  ended(pager: PagerMessage): void {
    const queue = this.#queues.get(pager.uri);
    if (queue === undefined || queue[0] !== pager) return;
    queue.shift();
    if (queue.length === 0) this.#queues.delete(pager.uri);
    else queue[0]!.start();
  }

  /** Messages without a final response, waiting ones included. */
  size(): number {
    let size = 0;
    for (const queue of this.#queues.values()) size += queue.length;
    return size;
  }
}

/** Pager messages of one client by target: the first of each is pending, the others wait (RFC 3428 §8). */
import type { PagerMessage } from "./pager.ts";

/** The queues; empty ones are forgotten. */
export class PagerQueues {
  /** The last message to each URI; each knows the one behind it. */
  readonly #last: Map<string, PagerMessage> = new Map();
  #size = 0;

  /** Starts a message, or lets it wait for those to the same URI: true when it waits. */
  add(pager: PagerMessage): boolean {
    this.#size++;
    const last = this.#last.get(pager.uri);
    this.#last.set(pager.uri, pager);
    if (last !== undefined) {
      last.next = pager;
      return true;
    }
    pager.start();
    return false;
  }

  /** Whether another message waits for this one to end. */
  hasNext(pager: PagerMessage): boolean {
    return pager.next !== undefined;
  }

  /** The first message of its queue has its final response, or will get none: the next one to that URI may go. */
  ended(pager: PagerMessage): void {
    this.#size--;
    const { next } = pager;
    pager.next = undefined;
    if (next !== undefined) next.start();
    else this.#last.delete(pager.uri);
  }

  /** Messages without a final response, waiting ones included. */
  size(): number {
    return this.#size;
  }
}

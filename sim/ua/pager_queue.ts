/** Pager messages of one client by target: the first of each is pending, the others wait (RFC 3428 §8). */
import type { PagerMessage } from "./pager.ts";

/** The queues; empty ones are forgotten. */
export class PagerQueues {
  /** The last message of the only queue, the usual case: a `Map` would make its table anew with every message. */
  #only: PagerMessage | undefined;
  /** The last message to each URI but that of `#only`; each knows the one behind it. */
  #last: Map<string, PagerMessage> | undefined;
  #size = 0;

  /** Starts a message, or lets it wait for those to the same URI: true when it waits. */
  add(pager: PagerMessage): boolean {
    this.#size++;
    const last = this.#exchange(pager);
    if (last !== undefined) {
      last.next = pager;
      return true;
    }
    pager.start();
    return false;
  }

  /** The first message of its queue has its final response, or will get none: the next one to that URI may go. */
  ended(pager: PagerMessage): void {
    this.#size--;
    const { next } = pager;
    pager.next = undefined;
    if (next !== undefined) next.start();
    else if (this.#only?.uri === pager.uri) this.#only = undefined;
    else this.#last?.delete(pager.uri);
  }

  /** Messages without a final response, waiting ones included. */
  size(): number {
    return this.#size;
  }

  /** Makes a message the last one to its URI; gives the one that was. */
  #exchange(pager: PagerMessage): PagerMessage | undefined {
    const only = this.#only;
    const listed = this.#last?.get(pager.uri);
    if (listed === undefined && (only === undefined || only.uri === pager.uri)) {
      this.#only = pager;
      return only;
    }
    this.#last ??= new Map();
    this.#last.set(pager.uri, pager);
    return listed;
  }
}

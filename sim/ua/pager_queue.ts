/** Pager messages of one client by target: the first of each is pending, the others wait (RFC 3428 §8). */
import type { PagerMessage } from "./pager.ts";

/** The messages to one URI that wait, each knows the one behind it. */
interface Waiting {
  first: PagerMessage;
  last: PagerMessage;
}

/**
 * The queues. Pending messages are known by their URIs only: a client is older than its messages, and the engine keeps
 * a list of old objects that point to new ones.
 */
export class PagerQueues {
  /** The only URI with a pending message, the usual case: a `Set` would make its table anew with every message. */
  #only: string | undefined;
  /** URIs with a pending message but for `#only`. */
  #others: Set<string> | undefined;
  #waiting: Map<string, Waiting> | undefined;
  #size = 0;

  /** Starts a message, or lets it wait for those to the same URI: true when it waits. */
  add(pager: PagerMessage): boolean {
    this.#size++;
    const { uri } = pager;
    if (uri === this.#only || this.#others?.has(uri) === true) {
      this.#append(pager);
      return true;
    }
    if (this.#only === undefined) this.#only = uri;
    else (this.#others ??= new Set()).add(uri);
    pager.start();
    return false;
  }

  /** The message that waits for the pending one to that URI to end; undefined when there is none. */
  behind(uri: string): PagerMessage | undefined {
    return this.#waiting?.get(uri)?.first;
  }

  /** The pending message to that URI has its final response, or will get none: the next one may go. */
  ended(uri: string): void {
    this.#size--;
    const next = this.#waiting === undefined ? undefined : this.#takeFirst(uri);
    if (next !== undefined) next.start();
    else if (this.#only === uri) this.#only = undefined;
    else this.#others?.delete(uri);
  }

  /** Messages without a final response, waiting ones included. */
  size(): number {
    return this.#size;
  }

  #append(pager: PagerMessage): void {
    this.#waiting ??= new Map();
    const queue = this.#waiting.get(pager.uri);
    if (queue === undefined) this.#waiting.set(pager.uri, { first: pager, last: pager });
    else queue.last = queue.last.next = pager;
  }

  #takeFirst(uri: string): PagerMessage | undefined {
    const queue = this.#waiting!.get(uri);
    if (queue === undefined) return undefined;
    const { first } = queue;
    if (first.next !== undefined) queue.first = first.next;
    else this.#waiting!.delete(uri);
    first.next = undefined;
    return first;
  }
}

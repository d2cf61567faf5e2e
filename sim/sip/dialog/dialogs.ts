/** The dialogs of an endpoint, found by Call-ID and both tags (RFC 3261 §12). */
import type { Message } from "../message.ts";
import type { Dialog } from "./dialog.ts";

interface Entry<T> {
  readonly dialog: Dialog;
  readonly user: T;
}

/** Dialogs with what uses each. */
export class Dialogs<T> {
  readonly #entries = new Map<string, Entry<T>>();

  /** Adds a dialog; throws when one with the same identifier is there. */
  add(dialog: Dialog, user: T): void {
    const key = keyOf(dialog.callId, dialog.localTag, dialog.remoteTag);
    if (this.#entries.has(key)) throw new Error(`Cannot add a dialog twice: Call-ID ${dialog.callId}`);
    this.#entries.set(key, { dialog, user });
  }

  /** The dialog of a received request or response: our tag is in To of the one, in From of the other (RFC 3261 §12.2.2). */
  find(message: Message): Entry<T> | undefined {
    const from = message.fromTag();
    const to = message.toTag();
    const key = message.isRequest ? keyOf(message.callId(), to, from) : keyOf(message.callId(), from, to);
    return this.#entries.get(key);
  }

  /** Removes a dialog; false when it was not there. */
  remove(dialog: Dialog): boolean {
    return this.#entries.delete(keyOf(dialog.callId, dialog.localTag, dialog.remoteTag));
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }
}

/** A line end stands in none of the three parts. */
function keyOf(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}\n${localTag}\n${remoteTag}`;
}

/** The dialogs of an endpoint, found by Call-ID and both tags (RFC 3261 §12). */
import type { Message } from "../message.ts";
import type { Dialog } from "./dialog.ts";

/** What is kept for a dialog. */
export interface DialogOwner {
  readonly dialog: Dialog;
}

/** Dialogs by what owns each. */
export class Dialogs<Owner extends DialogOwner> {
  /** How many there are. */
  size = 0;
  /** By our tag, which is random and so seldom that of two: no other key takes memory. */
  readonly #owners = new Map<string, Owner | readonly Owner[]>();

  /** Adds the dialog of `owner`; throws when one with the same identifier is there. */
  add(owner: Owner): void {
    const { callId, localTag, remoteTag } = owner.dialog;
    const known = this.#owners.get(localTag);
    if (known === undefined) this.#owners.set(localTag, owner);
    else if (this.#find(callId, localTag, remoteTag) === undefined) {
      this.#owners.set(localTag, [...this.#with(localTag), owner]);
    } else throw new Error(`Cannot add a dialog twice: Call-ID ${callId}`);
    this.size++;
  }

  /**
   * Whose dialog a received request or response is in: our tag is in To of the one, in From of the other
   * (RFC 3261 §12.2.2).
   */
  find(message: Message): Owner | undefined {
    const from = message.fromTag();
    const to = message.toTag();
    return message.isRequest ? this.#find(message.callId(), to, from) : this.#find(message.callId(), from, to);
  }

  /** Removes the dialog of `owner`; false when it was not there. */
  remove(owner: Owner): boolean {
    const { localTag } = owner.dialog;
    if (this.#owners.get(localTag) === owner) this.#owners.delete(localTag);
    else {
      const known = this.#with(localTag);
      const others = known.filter((each) => each !== owner);
      if (others.length === known.length) return false;
      if (others.length === 0) this.#owners.delete(localTag);
      else this.#owners.set(localTag, others);
    }
    this.size--;
    return true;
  }

  #find(callId: string, localTag: string, remoteTag: string): Owner | undefined {
    return this.#with(localTag).find(({ dialog }) => dialog.callId === callId && dialog.remoteTag === remoteTag);
  }

  #with(localTag: string): readonly Owner[] {
    const found = this.#owners.get(localTag);
    if (found === undefined) return [];
    return isList(found) ? found : [found];
  }
}

function isList<Owner>(found: Owner | readonly Owner[]): found is readonly Owner[] {
  return Array.isArray(found);
}

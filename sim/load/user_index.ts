/**
 * Finds clients by the user part of an address. A `Map` of a million names takes 60 to 100 octets for each, the names
 * included; here the names are read from the addresses that clients have anyway, and a client takes 8 to 16.
 */
import { hashText } from "../bytes/hash.ts";

/** Whom it finds. */
interface Named {
  /** `sip:user@domain`. */
  readonly aor: string;
}

/** Where the user begins in an address of record. */
const USER_FROM = "sip:".length;
const AT_SIGN = 0x40;
const FIRST_SLOTS = 64;

/** A table of open addressing, filled once. */
export class UserIndex<Client extends Named> {
  readonly #clients: readonly Client[];
  /** Places in `#clients`, from 1 on; 0: free. */
  readonly #slots: Int32Array;

  /** Of two clients with the same user, the later one is found. */
  constructor(clients: readonly Client[]) {
    this.#clients = clients;
    let size = FIRST_SLOTS;
    while (size < clients.length * 2) size *= 2;
    this.#slots = new Int32Array(size);
    for (const [place, { aor }] of clients.entries()) {
      this.#slots[this.#slotOf(aor, USER_FROM, aor.lastIndexOf("@"))] = place + 1;
    }
  }

  /** The client whose user is what stands in `[from, to)` of a text; undefined when there is none. */
  find(text: string, from = 0, to: number = text.length): Client | undefined {
    return this.#clients[this.#slots[this.#slotOf(text, from, to)]! - 1];
  }

  /** The slot of a user, or the free one where it would be. */
  #slotOf(text: string, from: number, to: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = hashText(text, from, to);
    // its high bits into the low ones: names that count up differ in few bits
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let place = slots[slot]!; place !== 0; place = slots[slot = (slot + 1) & mask]!) {
      if (isUser(this.#clients[place - 1]!.aor, text, from, to)) break;
    }
    return slot;
  }
}

function isUser(aor: string, text: string, from: number, to: number): boolean {
  const length = to - from;
  if (aor.charCodeAt(USER_FROM + length) !== AT_SIGN) return false;
  for (let k = 0; k < length; k++) {
    if (aor.charCodeAt(USER_FROM + k) !== text.charCodeAt(from + k)) return false;
  }
  return true;
}

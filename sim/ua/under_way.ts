/** How much is under way at many clients together, so that nobody has to ask each of them. */

/** Counts what sets of many owners hold. */
export interface Tally {
  /** Members of all sets. */
  all: number;
  /** Those that we began: the side that releases them. */
  called: number;
}

/** What the clients of one event loop have under way. */
export class UnderWay {
  /** Bindings that stand. */
  bindings = 0;
  readonly sessions: Tally = { all: 0, called: 0 };
  readonly exchanges: Tally = { all: 0, called: 0 };

  /** Whether no client takes part in any session. */
  isNothing(): boolean {
    return this.sessions.all === 0 && this.exchanges.all === 0;
  }
}

/** A set whose members a tally counts together with those of other sets. */
export class TalliedSet<Member extends { readonly caller: boolean }> {
  readonly #members: Set<Member> = new Set();
  readonly #tally: Tally;

  /** Empty. */
  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Members. */
  get size(): number {
    return this.#members.size;
  }

  /** Takes a member in, once. */
  add(member: Member): void {
    if (this.#members.has(member)) return;
    this.#members.add(member);
    this.#tally.all++;
    if (member.caller) this.#tally.called++;
  }

  /** Lets a member go; nothing when it is none. */
  delete(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.#tally.all--;
    if (member.caller) this.#tally.called--;
  }

  /** The members, in the order they came. */
  [Symbol.iterator](): IterableIterator<Member> {
    return this.#members.values();
  }
}

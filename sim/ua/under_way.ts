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

/** A set whose members a tally counts together with those of other sets; most have one member at a time, or none. */
export class TalliedSet<Member extends { readonly caller: boolean }> {
  /** The only member, or all of them where there are several. */
  #members: Member | Set<Member> | undefined;
  readonly #tally: Tally;

  /** Empty. */
  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Members. */
  get size(): number {
    if (this.#members instanceof Set) return this.#members.size;
    return this.#members === undefined ? 0 : 1;
  }

  /** Takes a member in, once. */
  add(member: Member): void {
    const members = this.#members;
    if (members === member || (members instanceof Set && members.has(member))) return;
    if (members === undefined) this.#members = member;
    else if (members instanceof Set) members.add(member);
    else this.#members = new Set([members, member]);
    this.#tally.all++;
    if (member.caller) this.#tally.called++;
  }

  /** Lets a member go; nothing when it is none. */
  delete(member: Member): void {
    const members = this.#members;
    if (members instanceof Set ? !members.delete(member) : members !== member) return;
    if (!(members instanceof Set) || members.size === 0) this.#members = undefined;
    this.#tally.all--;
    if (member.caller) this.#tally.called--;
  }

  /** The members, in the order they came. */
  *[Symbol.iterator](): IterableIterator<Member> {
    if (this.#members instanceof Set) yield* this.#members;
    else if (this.#members !== undefined) yield this.#members;
  }
}

/** What finds the transaction of a message (RFC 3261 §17.1.3 and §17.2.3). */
import { SEMICOLON } from "../../bytes/ascii.ts";
import { KeyHash } from "../../bytes/hash.ts";
import { indexOfOctet, readHexadecimal, startsWithAt } from "../../bytes/scan.ts";
import { toOctets } from "../../bytes/text.ts";
import type { Random } from "../../clock/random.ts";
import { VIA } from "../header_name.ts";
import type { Message } from "../message.ts";
import { BRANCH_MAGIC_COOKIE } from "../via.ts";

const HASH = new KeyHash();
const COOKIE_OCTETS = toOctets(BRANCH_MAGIC_COOKIE);

const TOKEN_DIGITS = 16;
const SEQUENCE_DIGITS = 8;
/** Sequences stay below it, so that they are small integers to the engine. */
const SEQUENCE_LIMIT = 2 ** 31;

/**
 * The branches of one layer: magic cookie, a random token that tells ours from foreign ones, and a sequence number that
 * finds the transaction without making a string.
 */
export class Branches {
  /** What all of them begin with; eight hexadecimal digits of the sequence number follow. */
  readonly prefix: string;
  readonly #prefixOctets: Uint8Array;
  #sequence: number;

  /** `random` gives the token and the first sequence number. */
  constructor(random: Random) {
    this.prefix = BRANCH_MAGIC_COOKIE + random.hexadecimal(TOKEN_DIGITS);
    this.#prefixOctets = toOctets(this.prefix);
    this.#sequence = random.integer(SEQUENCE_LIMIT);
  }

  /** The sequence number of a branch that was not given before (until 2^31 others have been). */
  nextSequence(): number {
    this.#sequence = (this.#sequence + 1) % SEQUENCE_LIMIT;
    return this.#sequence;
  }

  /** The branch with the next sequence number. */
  next(): string {
    return this.branchOf(this.nextSequence());
  }

  /** The branch with a sequence number. */
  branchOf(sequence: number): string {
    return this.prefix + (sequence + 2 ** 32).toString(16).slice(1);
  }

  /** The sequence number in a branch; throws when the branch is not one of `next`. */
  sequenceOf(branch: string): number {
    const sequence = Number.parseInt(branch.slice(this.prefix.length), 16);
    if (!branch.startsWith(this.prefix) || !(sequence >= 0)) {
      throw new RangeError(`Cannot use branch "${branch}": it is not one of newBranch`);
    }
    return sequence;
  }

  /** The sequence number in the top Via of a message; -1 when its branch is not one of ours. */
  sequenceIn(message: Message): number {
    const from = message.branchFrom;
    const digitsFrom = from + this.#prefixOctets.length;
    if (from < 0 || message.branchTo !== digitsFrom + SEQUENCE_DIGITS) return -1;
    if (!startsWithAt(message.octets, this.#prefixOctets, from)) return -1;
    return readHexadecimal(message.octets, digitsFrom, message.branchTo);
  }
}

/**
 * The key of the server transaction a request belongs to, as for a request of `method`: ACK and CANCEL look for INVITE.
 * Sent-by is taken with the transport before it, as written: whoever repeats a request repeats its Via. Without the magic
 * cookie the key is made from what identifies a request of RFC 2543. Deviates from RFC 3261 §17.2.3: the To tag is left
 * out there, because From tag, Call-ID and CSeq already tell the requests of one client apart.
 */
export function serverKey(message: Message, method: string = message.method): number {
  const via = message.lineOf(VIA);
  if (via < 0) return 0;
  const { octets } = message;
  const from = message.valueFrom(via);
  const to = message.valueTo(via);
  const semicolon = indexOfOctet(octets, SEMICOLON, from, to);
  HASH.reset().text(method).octets(octets, message.branchFrom, message.branchTo);
  HASH.octets(octets, from, semicolon < 0 ? to : semicolon);
  // the cookie with nothing behind it makes no branch unique (RFC 4475 §3.2.1)
  const isUnique = message.branchTo - message.branchFrom > COOKIE_OCTETS.length;
  if (!isUnique || !startsWithAt(octets, COOKIE_OCTETS, message.branchFrom)) {
    HASH.text(message.requestUri()).text(message.fromTag()).text(message.callId()).number(message.sequenceNumber);
  }
  return HASH.key();
}

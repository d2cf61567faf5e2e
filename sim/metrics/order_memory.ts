/** A bounded memory of which message of a pair of clients arrived last: tells who was overtaken. */

const WAYS = 4;
/** Sets of `WAYS` pairs each: 16 octets a pair, 4 MB when all are in use. */
const SETS = 1 << 16;
/** One more than the largest number of a client. */
const CLIENTS = 2 ** 26;

/** The latest arrival of each pair; where too many pairs meet, the one that was silent longest is forgotten. */
export class OrderMemory {
  /** 0: free, else 1 more than the number of a pair. */
  readonly #pairs: Float64Array = new Float64Array(SETS * WAYS);
  readonly #latest: Float64Array = new Float64Array(SETS * WAYS);

  /** A message arrived for the first time; true when one that was due after it came before it. */
  isOvertaken(sender: number, receiver: number, sequence: number): boolean {
    const pairs = this.#pairs;
    const latest = this.#latest;
    const pair = 1 + sender * CLIENTS + receiver;
    const from = WAYS * ((Math.imul(sender, 0x9e3779b1) ^ Math.imul(receiver, 0x85ebca6b)) >>> 16);
    let oldest = from;
    for (let at = from; at < from + WAYS; at++) {
      if (pairs[at] === pair) {
        if (sequence < latest[at]!) return true;
        latest[at] = sequence;
        return false;
      }
      if (latest[at]! < latest[oldest]!) oldest = at;
    }
    pairs[oldest] = pair;
    latest[oldest] = sequence;
    return false;
  }
}

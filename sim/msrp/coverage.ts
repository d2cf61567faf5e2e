/** Which octets of a message are there, whatever the order they came in. */

/** Runs of octets, kept merged and in order; octets are counted from 1 as in Byte-Range. */
export class Coverage {
  /** First octet of each run, and the octet after its end, in turns. */
  readonly #edges: number[] = [];

  /** Adds the octets `start` to `end`, both included; an end before the start adds nothing. */
  add(start: number, end: number): void {
    if (end < start) return;
    const edges = this.#edges;
    // in order, the common case: grow the last run
    const last = edges.length - 1;
    if (last > 0 && start === edges[last]) {
      edges[last] = end + 1;
      return;
    }
    let from = 0;
    while (from < edges.length && edges[from + 1]! < start) from += 2;
    let to = from;
    let low = start;
    let high = end + 1;
    while (to < edges.length && edges[to]! <= high) {
      low = Math.min(low, edges[to]!);
      high = Math.max(high, edges[to + 1]!);
      to += 2;
    }
    edges.splice(from, to - from, low, high);
  }

  /** Whether octets 1 to `length` are all there. */
  covers(length: number): boolean {
    return length === 0 || (this.#edges[0] === 1 && this.#edges[1]! > length);
  }

  /** Number of runs: 1 when there is no gap. */
  runs(): number {
    return this.#edges.length / 2;
  }

  /** Last octet that is there; 0 when there is none. */
  highest(): number {
    return (this.#edges.at(-1) ?? 1) - 1;
  }
}

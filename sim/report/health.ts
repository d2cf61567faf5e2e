/** What the gauges of a generator's health come to over the seconds of load. */
import type { Second } from "./seconds.ts";

/** The health of a generator while messages were started; null where it is not known. */
export interface HealthFigures {
  /** Longest time that an event loop stood still, in microseconds. */
  readonly loopDelay: number | null;
  /** Most open descriptors of the process. */
  readonly descriptors: number | null;
  readonly descriptorLimit: number | null;
  /** Mean share of processor time that the host took. */
  readonly steal: number | null;
  /** UDP sockets whose drops cannot be known; null when no worker said whether it has any. */
  readonly blindSockets: number | null;
}

/** Nothing was measured. */
export const UNKNOWN_HEALTH: HealthFigures = {
  loopDelay: null,
  descriptors: null,
  descriptorLimit: null,
  steal: null,
  blindSockets: null,
};

/** Adds up seconds; those before the first and after the last arrival do not count. */
export class HealthTally {
  #hasBegun = false;
  /** Seconds since the last arrival: a stall has none, and it counts when more follow. */
  #pending: Second[] = [];
  readonly #peaks: Map<string, number> = new Map();
  #steal = 0;
  #stealSeconds = 0;

  /** Takes the next second in. */
  add(second: Second): void {
    const hasArrivals = second.counters["generator.arrivals"] !== undefined;
    if (!this.#hasBegun && !hasArrivals) return;
    this.#hasBegun = true;
    this.#pending.push(second);
    if (!hasArrivals) return;
    for (const { gauges } of this.#pending) this.#take(gauges);
    this.#pending = [];
  }

  /** The figures so far. */
  figures(): HealthFigures {
    const peak = (name: string): number | null => this.#peaks.get(name) ?? null;
    return {
      loopDelay: peak("generator.loop_delay"),
      descriptors: peak("generator.descriptors"),
      descriptorLimit: peak("generator.descriptor_limit"),
      steal: this.#stealSeconds === 0 ? null : this.#steal / this.#stealSeconds,
      blindSockets: peak("generator.blind_sockets"),
    };
  }

  #take(gauges: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(gauges)) {
      if (name.startsWith("generator.")) this.#peaks.set(name, Math.max(this.#peaks.get(name) ?? value, value));
    }
    const steal = gauges["generator.steal"];
    if (steal === undefined) return;
    this.#steal += steal;
    this.#stealSeconds++;
  }
}

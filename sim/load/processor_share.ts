/** How much of a core this thread uses. */
import process from "node:process";
import type { Millis } from "../clock/clock.ts";

/** Reads what the system has booked on this thread. */
export class ProcessorShare {
  #used = process.threadCpuUsage();
  #at: Millis;

  /** Counts from `now` on. */
  constructor(now: Millis) {
    this.#at = now;
  }

  /**
   * The share of a core since the last call that gave one; undefined within the same moment, as a share of nothing is no
   * number, and where the system does not tell, as when no file descriptor is left.
   */
  take(now: Millis): number | undefined {
    if (now <= this.#at) return undefined;
    const used = process.threadCpuUsage();
    const micros = used.user + used.system - this.#used.user - this.#used.system;
    if (micros < 0) return undefined;
    const share = micros / 1000 / (now - this.#at);
    this.#used = used;
    this.#at = now;
    return share;
  }
}

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

  /** The share of a core since the last call; undefined within the same moment: a share of nothing is no number. */
  take(now: Millis): number | undefined {
    if (now <= this.#at) return undefined;
    const used = process.threadCpuUsage();
    const micros = used.user + used.system - this.#used.user - this.#used.system;
    const share = micros / 1000 / (now - this.#at);
    this.#used = used;
    this.#at = now;
    return share;
  }
}

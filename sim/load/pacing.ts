/** Paced starts of many clients: registrations before the phases, and their removal at the end. */
import type { Millis } from "../clock/clock.ts";
import type { UserAgent } from "../ua/user_agent.ts";

/** Starts clients one after another, each population at its own rate. */
export class Pacing {
  readonly #queues: { agents: UserAgent[]; next: number; gap: Millis }[] = [];
  readonly #from: Millis;
  #started = 0;

  /** Client `k` of a population is due `k` gaps after `from`. */
  constructor(agents: readonly UserAgent[], rateOf: (agent: UserAgent) => number, from: Millis) {
    this.#from = from;
    const bySettings = Map.groupBy(agents, (agent) => agent.settings);
    for (const group of bySettings.values()) {
      this.#queues.push({ agents: group, next: 0, gap: 1000 / rateOf(group[0]!) });
    }
  }

  /** Starts those that are due at `now`. */
  start(now: Millis, act: (agent: UserAgent, dueAt: Millis) => void): void {
    for (const queue of this.#queues) {
      while (queue.next < queue.agents.length && this.#from + queue.next * queue.gap <= now) {
        const dueAt = this.#from + queue.next * queue.gap;
        this.#started++;
        act(queue.agents[queue.next++]!, dueAt);
      }
    }
  }

  /** Clients started so far. */
  started(): number {
    return this.#started;
  }

  /** When the next client is due; `Infinity` when none is left. */
  nextDue(): Millis {
    const due = (queue: { agents: UserAgent[]; next: number; gap: Millis }): Millis =>
      queue.next >= queue.agents.length ? Infinity : this.#from + queue.next * queue.gap;
    return Math.min(...this.#queues.map(due));
  }

  /** Milliseconds all of it takes. */
  planned(): Millis {
    return Math.max(0, ...this.#queues.map((queue) => queue.agents.length * queue.gap));
  }

  /** Whether every client was started. */
  isOver(): boolean {
    return this.#queues.every((queue) => queue.next >= queue.agents.length);
  }

  /** Starts nobody else. */
  skipRest(): void {
    for (const queue of this.#queues) queue.agents.length = queue.next;
  }
}

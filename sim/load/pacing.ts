/** Paced starts of many clients: registrations before the phases, and their removal at the end. */
import type { Millis } from "../clock/clock.ts";
import type { UserAgent } from "../ua/user_agent.ts";

/** Starts in one turn of the loop at most: answers have to be read between them, also when a pace is beyond us. */
const MOST_A_TURN = 500;

/** The clients of one population: a stretch of all of them. */
interface Queue {
  /** The first one. */
  readonly from: number;
  /** After the last one. */
  until: number;
  next: number;
  readonly gap: Millis;
}

/** Starts clients one after another, each population at its own rate. */
export class Pacing {
  readonly #agents: readonly UserAgent[];
  readonly #queues: Queue[] = [];
  readonly #from: Millis;
  #started = 0;

  /** Client `k` of a population is due `k` gaps after `from`; those of a population stand together. */
  constructor(agents: readonly UserAgent[], rateOf: (agent: UserAgent) => number, from: Millis) {
    this.#agents = agents;
    this.#from = from;
    for (let at = 0; at < agents.length;) {
      const begin = at;
      const { settings } = agents[begin]!;
      while (at < agents.length && agents[at]!.settings === settings) at++;
      this.#queues.push({ from: begin, until: at, next: begin, gap: 1000 / rateOf(agents[begin]!) });
    }
  }

  /** Starts those that are due at `now`. */
  start(now: Millis, act: (agent: UserAgent, dueAt: Millis) => void): void {
    for (const queue of this.#queues) {
      const last = Math.min(queue.until, queue.next + MOST_A_TURN);
      for (let dueAt = this.#dueAt(queue); queue.next < last && dueAt <= now; dueAt = this.#dueAt(queue)) {
        this.#started++;
        act(this.#agents[queue.next++]!, dueAt);
      }
    }
  }

  /** Clients started so far. */
  started(): number {
    return this.#started;
  }

  /** When the next client is due; `Infinity` when none is left. */
  nextDue(): Millis {
    return Math.min(...this.#queues.map((queue) => queue.next >= queue.until ? Infinity : this.#dueAt(queue)));
  }

  /** Milliseconds all of it takes. */
  planned(): Millis {
    return Math.max(0, ...this.#queues.map(({ from, until, gap }) => (until - from) * gap));
  }

  /** Whether every client was started. */
  isOver(): boolean {
    return this.#queues.every(({ next, until }) => next >= until);
  }

  /** Starts nobody else. */
  skipRest(): void {
    for (const queue of this.#queues) queue.until = queue.next;
  }

  #dueAt({ from, next, gap }: Queue): Millis {
    return this.#from + (next - from) * gap;
  }
}

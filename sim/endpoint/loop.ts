/**
 * The turn of one event loop: what has become due is done, what was queued is flushed, then it waits.
 *
 * With a portable socket the system calls us for each datagram; a short timer covers the quiet moments in between.
 * Every received message is also a turn, so that under load nothing waits for the timer.
 */
import type { Millis } from "../clock/clock.ts";
import type { Endpoint } from "./endpoint.ts";

/** Milliseconds between turns when nothing arrives; the system rounds it up to about two. */
const QUIET_TURN: Millis = 1;

/** Turns an endpoint over until it is stopped. */
export class Loop {
  readonly #endpoint: Endpoint;
  readonly #work: (now: Millis) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #turning = false;

  /** `work` is called once a turn, after timers have fired and before what they queued is flushed. */
  constructor(endpoint: Endpoint, work: (now: Millis) => void) {
    this.#endpoint = endpoint;
    this.#work = work;
  }

  /** Starts turning. */
  start(): void {
    this.#running = true;
    this.#endpoint.onActivity = (at) => this.#turn(at);
    this.#arm();
  }

  /** Stops after the turn under way. */
  stop(): void {
    this.#running = false;
    this.#endpoint.onActivity = undefined;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      if (!this.#running) return;
      this.#turn(this.#endpoint.clock.now());
      this.#arm();
    }, QUIET_TURN);
  }

  #turn(now: Millis): void {
    // work that receives within itself (in-memory flows) must not start a second turn
    if (!this.#running || this.#turning) return;
    this.#turning = true;
    this.#endpoint.wheel.advance(now);
    this.#work(now);
    this.#endpoint.transports.flush();
    this.#turning = false;
  }
}

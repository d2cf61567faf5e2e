/**
 * The states of a run, and which orders each takes.
 *
 * | state     | start | rate | pause  | resume  | drain    | stop     | ends when                              |
 * | preparing | –     | yes  | –      | –       | draining | draining | clients are registered: ready          |
 * | ready     | once  | yes  | –      | –       | draining | draining | the start has come: running            |
 * | running   | –     | yes  | paused | –       | draining | draining | the last phase is over: draining       |
 * | paused    | –     | yes  | yes    | running | draining | draining |                                        |
 * | draining  | –     | –    | –      | –       | yes      | yes      | nothing is left: done, failed, aborted |
 * | the rest  | –     | –    | –      | –       | yes      | yes      |                                        |
 */
import type { Millis } from "../clock/clock.ts";
import type { RunStateName } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

/** What a controller may ask of a run. */
export type OrderName = "start" | "rate" | "pause" | "resume" | "drain" | "stop";

/** How a run can end. */
export type EndState = Extract<RunStateName, "done" | "failed" | "aborted">;

const TAKEN_BY: Readonly<Record<OrderName, readonly RunStateName[]>> = {
  start: ["ready"],
  rate: ["preparing", "ready", "running", "paused"],
  pause: ["running", "paused"],
  resume: ["paused", "running"],
  drain: ["preparing", "ready", "running", "paused", "draining", "done", "failed", "aborted"],
  stop: ["preparing", "ready", "running", "paused", "draining", "done", "failed", "aborted"],
};

/** The life of one run. */
export class Life {
  #state: RunStateName = "preparing";
  #startAt: Millis = Infinity;
  #stopped = false;
  /** Why it ended or is about to, one sentence; the first reason stays. */
  reason: string | undefined;

  /** Where it stands at `now`, on the clock of the start. */
  stateAt(now: Millis): RunStateName {
    if (this.#state === "ready" && now >= this.#startAt) this.#state = "running";
    return this.#state;
  }

  /** Whether nothing will happen any more. */
  isOver(): boolean {
    return this.#state === "done" || this.#state === "failed" || this.#state === "aborted";
  }

  /** Takes an order, or says why not; `true` when something is to be done about it. */
  order(order: OrderName, now: Millis): boolean | Refusal {
    const state = this.stateAt(now);
    if (!TAKEN_BY[order].includes(state)) {
      return new Refusal("wrong_state", `Cannot ${order}: the run is ${state}`);
    }
    switch (order) {
      case "start":
        return this.#startAt === Infinity ? true : new Refusal("wrong_state", "Cannot start: the run has its start");
      case "rate":
        return true;
      case "pause":
        return this.#enter("paused", state);
      case "resume":
        return this.#enter("running", state);
      case "drain":
        return state !== "draining" && !this.isOver() && this.#enter("draining", state);
      case "stop": {
        const isNew = !this.#stopped && !this.isOver();
        if (isNew) this.#stopped = true;
        if (isNew) this.#state = "draining";
        return isNew;
      }
    }
  }

  /** All clients have registered or failed. */
  becomeReady(): void {
    if (this.#state === "preparing") this.#state = "ready";
  }

  /** The first phase begins at `at`. */
  startAt(at: Millis): void {
    this.#startAt = at;
  }

  /** When the first phase begins or began; undefined before the order. */
  startsAt(): Millis | undefined {
    return this.#startAt === Infinity ? undefined : this.#startAt;
  }

  /** The last phase is over. */
  becomeDraining(): void {
    if (this.#state === "running" || this.#state === "ready" || this.#state === "paused") this.#state = "draining";
  }

  /** Nothing is left of it. */
  end(state: EndState, reason?: string): void {
    if (this.isOver()) return;
    this.#state = state;
    this.because(reason);
  }

  /** Gives a reason unless there is one. */
  because(reason: string | undefined): void {
    if (reason !== undefined && reason !== "") this.reason ??= reason;
  }

  #enter(state: RunStateName, from: RunStateName): boolean {
    this.#state = state;
    return from !== state;
  }
}

/** The stream of events of a run: its state when it changes, its figures every second. */
import { sharedNow } from "../load/coordinator.ts";
import type { AgentRun } from "./agent_run.ts";
import { runAnswer, snapshotAnswer } from "./answers.ts";

/** One event. */
export interface RunEvent {
  readonly event: "state" | "snapshot";
  readonly data: unknown;
}

/** What is new of a run each time it is asked: whoever reads slowly gets longer windows, not a queue. */
export class EventSource {
  readonly #run: AgentRun;
  #state = "";
  #sequence = 0;

  constructor(run: AgentRun) {
    this.#run = run;
  }

  /** What happened since the last call, oldest first. */
  take(): RunEvent[] {
    const events: RunEvent[] = [];
    const state = runAnswer(this.#run, sharedNow());
    const changed = JSON.stringify([state.state, state.phase, state.reason, state.agents?.map(({ lost }) => lost)]);
    if (this.#run.history.sequence > this.#sequence) {
      const snapshot = snapshotAnswer(this.#run, this.#sequence);
      this.#sequence = snapshot.sequence;
      events.push({ event: "snapshot", data: snapshot });
    }
    if (changed !== this.#state) {
      this.#state = changed;
      events.push({ event: "state", data: state });
    }
    return events;
  }

  /** Whether nothing more will come. */
  isOver(): boolean {
    return this.#run.life.isOver();
  }
}

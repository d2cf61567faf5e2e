/**
 * Actions on bindings: made again, or removed for a while. What becomes due for a client that is away waits until it is
 * back, and counts from then on.
 */
import type { Millis } from "../clock/clock.ts";
import type { CounterName } from "../metrics/catalogue.ts";
import type { SettleListener } from "../metrics/attempt.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { UserAgent } from "../ua/user_agent.ts";
import type { Agenda, Task } from "./agenda.ts";
import type { Bindings } from "./bindings.ts";
import type { Arrival } from "./sendings.ts";

/** What actions on bindings need. */
export interface AbsencesParts {
  readonly agenda: Agenda;
  readonly recorder: Recorder;
  readonly bindings: Bindings;
  /** The moment of the endpoint's clock for one since the load began. */
  readonly clockTime: (at: Millis) => Millis;
  /** The other way round. */
  readonly loadTime: (at: Millis) => Millis;
  /** Starts what waited for a client to come back. */
  readonly restart: (arrival: Arrival, listener: SettleListener | undefined) => void;
}

/** Clients of one worker that have left for a while. */
export class Absences {
  readonly #parts: AbsencesParts;
  readonly #away: Map<number, Absence> = new Map();

  /** Everybody is there. */
  constructor(parts: AbsencesParts) {
    this.#parts = parts;
  }

  /** Clients that are away. */
  get size(): number {
    return this.#away.size;
  }

  /** Whether the client of an arrival is away: then the arrival waits. */
  holds(arrival: Arrival, listener: SettleListener | undefined): boolean {
    const absence = this.#away.get(arrival.sender);
    absence?.held.push({ arrival: { ...arrival }, listener });
    return absence !== undefined;
  }

  /** Begins what an arrival asks of a client's binding; an action that cannot be is counted and over. */
  begin(arrival: Arrival, agent: UserAgent, listener: SettleListener | undefined): void {
    const { clockTime } = this.#parts;
    const dueAt = clockTime(arrival.at);
    const isBegun = arrival.doing === "reregister"
      ? this.#renew(arrival, agent, listener, dueAt)
      : this.#leave(arrival, agent, listener);
    if (isBegun) return;
    this.#count(arrival.counted, "actions.skipped");
    listener?.onSettled(dueAt);
  }

  #renew(arrival: Arrival, agent: UserAgent, listener: SettleListener | undefined, dueAt: Millis): boolean {
    const { counted } = arrival;
    return this.#parts.bindings.renew(agent, dueAt, counted, (_agent, outcome) => {
      this.#count(counted, outcome.kind === "registered" ? "actions.reregistered" : "actions.failed");
      listener?.onSettled(agent.settings.endpoint.clock.now());
    });
  }

  #leave(arrival: Arrival, agent: UserAgent, listener: SettleListener | undefined): boolean {
    const { agenda, bindings, loadTime } = this.#parts;
    const absence = new Absence(this, agent, listener, arrival.counted);
    // before the request: a refusal may come at once
    this.#away.set(agent.index, absence);
    const { delay } = arrival;
    const isLeaving = bindings.remove(agent, () => {
      this.#count(absence.counted, "actions.deregistered");
      agenda.add(loadTime(agent.settings.endpoint.clock.now()) + delay, absence);
    });
    if (!isLeaving) this.#away.delete(agent.index);
    return isLeaving;
  }

  /** From an absence: its time is over. */
  end(absence: Absence, due: Millis): void {
    const { bindings, clockTime, loadTime, restart } = this.#parts;
    const { agent, counted } = absence;
    bindings.restore(agent, clockTime(due), counted, (isBack) => {
      this.#count(counted, isBack ? "actions.returned" : "actions.failed");
      this.#away.delete(agent.index);
      const now = agent.settings.endpoint.clock.now();
      absence.listener?.onSettled(now);
      for (const { arrival, listener } of absence.held) restart({ ...arrival, at: loadTime(now) }, listener);
    });
  }

  #count(counted: boolean, name: CounterName): void {
    if (counted) this.#parts.recorder.count(name);
  }
}

/** One client that is away. */
class Absence implements Task {
  readonly agent: UserAgent;
  readonly listener: SettleListener | undefined;
  readonly counted: boolean;
  /** What became due meanwhile. */
  readonly held: { readonly arrival: Arrival; readonly listener: SettleListener | undefined }[] = [];
  readonly #absences: Absences;

  constructor(absences: Absences, agent: UserAgent, listener: SettleListener | undefined, counted: boolean) {
    this.#absences = absences;
    this.agent = agent;
    this.listener = listener;
    this.counted = counted;
  }

  begin(due: Millis): void {
    this.#absences.end(this, due);
  }
}

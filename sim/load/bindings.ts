/**
 * The bindings of one worker's clients: made at a constant pace before the load (ETSI TS 186 008: the preamble), renewed
 * or removed for a while by actions, and removed at the end.
 */
import type { Millis } from "../clock/clock.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { RegistrationListener, RegistrationOutcome } from "../ua/registration.ts";
import type { UserAgent } from "../ua/user_agent.ts";
import type { Clients } from "./clients.ts";
import { Pacing } from "./pacing.ts";
import { NOBODY, type Unreached } from "./reach.ts";

/** Milliseconds that bindings get to be removed, beyond the time their pacing takes. */
const REMOVAL_LIMIT: Millis = 5000;

/** Registers and removes the clients of one worker. */
export class Bindings {
  readonly #clients: Clients;
  readonly #recorder: Recorder;
  readonly #preamble: Pacing;
  /** Who hears whether a client that an action had removed is back. */
  readonly #restoring: Map<UserAgent, (isBack: boolean) => void> = new Map();
  /** Who hears of what an action has asked of a client's binding. */
  readonly #asked: Map<UserAgent, (outcome: RegistrationOutcome) => void> = new Map();
  /** The same function for all clients: a million do not keep one each. */
  readonly #listener: RegistrationListener = (agent, outcome) => this.#heard(agent, outcome);
  #removal: Pacing | undefined;
  #removalSince: Millis = 0;
  #wasInterrupted = false;
  #registered = 0;
  #failed = 0;
  #removed = 0;
  #firstFailure: string | undefined;

  /** The preamble begins at `now`, on the endpoint's clock. */
  constructor(clients: Clients, recorder: Recorder, now: Millis) {
    this.#clients = clients;
    this.#recorder = recorder;
    const registers = (agent: UserAgent): boolean => agent.settings.registerExpires !== undefined;
    const registering = clients.all.every(registers) ? clients.all : clients.all.filter(registers);
    this.#preamble = new Pacing(registering, (agent) => this.#rateOf(agent), now);
    recorder.count("clients.configured", clients.all.length);
  }

  /** Registers who is due; gives when the next client is. */
  turnPreamble(now: Millis): Millis {
    this.#preamble.start(now, (agent, dueAt) => agent.register(dueAt, this.#listener));
    return this.#preamble.nextDue();
  }

  /** Whether every client has registered or failed. */
  isPreambleOver(): boolean {
    return this.#preamble.isOver() && this.#registered + this.#failed >= this.#preamble.started();
  }

  /** What the end of the preamble says of the target. */
  unreached(): Unreached {
    if (this.#registered > 0) return undefined;
    return this.#failed === 0 ? NOBODY : this.#firstFailure ?? "no client could register";
  }

  /** Makes a standing binding again; false when there is none, or something is under way. */
  renew(agent: UserAgent, dueAt: Millis, counted: boolean, listener: RegistrationListener): boolean {
    return agent.registration?.renew(dueAt, listener, counted) === true;
  }

  /** Removes a standing binding for a while; `listener` hears `removed`. False when there is none. */
  remove(agent: UserAgent, listener: () => void): boolean {
    if (agent.registration?.isRegistered() !== true || agent.registration.isUnderWay()) return false;
    this.#asked.set(agent, listener);
    agent.registration.unregister();
    return true;
  }

  /** Makes a binding that was removed again; `listener` hears how that ended. */
  restore(agent: UserAgent, dueAt: Millis, counted: boolean, listener: (isBack: boolean) => void): void {
    this.#restoring.set(agent, listener);
    agent.register(dueAt, this.#listener, counted);
  }

  /** Begins to remove all bindings, and those in the making as soon as they are made. */
  removeAll(now: Millis, isInterrupted: boolean): void {
    this.#clients.recovery.stop();
    this.#asked.clear();
    const bound = this.#clients.all.filter(({ index, registration }) =>
      (registration?.isRegistered() === true || registration?.isBeingMade() === true) &&
      this.#clients.populationOf(index).unregister
    );
    this.#removed = 0;
    this.#wasInterrupted = isInterrupted;
    this.#removalSince = now;
    // an interrupted run has to be through with all of them within the bounded wait
    const slowest = isInterrupted ? Math.max(500, bound.length / 4) : 500;
    this.#removal = new Pacing(bound, (agent) => Math.max(slowest, this.#rateOf(agent)), now);
  }

  /** Removes who is due; gives when the next client is. */
  turnRemoval(now: Millis): Millis {
    this.#removal!.start(now, (agent) => agent.registration!.unregister());
    return this.#removal!.nextDue();
  }

  /** Whether every binding is removed, or the bounded wait for that is over. */
  isRemovalOver(now: Millis): boolean {
    const removal = this.#removal!;
    if (removal.isOver() && this.#removed >= removal.started()) return true;
    const limit = this.#wasInterrupted ? Math.min(removal.planned(), 5000) : removal.planned();
    return now - this.#removalSince >= limit + REMOVAL_LIMIT;
  }

  #rateOf(agent: UserAgent): number {
    return this.#clients.registrationRateOf(agent);
  }

  #heard(agent: UserAgent, outcome: RegistrationOutcome): void {
    if (outcome.kind === "removed") {
      this.#heardRemoved(agent, outcome);
      return;
    }
    const restored = this.#restoring.get(agent);
    if (restored === undefined) this.#heardFirst(outcome);
    else {
      this.#restoring.delete(agent);
      restored(outcome.kind === "registered");
    }
  }

  #heardFirst(outcome: RegistrationOutcome): void {
    if (outcome.kind === "registered") {
      this.#registered++;
      this.#recorder.count("clients.registered");
      return;
    }
    this.#failed++;
    this.#recorder.count("clients.failed");
    if (outcome.kind !== "failed") return;
    this.#firstFailure ??= outcome.detail;
    // a target that is not there fails everybody: waiting for the rest would only take longer
    if (this.#registered === 0 && !/^\d/.test(outcome.detail)) this.#preamble.skipRest();
  }

  #heardRemoved(agent: UserAgent, outcome: RegistrationOutcome): void {
    this.#restoring.delete(agent);
    const asked = this.#asked.get(agent);
    if (asked !== undefined) {
      this.#asked.delete(agent);
      asked(outcome);
      return;
    }
    this.#removed++;
    this.#recorder.count("clients.unregistered");
  }
}

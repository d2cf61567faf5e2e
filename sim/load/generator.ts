/**
 * One worker's part of a run: registers its clients, starts what becomes due, and leaves nothing behind.
 *
 * | state         | next when                                                                             |
 * | registering   | every client has registered or failed: waiting; nobody could: unreachable             |
 * | waiting       | the common start of all workers: running                                              |
 * | running       | the last phase is over: draining                                                      |
 * | draining      | every message and session of ours has ended, or the drain limit: quiet                |
 * | quiet         | all workers are quiet, so that nobody's messages meet a closed door: releasing        |
 * | releasing     | sessions cut short have ended, or a bounded wait: unregistering                       |
 * | unregistering | every binding is removed, or a bounded wait: done                                     |
 */
import type { Millis } from "../clock/clock.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Ledger } from "../metrics/ledger.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Session } from "../ua/session.ts";
import type { UserAgent } from "../ua/user_agent.ts";
import { type Arrival, Arrivals, emptyArrival } from "./arrivals.ts";
import type { Clients, Share } from "./clients.ts";
import { Pacing } from "./pacing.ts";
import type { Plan } from "./plan.ts";

/** Milliseconds that sessions cut short get to end. */
const RELEASE_LIMIT: Millis = 5000;
/** Milliseconds that callers get before the other side releases as well: one BYE for a session between our own clients. */
const CALLERS_FIRST: Millis = 2000;
/** Milliseconds that bindings get to be removed, beyond the time their pacing takes. */
const UNREGISTER_LIMIT: Millis = 5000;
/** Milliseconds between two looks at the ledger for what is lost. */
const EXPIRE_EVERY: Millis = 250;

/** Where a worker stands. */
export type GeneratorState =
  | "registering"
  | "waiting"
  | "running"
  | "draining"
  | "quiet"
  | "releasing"
  | "unregistering"
  | "done";

/** What a generator needs. */
export interface GeneratorParts {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly share: Share;
  readonly run: number;
  readonly clients: Clients;
  readonly endpoint: Endpoint;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  /** Told once when every client has registered or failed. */
  readonly onReady: (unreachable: string | undefined) => void;
  /** Told once when nothing of this worker is under way any more; `finish` follows. */
  readonly onQuiet: () => void;
}

/** Turns arrivals into messages of clients. */
export class Generator {
  state: GeneratorState = "registering";
  readonly #parts: GeneratorParts;
  readonly #arrivals: Arrivals;
  readonly #arrival: Arrival = emptyArrival();
  #hasArrival: boolean;
  #stateSince: Millis;
  /** When the first phase begins. */
  #startAt: Millis = Infinity;
  #lookedAt: Millis = 0;
  readonly #scheduleLag: number;
  #interrupted = false;
  #releasedAll = false;
  readonly #registering: Pacing;
  /** Clients whose first registration has no outcome yet. */
  readonly #inTheMaking: Set<UserAgent> = new Set();
  #unregistering: Pacing | undefined;
  #registered = 0;
  #failed = 0;
  #removed = 0;
  #firstFailure: string | undefined;

  /** Begins at `now`, on the endpoint's clock. */
  constructor(parts: GeneratorParts, now: Millis) {
    this.#parts = parts;
    this.#stateSince = now;
    this.#scheduleLag = parts.recorder.latencyId("schedule_lag");
    this.#arrivals = new Arrivals(parts.plan, parts.scenario);
    this.#hasArrival = this.#nextOwn();
    const registering = parts.clients.all.filter((agent) => agent.settings.registerExpires !== undefined);
    this.#registering = new Pacing(registering, (agent) => this.#rateOf(agent), now);
    parts.recorder.count("clients.configured", parts.clients.all.length);
    if (registering.length === 0) this.#ready();
  }

  /** When the first phase began, undefined before. */
  startedAt(): Millis | undefined {
    return this.#startAt === Infinity || this.state === "registering" || this.state === "waiting"
      ? undefined
      : this.#startAt;
  }

  /** Index of the phase under way at `now`. */
  phaseAt(now: Millis): number {
    const elapsed = now - this.#startAt;
    const { phases } = this.#parts.plan;
    const found = phases.findIndex((phase) => elapsed < phase.start + phase.duration);
    return found < 0 ? phases.length - 1 : found;
  }

  /** All workers are ready: the first phase begins at `at`. */
  begin(at: Millis): void {
    this.#startAt = at;
  }

  /** Every worker is quiet: releases what is left and removes the bindings. */
  finish(now: Millis): void {
    if (this.state === "quiet" || this.state === "waiting") this.#release(now);
  }

  /** No more arrivals; what is under way ends as after the last phase. */
  drain(now: Millis): void {
    this.#hasArrival = false;
    if (this.state === "running" || this.state === "waiting") this.#enter("draining", now);
  }

  /** Stops early: no more arrivals, sessions are released, bindings removed. */
  interrupt(now: Millis): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    if (this.state !== "releasing" && this.state !== "unregistering" && this.state !== "done") this.#release(now);
  }

  /** Does what is due at `now`; gives the moment at which something more will be, as far as it is known. */
  turn(now: Millis): Millis {
    if (this.state !== "registering" && now - this.#lookedAt >= EXPIRE_EVERY) {
      this.#lookedAt = now;
      this.#parts.ledger.expire(now);
    }
    switch (this.state) {
      case "registering":
        this.#registering.start(now, (agent, dueAt) => this.#register(agent, dueAt));
        return this.#registering.nextDue();
      case "waiting":
        if (now >= this.#startAt) this.#enter("running", this.#startAt);
        return this.#startAt;
      case "running":
        this.#startArrivals(now);
        return this.#hasArrival ? this.#startAt + this.#arrival.at : Infinity;
      case "draining":
        if (this.#isQuiet() || now - this.#stateSince >= this.#drainLimit()) {
          this.#enter("quiet", now);
          this.#parts.onQuiet();
        }
        return Infinity;
      case "releasing":
        this.#turnReleasing(now);
        return Infinity;
      case "unregistering":
        this.#turnUnregistering(now);
        return this.#unregistering!.nextDue();
      case "quiet":
      case "done":
        return Infinity;
    }
  }

  /** Sessions of this worker's clients at the calling side that are still open, those of a warm-up included. */
  openSessions(): number {
    return this.#open().length;
  }

  #open(): Session[] {
    const inSession = this.#parts.clients.all.filter((agent) => agent.isInSession());
    return inSession.flatMap((agent) => [...agent.sessions].filter((session) => session.caller));
  }

  #rateOf(agent: UserAgent): number {
    return this.#parts.clients.registrationRateOf(agent);
  }

  #register(agent: UserAgent, dueAt: Millis): void {
    this.#inTheMaking.add(agent);
    agent.register(dueAt, (_agent, outcome) => {
      this.#inTheMaking.delete(agent);
      if (outcome.kind === "removed") {
        this.#removed++;
        this.#parts.recorder.count("clients.unregistered");
        return;
      }
      if (outcome.kind === "registered") {
        this.#registered++;
        this.#parts.recorder.count("clients.registered");
      } else {
        this.#failed++;
        this.#firstFailure ??= outcome.detail;
        this.#parts.recorder.count("clients.failed");
        // a target that is not there fails everybody: waiting for the rest would only take longer
        if (this.#registered === 0 && !/^\d/.test(outcome.detail)) this.#registering.skipRest();
      }
      if (this.state === "registering" && this.#registered + this.#failed >= this.#registering.started()) {
        if (this.#registering.isOver()) this.#ready();
      }
    });
  }

  #ready(): void {
    this.#enter("waiting", this.#stateSince);
    const nobody = this.#registered === 0 && this.#failed > 0;
    this.#parts.onReady(nobody ? this.#firstFailure ?? "no client could register" : undefined);
  }

  #startArrivals(now: Millis): void {
    const { recorder, ledger, scenario } = this.#parts;
    const arrival = this.#arrival;
    while (this.#hasArrival && this.#startAt + arrival.at <= now) {
      const dueAt = this.#startAt + arrival.at;
      recorder.count("generator.arrivals");
      recorder.latencyOfId(this.#scheduleLag, now - dueAt);
      if (ledger.size >= scenario.limits.inFlight) recorder.count("generator.dropped_arrivals");
      else this.#start(arrival, dueAt);
      this.#hasArrival = this.#nextOwn();
    }
    if (now >= this.#startAt + this.#parts.plan.duration && !this.#hasArrival) this.#enter("draining", now);
  }

  #start(arrival: Arrival, dueAt: Millis): void {
    const { clients, share, run } = this.#parts;
    clients.warmup.on = !arrival.counted;
    clients.at(arrival.sender)!.send({
      // the number on the wire says whose ledger it is in: `sequence mod count`
      sequence: arrival.sequence * share.count + share.index,
      run,
      to: arrival.receiver < 0 ? arrival.receiverUri : clients.addressOf(arrival.receiver),
      receiver: arrival.receiver,
      size: arrival.size,
      sizeIsTotal: arrival.sizeIsTotal,
      dueAt,
      counted: arrival.counted,
    });
  }

  #nextOwn(): boolean {
    const { share } = this.#parts;
    while (this.#arrivals.next(this.#arrival)) {
      if (this.#arrival.sender % share.count === share.index) return true;
    }
    return false;
  }

  #drainLimit(): Millis {
    const { scenario } = this.#parts;
    return scenario.limits.drain + Math.max(...scenario.populations.map((population) => population.session.hold));
  }

  /** Whether nothing of ours is under way: no message open, no session, no binding in the making. */
  #isQuiet(): boolean {
    return this.#parts.ledger.size === 0 && this.#parts.clients.all.every((agent) => !agent.isInSession());
  }

  #release(now: Millis): void {
    for (const agent of this.#parts.clients.all) agent.abandon(true);
    this.#enter("releasing", now);
  }

  /** Callers have had their time to release: what is left is released from the other side. */
  #turnReleasing(now: Millis): void {
    const waited = now - this.#stateSince;
    if (this.#isQuiet() || waited >= RELEASE_LIMIT) {
      this.#unregister(now);
    } else if (waited >= CALLERS_FIRST && !this.#releasedAll) {
      this.#releasedAll = true;
      for (const agent of this.#parts.clients.all) agent.abandon();
    }
  }

  /** Removes bindings, and those in the making as soon as they are made. */
  #unregister(now: Millis): void {
    this.#parts.clients.recovery.stop();
    const bound = this.#parts.clients.all.filter((agent) =>
      (agent.registration?.isRegistered() === true || this.#inTheMaking.has(agent)) &&
      this.#parts.clients.populationOf(agent.index).unregister
    );
    this.#removed = 0;
    // an interrupted run has to be through with all of them within the bounded wait
    const slowest = this.#interrupted ? Math.max(500, bound.length / 4) : 500;
    this.#unregistering = new Pacing(bound, (agent) => Math.max(slowest, this.#rateOf(agent)), now);
    this.#enter("unregistering", now);
  }

  #turnUnregistering(now: Millis): void {
    const pacing = this.#unregistering!;
    pacing.start(now, (agent) => agent.registration!.unregister());
    const limit = (this.#interrupted ? Math.min(pacing.planned(), 5000) : pacing.planned()) + UNREGISTER_LIMIT;
    if ((pacing.isOver() && this.#removed >= pacing.started()) || now - this.#stateSince >= limit) {
      this.#parts.recorder.count("sessions.leaked", this.#open().filter((session) => session.counted).length);
      this.#enter("done", now);
    }
  }

  #enter(state: GeneratorState, now: Millis): void {
    this.state = state;
    this.#stateSince = now;
  }
}

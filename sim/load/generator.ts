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
import { Bindings } from "./bindings.ts";
import type { Unreached } from "./reach.ts";
import { Traffic, type TrafficParts } from "./traffic.ts";

/** Milliseconds that sessions cut short get to end. */
const RELEASE_LIMIT: Millis = 5000;
/** Milliseconds that callers get before the other side releases as well: one BYE for a session between our own clients. */
const CALLERS_FIRST: Millis = 2000;
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
export interface GeneratorParts extends Omit<TrafficParts, "bindings"> {
  /** Told once when every client has registered or failed. */
  readonly onReady: (unreached: Unreached) => void;
  /** Told once when nothing of this worker is under way any more; `finish` follows. */
  readonly onQuiet: () => void;
}

/** Takes the clients of one worker through a run. */
export class Generator {
  state: GeneratorState = "registering";
  readonly #parts: GeneratorParts;
  readonly #bindings: Bindings;
  readonly #traffic: Traffic;
  #stateSince: Millis;
  #lookedAt: Millis = 0;
  #interrupted = false;
  #releasedAll = false;

  /** Begins at `now`, on the endpoint's clock. */
  constructor(parts: GeneratorParts, now: Millis) {
    this.#parts = parts;
    this.#stateSince = now;
    this.#bindings = new Bindings(parts.clients, parts.recorder, now);
    this.#traffic = new Traffic({ ...parts, bindings: this.#bindings });
  }

  /** When the load began, later by as long as it was paused; undefined before. */
  startedAt(): Millis | undefined {
    const at = this.#traffic.startedAt();
    // a run that was stopped before its start never began
    return this.state === "registering" || this.state === "waiting" || at === Infinity ? undefined : at;
  }

  /** Index of the phase under way at `now`; of those side by side, the one that began last. */
  phaseAt(now: Millis): number {
    const elapsed = this.#traffic.loadTime(now);
    const { phases } = this.#parts.plan;
    const found = phases.findLastIndex(({ start, duration }) => start <= elapsed && elapsed < start + duration);
    return found >= 0 ? found : elapsed < 0 ? 0 : phases.length - 1;
  }

  /** Messages a second that this worker's part of the rates asks for at `now`. */
  askedRate(now: Millis): number {
    return this.state === "running" ? this.#traffic.askedRate(now) : 0;
  }

  /** All workers are ready: the load begins at `at`. */
  begin(at: Millis): void {
    this.#traffic.begin(at);
  }

  /** Multiplies the planned rates by `factor` from now on and divides think times by it; phases keep their lengths. */
  setRate(factor: number, now: Millis): void {
    this.#traffic.setRate(factor, now);
  }

  /** Starts nothing until `resume`; what is under way goes on. */
  pause(now: Millis): void {
    this.#traffic.pause(now);
  }

  /** Goes on: everything is due later by as long as the pause took. */
  resume(now: Millis): void {
    this.#traffic.resume(now);
  }

  /** A message arrived at a client of ours, at `at` on the endpoint's clock. */
  delivered(client: number, from: string, at: Millis): void {
    this.#traffic.delivered(client, from, at);
  }

  /** Every worker is quiet: releases what is left and removes the bindings. */
  finish(now: Millis): void {
    if (this.state === "quiet" || this.state === "waiting") this.#release(now);
  }

  /** No more arrivals; what is under way ends as after the last phase. */
  drain(now: Millis): void {
    this.#traffic.stop();
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
        return this.#turnRegistering(now);
      case "waiting":
        if (now >= this.#traffic.startedAt()) this.#enter("running", this.#traffic.startedAt());
        return this.#traffic.startedAt();
      case "running": {
        const next = this.#traffic.turn(now);
        if (this.#traffic.isOver(now)) this.#enter("draining", now);
        return next;
      }
      case "draining":
        return this.#turnDraining(now);
      case "releasing":
        this.#turnReleasing(now);
        return Infinity;
      case "unregistering":
        return this.#turnUnregistering(now);
      case "quiet":
      case "done":
        return Infinity;
    }
  }

  /** Sessions of this worker's clients at the calling side that are still open, those of a warm-up included. */
  openSessions(): number {
    return this.#parts.clients.underWay.sessions.called;
  }

  #turnRegistering(now: Millis): Millis {
    const next = this.#bindings.turnPreamble(now);
    if (!this.#bindings.isPreambleOver()) return next;
    this.#enter("waiting", this.#stateSince);
    this.#parts.onReady(this.#bindings.unreached());
    return Infinity;
  }

  #turnDraining(now: Millis): Millis {
    const next = this.#traffic.turn(now);
    const isQuiet = this.#isQuiet() && this.#traffic.isIdle();
    if (isQuiet || now - this.#stateSince >= this.#drainLimit()) {
      this.#traffic.stop();
      this.#enter("quiet", now);
      this.#parts.onQuiet();
    }
    return next;
  }

  #drainLimit(): Millis {
    const { scenario } = this.#parts;
    return scenario.limits.drain + Math.max(...scenario.populations.map((population) => population.session.hold));
  }

  /** Whether nothing of ours is under way: no message open, no session. */
  #isQuiet(): boolean {
    return this.#parts.ledger.size === 0 && this.#parts.clients.underWay.isNothing();
  }

  #release(now: Millis): void {
    this.#traffic.stop();
    for (const agent of this.#parts.clients.all) agent.abandon(true);
    this.#enter("releasing", now);
  }

  /** Callers have had their time to release: what is left is released from the other side. */
  #turnReleasing(now: Millis): void {
    const waited = now - this.#stateSince;
    if (this.#isQuiet() || waited >= RELEASE_LIMIT) {
      this.#bindings.removeAll(now, this.#interrupted);
      this.#enter("unregistering", now);
    } else if (waited >= CALLERS_FIRST && !this.#releasedAll) {
      this.#releasedAll = true;
      for (const agent of this.#parts.clients.all) agent.abandon();
    }
  }

  #turnUnregistering(now: Millis): Millis {
    const next = this.#bindings.turnRemoval(now);
    if (!this.#bindings.isRemovalOver(now)) return next;
    const { clients, recorder } = this.#parts;
    for (const agent of clients.all) {
      if (!agent.isInSession()) continue;
      const leaked = [...agent.sessions].filter(({ caller, counted }) => caller && counted);
      recorder.count("sessions.leaked", leaked.length);
    }
    this.#enter("done", now);
    return Infinity;
  }

  #enter(state: GeneratorState, now: Millis): void {
    this.state = state;
    this.#stateSince = now;
  }
}

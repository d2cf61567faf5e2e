/**
 * The load of one worker while it runs: starts what its rates and its VUs make due.
 *
 * All moments in here count from the beginning of the load, on a clock that stands still while the load is paused; so
 * nothing becomes late by a pause.
 */
import type { Millis } from "../clock/clock.ts";
import type { SettleListener } from "../metrics/attempt.ts";
import type { Ledger } from "../metrics/ledger.ts";
import { fixedCounterId, type Recorder } from "../metrics/recorder.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { emptyOrder, type WritableOrder } from "../ua/message_order.ts";
import { Absences } from "./absences.ts";
import { Agenda, type Task } from "./agenda.ts";
import { Arrivals } from "./arrivals.ts";
import type { Bindings } from "./bindings.ts";
import type { Clients, Share } from "./clients.ts";
import { type ActionStarter, ClosedLoop } from "./closed_loop.ts";
import { rateAt } from "./pacer.ts";
import type { Plan } from "./plan.ts";
import { Replies } from "./replies.ts";
import { type Arrival, emptyArrival } from "./sendings.ts";

const ARRIVALS = fixedCounterId("generator.arrivals");

/** What the load needs. */
export interface TrafficParts {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly share: Share;
  readonly run: number;
  readonly clients: Clients;
  readonly bindings: Bindings;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
}

/** Turns arrivals and VUs into actions of clients. */
export class Traffic implements ActionStarter {
  /** By what the planned rates are multiplied, and think times divided. */
  factor = 1;
  readonly #parts: TrafficParts;
  readonly #arrivals: Arrivals;
  readonly #arrival: Arrival = emptyArrival();
  readonly #order: WritableOrder;
  #hasArrival: boolean;
  readonly #agenda = new Agenda();
  readonly #loops: readonly ClosedLoop[];
  readonly #replies: Replies;
  readonly #absences: Absences;
  /** Whether clients reply, by population. */
  readonly #replying: readonly boolean[];
  /** Messages of this worker that may be open at one time. */
  readonly #room: number;
  readonly #scheduleLag: number;
  #startAt: Millis = Infinity;
  /** The load's own time while it is paused. */
  #pausedAt: Millis | undefined;
  /** Messages started, whose numbers they carry. */
  #sequence = 0;
  /** The load's own time in the turn under way. */
  #now: Millis = 0;
  /** Since when there is room again after arrivals had to wait for it. */
  #roomSince: Millis = 0;
  #isFull = false;
  #isStopped = false;
  readonly #clockTime = (at: Millis): Millis => this.#startAt + at;

  /** Nothing is started before `begin`. */
  constructor(parts: TrafficParts) {
    this.#parts = parts;
    const { scenario, plan, share, recorder, clients, bindings } = parts;
    this.#order = emptyOrder(parts.run);
    this.#scheduleLag = recorder.latencyId("schedule_lag");
    this.#arrivals = new Arrivals(plan, scenario);
    this.#hasArrival = this.#nextOwn();
    this.#loops = plan.phases.flatMap(({ closed }, index) =>
      closed === undefined ? [] : [new ClosedLoop(plan, scenario, index, share, this.#agenda, this)]
    );
    this.#room = roomOf(scenario.limits.inFlight, share);
    this.#replies = new Replies({
      agenda: this.#agenda,
      recorder,
      clockTime: this.#clockTime,
      send: (arrival, to, due, listener) => this.#send(arrival, clients.numberOf(to), to, due, listener),
    });
    this.#absences = new Absences({
      agenda: this.#agenda,
      recorder,
      bindings,
      clockTime: this.#clockTime,
      loadTime: (at) => this.loadTime(at),
      restart: (arrival, listener) => this.#act(arrival, listener),
    });
    this.#replying = scenario.populations.map(({ actions }) => actions.some(({ action }) => action === "reply"));
  }

  /** The load begins at `at`, on the endpoint's clock. */
  begin(at: Millis): void {
    this.#startAt = at;
    for (const loop of this.#loops) loop.begin();
  }

  /** When it began, later by as long as it was paused; Infinity before. */
  startedAt(): Millis {
    return this.#startAt;
  }

  /** As `ActionStarter`. */
  loadTime(at: Millis): Millis {
    return this.#pausedAt ?? at - this.#startAt;
  }

  /** Starts what is due; gives when something more will be, on the endpoint's clock. */
  turn(now: Millis): Millis {
    if (this.#pausedAt !== undefined || this.#isStopped) return Infinity;
    const at = this.#now = now - this.#startAt;
    this.#startArrivals(at);
    if (this.#agenda.size > 0) this.#agenda.begin(at);
    const next = this.#hasArrival && !this.#isFull ? this.#arrival.at : Infinity;
    return this.#startAt + Math.min(next, this.#agenda.nextDue());
  }

  /** Whether every phase is over. */
  isOver(now: Millis): boolean {
    const at = this.loadTime(now);
    if (this.#hasArrival && this.#arrival.at !== Infinity) return false;
    const { phases } = this.#parts.plan;
    const areOpenOver = phases.every(({ open, start, duration }) => open === undefined || at >= start + duration);
    return areOpenOver && this.#loops.every((loop) => loop.isOver(at));
  }

  /** Whether nobody thinks about a reply, is away or waits for anything. */
  isIdle(): boolean {
    return this.#isStopped || (this.#agenda.size === 0 && this.#absences.size === 0);
  }

  /** Starts nothing any more. */
  stop(): void {
    this.#isStopped = true;
    this.#agenda.clear();
  }

  /** Multiplies the planned rates by `factor` from now on, and divides think times by it; 0 stops arrivals. */
  setRate(factor: number, now: Millis): void {
    if (!(factor >= 0 && factor < Infinity)) throw new RangeError(`Cannot multiply rates by ${factor}`);
    this.factor = factor;
    this.#arrivals.retime(factor, this.#startAt === Infinity ? 0 : this.loadTime(now));
    if (this.#hasArrival) this.#arrival.at = this.#arrivals.momentOf(this.#arrival);
    else this.#hasArrival = this.#nextOwn();
  }

  /** Starts nothing until `resume`. */
  pause(now: Millis): void {
    if (this.#startAt !== Infinity) this.#pausedAt ??= this.loadTime(now);
  }

  /** Goes on where `pause` stopped: everything is due later by as long as it took. */
  resume(now: Millis): void {
    if (this.#pausedAt === undefined) return;
    this.#startAt = now - this.#pausedAt;
    this.#pausedAt = undefined;
  }

  /** Messages that this worker's part of the rates asks for at `now`, a second. */
  askedRate(now: Millis): number {
    if (this.#pausedAt !== undefined || this.#startAt === Infinity) return 0;
    const at = now - this.#startAt;
    const { plan, share } = this.#parts;
    const rate = plan.phases.reduce(
      (sum, { open, start }) => sum + (open === undefined || at < start ? 0 : rateAt(open, at - start)),
      0,
    );
    return rate * this.factor / share.count;
  }

  /** A message arrived at a client of ours. */
  delivered(client: number, from: string, at: Millis): void {
    const { clients, scenario } = this.#parts;
    if (this.#startAt === Infinity || this.#isStopped) return;
    if (!this.#replying[scenario.populations.indexOf(clients.populationOf(client))]) return;
    // who hides behind another address cannot be answered
    if (clients.isOfOurDomain(from)) this.#replies.arrived(client, { from, at: this.loadTime(at) });
  }

  /** As `ActionStarter`: from a closed loop. */
  start(arrival: Arrival, listener: SettleListener): void {
    this.#parts.recorder.count("generator.iterations");
    this.#act(arrival, listener);
  }

  #startArrivals(at: Millis): void {
    const { recorder, ledger } = this.#parts;
    const arrival = this.#arrival;
    while (this.#hasArrival && arrival.at <= at) {
      const isFull = arrival.doing === "message" && ledger.size >= this.#room;
      if (isFull && this.#mayWait(at)) {
        this.#isFull = true;
        return;
      }
      if (isFull) {
        recorder.countId(ARRIVALS);
        recorder.count("generator.dropped_arrivals");
      } else {
        if (this.#isFull) this.#roomSince = at;
        this.#isFull = false;
        if (arrival.at < this.#roomSince) recorder.count("generator.queued_arrivals");
        this.#act(arrival, undefined);
      }
      this.#hasArrival = this.#nextOwn();
    }
  }

  /** Whether arrivals without room wait for it: as long as outcomes would be waited for. */
  #mayWait(at: Millis): boolean {
    const { scenario: { limits }, plan } = this.#parts;
    return limits.inFlightPolicy === "queue" && at < plan.duration + limits.drain;
  }

  #act(arrival: Arrival, listener: SettleListener | undefined): void {
    if (this.#absences.size > 0 && this.#absences.holds(arrival, listener)) return;
    const { clients } = this.#parts;
    const { receiver, receiverUri, at } = arrival;
    switch (arrival.doing) {
      case "message":
        this.#send(arrival, receiver, receiver < 0 ? receiverUri : clients.addressOf(receiver), at, listener);
        return;
      case "reply":
        this.#replies.ask(arrival, listener);
        return;
      case "idle":
        if (listener !== undefined) this.#agenda.add(arrival.at + arrival.delay, new Pause(listener, this.#clockTime));
        return;
      default:
        this.#absences.begin(arrival, clients.at(arrival.sender)!, listener);
    }
  }

  #send(
    arrival: Arrival,
    receiver: number,
    to: string,
    at: Millis,
    listener: SettleListener | undefined,
  ): void {
    const { clients, share, recorder } = this.#parts;
    recorder.countId(ARRIVALS);
    // a wait for room is the stated policy, not lateness of ours; what does not count is late while V8 still compiles
    if (arrival.counted) recorder.latencyOfId(this.#scheduleLag, this.#now - Math.max(at, this.#roomSince));
    clients.warmup.on = !arrival.counted;
    const agent = clients.at(arrival.sender)!;
    const order = this.#order;
    // the number on the wire says whose ledger it is in: `sequence mod count`
    order.sequence = this.#sequence++ * share.count + share.index;
    order.to = to;
    order.receiver = receiver;
    order.size = arrival.size;
    order.sizeIsTotal = arrival.sizeIsTotal;
    order.dueAt = this.#startAt + at;
    order.counted = arrival.counted;
    order.anonymous = arrival.anonymous;
    order.mode = arrival.mode;
    order.content = agent.settings.content;
    order.listener = listener;
    agent.send(order);
  }

  #nextOwn(): boolean {
    const { share } = this.#parts;
    while (this.#arrivals.next(this.#arrival)) {
      if (this.#arrival.sender % share.count === share.index) return true;
    }
    return false;
  }
}

/** A client that does nothing for a while. */
class Pause implements Task {
  readonly #listener: SettleListener;
  readonly #clockTime: (at: Millis) => Millis;

  constructor(listener: SettleListener, clockTime: (at: Millis) => Millis) {
    this.#listener = listener;
    this.#clockTime = clockTime;
  }

  begin(due: Millis): void {
    this.#listener.onSettled(this.#clockTime(due));
  }
}

/** A worker's part of a limit for all of them, at least 1; the parts add up to the limit. */
function roomOf(limit: number, { index, count }: Share): number {
  return Math.max(1, Math.floor((limit * (index + 1)) / count) - Math.floor((limit * index) / count));
}

// deno-lint-ignore-file camelcase -- answers are named as on the wire
/** One run of an agent: its part of the load, its state, and what is told of it. */
import type { Millis } from "../clock/clock.ts";
import type { RunEnd, RunState } from "../load/coordinator.ts";
import type { ForeignDelivery, RunOrder } from "../load/order.ts";
import { unreachableBy, type Unreached } from "../load/reach.ts";
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Ensemble } from "./ensemble.ts";
import type { LeadOrder } from "./exchange.ts";
import { endStateOf, outcomeOf } from "./ending.ts";
import { History } from "./history.ts";
import { Lease, LeaseWatch } from "./lease.ts";
import { Life, type OrderName } from "./life.ts";
import type { AgentRunParts, Others, Part, PartListener, Upward } from "./part.ts";
import type { AgentOfRun, RunStateName } from "./protocol.ts";
import type { RunOutcome } from "../results/run_record.ts";
import type { RunRecord } from "./record.ts";
import { Refusal } from "./refusal.ts";

/** Milliseconds from the order to start until the first phase, unless the controller names the moment. */
const START_DELAY: Millis = 300;
/** Milliseconds between two looks at the lease. */
const LOOK_EVERY: Millis = 200;

/** One run, from its making until the next one takes its place. */
export class AgentRun {
  readonly id: string;
  readonly request: AgentRunParts["request"];
  readonly scenario: Scenario;
  readonly record: RunRecord | undefined;
  readonly history: History = new History();
  readonly life: Life = new Life();
  readonly lease: Lease;
  /** Resolves when nothing is left of it. */
  readonly over: Promise<void>;
  /** How far all parts have come: this agent is part 0. */
  readonly ensemble: Ensemble;
  /** Why the measurement is not valid, besides what was measured. */
  readonly faults: string[] = [];
  /** Index of the phase under way. */
  phase = 0;
  readonly #upward: Upward | undefined;
  readonly #now: () => Millis;
  readonly #watch: LeaseWatch;
  readonly #settle: () => void;
  #part: Part | undefined;
  #others: Others | undefined;
  #end: RunEnd | undefined;
  #failure: string | undefined;
  #isQuiet = false;
  /** The threshold that ended the run. */
  #aborted: string | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #elapsed: Millis = 0;

  constructor(parts: AgentRunParts) {
    this.id = parts.id;
    this.request = parts.request;
    this.scenario = parts.scenario;
    this.record = parts.record;
    this.#upward = parts.upward;
    this.#now = parts.now;
    this.lease = new Lease(parts.request.lease_s * 1000, parts.now());
    this.#watch = new LeaseWatch(this.lease, {
      onOver: () => this.#letEnd(),
      onOverdue: () => void this.order("stop", { kind: "stop" }),
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#settle = resolve;
    this.ensemble = new Ensemble(parts.request.lead === undefined ? 1 : parts.request.share.count, {
      onAllReady: (unreachable) => this.#becomeReady(unreachable),
      onAllQuiet: () => this.#becomeQuiet(),
      onAllEnded: () => this.#conclude(),
    });
  }

  /** Starts the workers; `others`: the agents it leads. */
  begin(start: (listener: PartListener) => Part, others?: Others): void {
    this.#others = others;
    this.#part = start({
      onReady: (unreachable) => this.ensemble.ready(0, unreachable),
      onQuiet: () => this.ensemble.quiet(0),
      onForeign: (owner, deliveries) => this.#pass(owner, deliveries),
      onSnapshot: (snapshot) => this.add(snapshot),
      onEvidence: (entries) => this.addEvidence(entries),
      onState: (state) => this.#follow(state),
    });
    this.#ticker = setInterval(() => this.#watch.look(this.#now()), LOOK_EVERY);
    this.#part.control.ended.then(
      (end) => this.#end = end,
      (error) => this.#fail(`imstorm failed: ${error instanceof Error ? error.message : error}`),
    ).finally(() => this.ensemble.ended(0));
  }

  /** Where it stands. */
  state(): RunStateName {
    return this.life.stateAt(this.#now());
  }

  /** When its workers were started, on the clock of all parts. */
  epoch(): Millis {
    return this.#part?.control.epoch ?? this.#now();
  }

  /** Since the first phase began; 0 before. */
  elapsed(): Millis {
    const startsAt = this.life.startsAt();
    return this.life.isOver() || startsAt === undefined ? this.#elapsed : Math.max(0, this.#now() - startsAt);
  }

  /** All agents of the run, where this one leads. */
  agents(): AgentOfRun[] | undefined {
    const own = { index: 0, url: null, state: this.state(), lost: null, clock_offset_us: 0, clock_error_us: 0 };
    return this.#others && [own, ...this.#others.agents(this.#now())];
  }

  /** Latencies that cannot be given, and why. */
  refused(): Readonly<Record<string, string>> {
    return this.#others?.refused(this.#now()) ?? {};
  }

  /** The first phase begins at `at`, on the clock of all parts; as soon as all can know when not given. */
  start(at?: Millis): Refusal | undefined {
    const now = this.#now();
    if (at !== undefined && at <= now) {
      return new Refusal("start_in_the_past", `Cannot start ${Math.ceil(now - at)} ms ago`);
    }
    const taken = this.life.order("start", now);
    if (taken instanceof Refusal) return taken;
    const delay = this.#others?.orderDelay() ?? 0;
    if (at !== undefined && at < now + delay) {
      return new Refusal("start_in_the_past", `Cannot start in ${Math.floor(at - now)} ms: others need ${delay} ms`);
    }
    const moment = at ?? now + START_DELAY + delay;
    this.startAt(moment);
    this.#others?.begin(moment);
    return undefined;
  }

  /** As `start`, where another agent has chosen the moment. */
  startAt(moment: Millis): void {
    this.life.startAt(moment);
    this.#part?.control.begin(moment);
  }

  /** Takes an order for the whole run. */
  order(name: Exclude<OrderName, "start">, order: RunOrder | { readonly kind: "stop" }): Refusal | undefined {
    // before the first phase there is nothing that could end by itself
    const isEarly = name === "drain" && this.life.startsAt() === undefined;
    const taken = this.life.order(isEarly ? "stop" : name, this.#now());
    if (taken instanceof Refusal) return taken;
    if (!taken) return undefined;
    if (order.kind === "stop" || isEarly) {
      this.#part?.interrupt();
      this.#others?.order({ kind: "stop" });
      return undefined;
    }
    this.#part?.control.order(order);
    this.#others?.order(order);
    return undefined;
  }

  /** Takes an order of the lead. */
  obey(order: LeadOrder): void {
    if (order.kind === "begin") this.startAt(order.at);
    else if (order.kind === "finish") this.finish();
    else if (order.kind === "pace") this.order("rate", order);
    else this.order(order.kind, { kind: order.kind });
  }

  /** Ends what is quiet everywhere. */
  finish(): void {
    this.#part?.control.finish();
    this.#others?.order({ kind: "finish" });
  }

  /** Stops where it stands, without releasing anything. */
  halt(): void {
    this.#part?.halt();
  }

  /** Messages of the share `owner` arrived elsewhere. */
  deliver(owner: number, deliveries: readonly ForeignDelivery[]): void {
    this.#part?.control.deliver(owner, deliveries);
  }

  /** Adds a second of a worker, of this agent or another. */
  add(snapshot: Snapshot): void {
    this.history.add(snapshot);
    this.#upward?.snapshot(snapshot);
    const failed = this.record?.add(snapshot);
    if (failed !== undefined) this.#abort(failed.expression);
    const failure = this.record?.failure();
    if (failure !== undefined) this.#fail(failure);
  }

  /** Adds failures, of this agent or another. */
  addEvidence(entries: readonly Evidence[]): void {
    this.#upward?.evidence(entries);
    this.record?.addEvidence(entries);
  }

  /** Another agent is lost: without it the measurement is not valid, and the rest ends. */
  otherIsLost(index: number, why: string): void {
    this.ensemble.ready(index, why);
    this.ensemble.ended(index);
    this.#fail(why);
  }

  /** Why it cannot be finished; undefined while it can. */
  failure(): string | undefined {
    return this.#failure;
  }

  /** Messages of the share `owner` of the whole arrived here. */
  #pass(owner: number, deliveries: readonly ForeignDelivery[]): void {
    if (this.#upward !== undefined) this.#upward.deliveries(owner, deliveries);
    else this.#others?.deliver(owner, deliveries);
  }

  #becomeReady(unreached: Unreached): void {
    this.life.becomeReady();
    const unreachable = unreachableBy(unreached);
    if (this.#upward !== undefined) this.#upward.ready(unreached);
    else if (unreachable !== undefined) {
      this.life.because(`target unreachable: ${unreachable}`);
      this.finish();
    }
  }

  /** A led agent waits for the rest, unless the lead has gone. */
  #becomeQuiet(): void {
    this.#isQuiet = true;
    if (this.#upward === undefined || this.#watch.wasOver()) this.finish();
    else this.#upward.quiet();
  }

  #follow(state: RunState): void {
    this.phase = state.phase;
    this.#elapsed = state.elapsed;
    if (state.state === "draining" || state.state === "quiet") this.life.becomeDraining();
  }

  #fail(why: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = why;
    this.life.because(why);
    this.order("stop", { kind: "stop" });
  }

  /** A threshold that ends the run by failing has failed. */
  #abort(expression: string): void {
    if (this.#aborted !== undefined || this.life.isOver()) return;
    this.#aborted = expression;
    this.life.because(`threshold failed: ${expression}`);
    this.order("stop", { kind: "stop" });
  }

  /** Nobody asks any more: what is under way may end by itself for one more lease, then it is cut short. */
  #letEnd(): void {
    this.life.because(`nobody asked for ${this.lease.seconds()} s: the lease is over`);
    this.order("drain", { kind: "drain" });
    if (this.#isQuiet) this.finish();
  }

  #conclude(): void {
    clearInterval(this.#ticker);
    this.#others?.close();
    this.#close().then(
      (outcome) => this.life.end(endStateOf(outcome, this.faults), this.#end?.detail),
      (error) => this.life.end("failed", `imstorm failed: ${error instanceof Error ? error.message : error}`),
    ).finally(() => {
      this.#upward?.ended(this.#failure);
      this.#settle();
    });
  }

  async #close(): Promise<RunOutcome> {
    await this.#part?.close();
    const end = this.#end;
    const isAbandoned = this.#watch.wasOver();
    const outcome = outcomeOf(this.#failure === undefined ? end : undefined, isAbandoned, this.#aborted !== undefined);
    await this.record?.close({
      outcome,
      detail: this.#aborted ?? this.life.reason ?? end?.detail ?? "",
      transport: end?.transport ?? { implementation: "none", reason: "its workers failed" },
      endedAt: new Date(),
      notes: end?.notes ?? [],
      agents: (this.agents() ?? []).map(({ state: _, ...agent }) => agent),
      faults: this.faults,
      refusedLatencies: this.refused(),
    });
    return outcome;
  }
}

/**
 * Runs a plan on its workers: prepares them, starts them together, relays deliveries between them, ends them together.
 *
 * Each worker may reach the target and this machine, nothing else: its permissions are cut to that when it is started.
 */
import type { Millis } from "../clock/clock.ts";
import type { Leftovers } from "../endpoint/endpoint.ts";
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Address } from "../transport/flow.ts";
import { type ClockOffset, ClockOffsets, WallClock } from "./clock_offset.ts";
import { HostHealth } from "./host_health.ts";
import { Proc } from "./proc.ts";
import type { GeneratorState } from "./generator.ts";
import type { Share } from "./clients.ts";
import type { Conductor } from "./conductor.ts";
import {
  addLeftovers,
  type CaptureListener,
  type ForeignDelivery,
  type ReadyNotice,
  type RunOrder,
  type WorkerNotice,
  type WorkerOrder,
} from "./order.ts";
import { unreachableBy, unreachedOfAll } from "./reach.ts";
import { workerPermissions } from "./worker_permissions.ts";

/** Milliseconds between the last worker's readiness and the first phase: time for the order to reach all. */
const START_DELAY: Millis = 50;

/** Where the whole run stands. */
export interface RunState {
  readonly state: GeneratorState | "starting";
  readonly phase: number;
  /** Since the first phase began; 0 before. */
  readonly elapsed: Millis;
}

/** How a run is run. */
export interface RunOptions {
  readonly scenario: Scenario;
  readonly workers: number;
  /** Numeric address of the server under test. */
  readonly target: Address;
  readonly domain: string;
  /** Where our clients listen; port 0 for any. */
  readonly local: Address;
  /** Sees every octet sent and received. */
  readonly onCapture?: CaptureListener;
  readonly onSnapshot: (snapshot: Snapshot) => void;
  readonly onEvidence: (entries: readonly Evidence[]) => void;
  readonly onState: (state: RunState) => void;
  /** Aborted by the first Ctrl-C: sessions and bindings are released. */
  readonly interrupt: AbortSignal;
  /** Aborted by the second: everything stops where it stands. */
  readonly halt: AbortSignal;
  /** Who says when the run begins and ends; itself when absent. */
  readonly conductor?: Conductor;
}

/** A run while it runs. */
export interface RunControl {
  /** Rejects when a worker fails within itself. */
  readonly ended: Promise<RunEnd>;
  /** When it was started, on the clock of `sharedNow`. */
  readonly epoch: Millis;
  /** The first phase begins at that moment of `sharedNow`. */
  begin(at: Millis): void;
  /** Releases what is left and removes the bindings. */
  finish(): void;
  /** Changes the load. */
  order(order: RunOrder): void;
  /** Messages of the share `owner` of the whole arrived elsewhere; moments on the clock of `sharedNow`. */
  deliver(owner: number, deliveries: readonly ForeignDelivery[]): void;
}

/** How a run ended. */
export interface RunEnd {
  readonly outcome: "completed" | "interrupted" | "unreachable" | "aborted" | "failed";
  /** What was tried and seen, for `unreachable`; the threshold, for `aborted`; what could not be opened, for `failed`. */
  readonly detail: string;
  readonly transport: { readonly implementation: string; readonly reason: string };
  /** What was still alive when the workers closed; all zero after a clean run. */
  readonly leftovers: Leftovers;
  /** Of the worker whose clock differs most from the main thread's. */
  readonly clock?: ClockOffset | undefined;
  /** What no figure says, one sentence each. */
  readonly notes?: readonly string[];
}

const NO_LEFTOVERS: Leftovers = { timers: 0, dialogs: 0, transactions: 0, msrpSessions: 0, msrpConnections: 0 };

/** A number that marks a run's messages: 30 random bits. */
export function newRunNumber(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! & 0x3fff_ffff;
}

/** Milliseconds since the Unix epoch on this thread's monotonic clock. */
export function sharedNow(): Millis {
  return performance.timeOrigin + performance.now();
}

/** Runs the scenario to its end; rejects when a worker fails within itself. */
export function runPlan(options: RunOptions): Promise<RunEnd> {
  return startRun(options).ended;
}

/** Starts the workers of a run. */
export function startRun(options: RunOptions): RunControl {
  return new Coordination(options);
}

/** One run's bookkeeping over its workers. */
class Coordination implements RunControl {
  readonly ended: Promise<RunEnd>;
  readonly epoch: Millis = sharedNow();
  readonly #options: RunOptions;
  readonly #workers: Worker[] = [];
  readonly #ready: ReadyNotice[] = [];
  readonly #share: Share;
  readonly #resolve: (end: RunEnd) => void;
  readonly #reject: (error: Error) => void;
  readonly #proc = new Proc();
  readonly #health = new HostHealth(this.#proc);
  readonly #clocks = new ClockOffsets(sharedNow);
  readonly #wallClock = new WallClock();
  #quiet = 0;
  #done = 0;
  #leftovers: Leftovers = NO_LEFTOVERS;
  #outcome: RunEnd["outcome"] = "completed";
  #detail = "";
  #isOver = false;

  constructor(options: RunOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<RunEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#share = options.conductor?.share ?? { index: 0, count: 1 };
    const run = options.conductor?.run ?? newRunNumber();
    for (let index = 0; index < options.workers; index++) this.#start(index, run);
    options.interrupt.addEventListener("abort", () => this.#interrupt());
    options.halt.addEventListener("abort", () => this.#end());
    if (options.interrupt.aborted) this.#interrupt();
  }

  begin(at: Millis): void {
    this.#tellAll({ kind: "begin", at });
  }

  finish(): void {
    this.#tellAll({ kind: "finish" });
  }

  order(order: RunOrder): void {
    this.#tellAll(order);
  }

  deliver(owner: number, deliveries: readonly ForeignDelivery[]): void {
    const { index, count } = this.#share;
    if (owner % count === index) this.#tell((owner - index) / count, { kind: "deliveries", deliveries });
  }

  #start(index: number, run: number): void {
    const { scenario, workers, local, target, domain, onCapture, conductor } = this.#options;
    const { index: part, count: parts } = this.#share;
    const worker = new Worker(new URL("./worker.ts", import.meta.url).href, {
      type: "module",
      name: `imstorm worker ${index}`,
      deno: { permissions: workerPermissions(scenario, local, target) },
    });
    worker.onmessage = ({ data }: MessageEvent<WorkerNotice>) => this.#hear(index, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(`worker ${index} failed: ${event.message}`));
    };
    this.#workers.push(worker);
    this.#tell(index, {
      kind: "prepare",
      scenario,
      share: { index: part + parts * index, count: parts * workers },
      run,
      local,
      target,
      domain,
      epoch: this.epoch,
      capture: onCapture !== undefined,
      newsDelay: conductor?.newsDelay ?? 0,
    });
    this.#askClock(index);
  }

  #askClock(index: number): void {
    this.#clocks.ask(index);
    this.#tell(index, { kind: "clock" });
  }

  #tell(index: number, order: WorkerOrder): void {
    if (!this.#isOver) this.#workers[index]?.postMessage(order);
  }

  #tellAll(order: WorkerOrder): void {
    for (const index of this.#workers.keys()) this.#tell(index, order);
  }

  #hear(index: number, notice: WorkerNotice): void {
    const { onSnapshot, onEvidence, onState, onCapture } = this.#options;
    switch (notice.kind) {
      case "ready":
        this.#ready.push(notice);
        if (notice.blindPorts.length > 0) this.#health.watch(index, notice.blindPorts);
        if (this.#ready.length === this.#workers.length) this.#begin();
        return;
      case "clock":
        if (this.#clocks.answer(index, notice.at)) this.#askClock(index);
        return;
      case "snapshot":
        onSnapshot(this.#health.complete(index, notice.snapshot));
        if (index === 0) this.#wallClock.look(Date.now(), performance.now());
        if (notice.evidence.length > 0) onEvidence(notice.evidence);
        if (index === 0) onState({ state: notice.state, phase: notice.phase, elapsed: notice.elapsed });
        return;
      case "deliveries":
        if (notice.to % this.#share.count === this.#share.index) this.deliver(notice.to, notice.deliveries);
        else this.#options.conductor?.onForeign(notice.to, notice.deliveries);
        return;
      case "captured":
        onCapture?.(notice.packets, notice.messages);
        return;
      case "quiet":
        if (++this.#quiet === this.#workers.length) this.#becomeQuiet();
        return;
      case "done":
        this.#leftovers = addLeftovers(this.#leftovers, notice.leftovers);
        if (++this.#done === this.#workers.length) this.#end();
        return;
      case "unable":
        this.#outcome = "failed";
        this.#detail = `sockets cannot be opened: ${notice.detail}`;
        this.#end();
        return;
      case "failed":
        this.#fail(new Error(notice.error));
    }
  }

  /** All are ready: a run whose clients could not register anywhere ends here. */
  #begin(): void {
    const unreached = unreachedOfAll(this.#ready.map((each) => each.unreached));
    const unreachable = unreachableBy(unreached);
    const { conductor } = this.#options;
    if (unreachable !== undefined) {
      this.#outcome = "unreachable";
      this.#detail = unreachable;
    }
    if (conductor !== undefined) conductor.onReady(unreached);
    else if (unreachable !== undefined) this.finish();
    else this.begin(sharedNow() + START_DELAY);
  }

  /** Nothing of any worker is under way: ends them together, or with the rest of a whole. */
  #becomeQuiet(): void {
    if (this.#options.conductor === undefined) this.finish();
    else this.#options.conductor.onQuiet();
  }

  #interrupt(): void {
    if (this.#outcome === "completed") this.#outcome = "interrupted";
    this.#tellAll({ kind: "interrupt" });
  }

  #end(): void {
    this.#close();
    this.#resolve({
      outcome: this.#options.halt.aborted ? "interrupted" : this.#outcome,
      detail: this.#detail,
      transport: this.#ready.at(-1)?.transport ?? { implementation: "none", reason: "no worker was ready" },
      leftovers: this.#leftovers,
      clock: this.#clocks.largest(),
      notes: this.#wallClock.steps,
    });
  }

  #fail(error: Error): void {
    this.#close();
    this.#reject(error);
  }

  #close(): void {
    for (const worker of this.#workers) worker.terminate();
    if (!this.#isOver) this.#proc.close();
    this.#isOver = true;
  }
}

/**
 * Runs a plan on its workers: prepares them, starts them together, relays deliveries between them, ends them together.
 *
 * Each worker may reach the target and this machine, nothing else: its permissions are cut to that when it is started.
 */
import type { Millis } from "../clock/clock.ts";
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Address } from "../transport/flow.ts";
import type { GeneratorState } from "./generator.ts";
import type { CapturedPacket, Leftovers, WorkerNotice, WorkerOrder } from "./order.ts";

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
  readonly onCapture?: (packets: readonly CapturedPacket[]) => void;
  readonly onSnapshot: (snapshot: Snapshot) => void;
  readonly onEvidence: (entries: readonly Evidence[]) => void;
  readonly onState: (state: RunState) => void;
  /** Aborted by the first Ctrl-C: sessions and bindings are released. */
  readonly interrupt: AbortSignal;
  /** Aborted by the second: everything stops where it stands. */
  readonly halt: AbortSignal;
}

/** How a run ended. */
export interface RunEnd {
  readonly outcome: "completed" | "interrupted" | "unreachable" | "aborted";
  /** What was tried and seen, for `unreachable`; the threshold, for `aborted`. */
  readonly detail: string;
  readonly transport: { readonly implementation: string; readonly reason: string };
  /** What was still alive when the workers closed; all zero after a clean run. */
  readonly leftovers: Leftovers;
}

const NO_LEFTOVERS: Leftovers = { dialogs: 0, transactions: 0, msrpSessions: 0, msrpConnections: 0 };

/** A number that marks this run's messages: 30 random bits. */
function newRunNumber(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! & 0x3fff_ffff;
}

/** Milliseconds since the Unix epoch on this thread's monotonic clock. */
function sharedNow(): Millis {
  return performance.timeOrigin + performance.now();
}

/** Runs the scenario to its end; rejects when a worker fails within itself. */
export function runPlan(options: RunOptions): Promise<RunEnd> {
  return new Coordination(options).ended;
}

/** One run's bookkeeping over its workers. */
class Coordination {
  readonly ended: Promise<RunEnd>;
  readonly #options: RunOptions;
  readonly #workers: Worker[] = [];
  readonly #ready: (string | undefined)[] = [];
  readonly #resolve: (end: RunEnd) => void;
  readonly #reject: (error: Error) => void;
  #quiet = 0;
  #done = 0;
  #leftovers: Leftovers = NO_LEFTOVERS;
  #outcome: RunEnd["outcome"] = "completed";
  #detail = "";
  #transport: RunEnd["transport"] = { implementation: "none", reason: "no worker was ready" };

  constructor(options: RunOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<RunEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    const run = newRunNumber();
    const epoch = sharedNow();
    for (let index = 0; index < options.workers; index++) this.#start(index, run, epoch);
    options.interrupt.addEventListener("abort", () => this.#interrupt());
    options.halt.addEventListener("abort", () => this.#end());
    if (options.interrupt.aborted) this.#interrupt();
  }

  #start(index: number, run: number, epoch: Millis): void {
    const { scenario, workers, local, target, domain, onCapture } = this.#options;
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
      share: { index, count: workers },
      run,
      local,
      target,
      domain,
      epoch,
      capture: onCapture !== undefined,
    });
  }

  #tell(index: number, order: WorkerOrder): void {
    this.#workers[index]!.postMessage(order);
  }

  #tellAll(order: WorkerOrder): void {
    for (const index of this.#workers.keys()) this.#tell(index, order);
  }

  #hear(index: number, notice: WorkerNotice): void {
    const { onSnapshot, onEvidence, onState, onCapture } = this.#options;
    switch (notice.kind) {
      case "ready":
        this.#transport = notice.transport;
        this.#ready.push(notice.unreachable);
        if (this.#ready.length === this.#workers.length) this.#begin();
        return;
      case "snapshot":
        onSnapshot(notice.snapshot);
        if (notice.evidence.length > 0) onEvidence(notice.evidence);
        if (index === 0) onState({ state: notice.state, phase: notice.phase, elapsed: notice.elapsed });
        return;
      case "deliveries":
        this.#tell(notice.to, { kind: "deliveries", deliveries: notice.deliveries });
        return;
      case "captured":
        onCapture?.(notice.packets);
        return;
      case "quiet":
        if (++this.#quiet === this.#workers.length) this.#tellAll({ kind: "finish" });
        return;
      case "done":
        this.#leftovers = addLeftovers(this.#leftovers, notice.leftovers);
        if (++this.#done === this.#workers.length) this.#end();
        return;
      case "failed":
        this.#fail(new Error(notice.error));
    }
  }

  /** All are ready: a run whose clients could not register anywhere ends here. */
  #begin(): void {
    const failures = this.#ready.filter((unreachable) => unreachable !== undefined);
    if (failures.length === this.#ready.length) {
      this.#outcome = "unreachable";
      this.#detail = failures[0]!;
      this.#tellAll({ kind: "finish" });
      return;
    }
    this.#tellAll({ kind: "begin", at: sharedNow() + START_DELAY });
  }

  #interrupt(): void {
    if (this.#outcome === "completed") this.#outcome = "interrupted";
    this.#tellAll({ kind: "interrupt" });
  }

  #end(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#resolve({
      outcome: this.#options.halt.aborted ? "interrupted" : this.#outcome,
      detail: this.#detail,
      transport: this.#transport,
      leftovers: this.#leftovers,
    });
  }

  #fail(error: Error): void {
    for (const worker of this.#workers) worker.terminate();
    this.#reject(error);
  }
}

function addLeftovers(a: Leftovers, b: Leftovers): Leftovers {
  return {
    dialogs: a.dialogs + b.dialogs,
    transactions: a.transactions + b.transactions,
    msrpSessions: a.msrpSessions + b.msrpSessions,
    msrpConnections: a.msrpConnections + b.msrpConnections,
  };
}

/** What a worker may do: talk to the target, to further hosts of the scenario and to this machine, and read its users. */
function workerPermissions(scenario: Scenario, local: Address, target: Address): Deno.PermissionOptionsObject {
  const hosts = [...new Set([local.host, target.host, ...scenario.target.hosts])].map((
    host,
  ) => (host.includes(":") ? `[${host}]` : host));
  const files = scenario.populations.flatMap(({ users }) => ("csv" in users ? [users.csv] : []));
  // ffi only for libc's batched datagrams, which keep to the same addresses themselves; without it UDP is portable
  const ffi = Deno.permissions.querySync({ name: "ffi" }).state === "granted";
  const mayAsk = Deno.permissions.querySync({ name: "env", variable: "SIM_UDP" }).state === "granted";
  return {
    net: hosts,
    read: files.length === 0 ? false : files,
    env: mayAsk ? ["SIM_UDP"] : false,
    ffi,
    write: false,
    run: false,
    sys: false,
  };
}

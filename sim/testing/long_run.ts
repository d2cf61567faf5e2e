/** The snapshots of a run that nobody has to wait for: as long as wanted, plausible, and the same every time. */
import { Random } from "../clock/random.ts";
import { Recorder } from "../metrics/recorder.ts";
import type { Snapshot } from "../metrics/snapshot.ts";

/** What a long run looks like. */
export interface LongRun {
  readonly seconds: number;
  readonly workers: number;
  /** Messages a second and worker at the height of the load. */
  readonly rate: number;
  /** The second in which the server stalls for a while. */
  readonly stallAt: number;
}

/** What is measured in one second: made once for many seconds that are alike. */
type Measured = Pick<Snapshot, "counters" | "histograms">;

/** Sizes of `{size=…}`, with how much longer than the smallest they take. */
const SIZES = [["b128", 1], ["b256", 1.05], ["b512", 1.15], ["b1024", 1.6], ["b4096", 1.7], ["b16384", 2.4]] as const;
const PHASES = [["setup", 0.6], ["connect", 0.25], ["transfer", 0.15], ["hold", 50], ["release", 0.3]] as const;
const STALL_SECONDS = 4;
const WARMUP_SECONDS = 30;
/** Seconds of one rate differ in so many ways. */
const VARIANTS = 5;

/** Every second of every worker, in the order in which a coordinator would get them. */
export function* longRunSnapshots(run: LongRun): Generator<Snapshot> {
  const workers = Array.from({ length: run.workers }, (_, worker) => new LongWorker(worker, run));
  for (let second = 0; second < run.seconds; second++) {
    for (const worker of workers) yield worker.second(second);
  }
}

class LongWorker {
  readonly #worker: number;
  readonly #run: LongRun;
  readonly #random: Random;
  readonly #recorder = new Recorder();
  readonly #measured: Map<string, Measured> = new Map();
  #open = 0;

  constructor(worker: number, run: LongRun) {
    this.#worker = worker;
    this.#run = run;
    this.#random = new Random(7, worker);
  }

  second(index: number): Snapshot {
    const { seconds, rate, stallAt } = this.#run;
    const isLoad = index >= 3 && index < seconds - 8;
    // up in a minute, then a slow wave
    const share = isLoad ? Math.min(1, index / 60) * (0.85 + 0.15 * Math.sin(index / 300)) : 0;
    const sinceStall = index >= stallAt && index < stallAt + STALL_SECONDS ? index - stallAt : -1;
    this.#open = isLoad ? Math.min(400, this.#open + 2) : Math.floor(this.#open / 2);
    const refreshes = Math.round(this.#open / 45);
    const messages = Math.round(rate * share);
    const key = [messages, index < WARMUP_SECONDS, sinceStall, refreshes, index % VARIANTS].join();
    let measured = this.#measured.get(key);
    if (measured === undefined) {
      measured = this.#measure(messages, index >= WARMUP_SECONDS, sinceStall, refreshes);
      this.#measured.set(key, measured);
    }
    const gauges = {
      "sessions.open": this.#open,
      "load.phase": index < 60 ? 0 : 1,
      "generator.cpu_share": 0.25 + 0.3 * share + 0.05 * this.#random.uniform(),
      "generator.memory": 180_000_000 + index * 4000,
    };
    return { ...measured, worker: this.#worker, index, at: (index + 1) * 1000, gauges };
  }

  #measure(messages: number, isCounted: boolean, sinceStall: number, refreshes: number): Measured {
    for (let i = 0; i < messages; i++) this.#message(isCounted, sinceStall);
    if (refreshes > 0) {
      this.#recorder.count("session_timer.refreshes_due", refreshes);
      this.#recorder.count("session_timer.refreshes_sent", refreshes);
    }
    for (let i = 0; i < refreshes; i++) this.#recorder.latency("refresh", 2 + this.#random.exponential(1.5));
    return this.#recorder.take(0, 0);
  }

  #message(isCounted: boolean, sinceStall: number): void {
    const recorder = this.#recorder;
    const random = this.#random;
    recorder.count("generator.arrivals");
    recorder.latency("schedule_lag", random.exponential(0.3));
    if (!isCounted) return;
    const [size, weight] = SIZES[Math.floor(random.uniform() * SIZES.length)]!;
    const mode = weight > 1.5 ? "large" : "pager";
    const waited = sinceStall < 0 ? 0 : Math.max(0, STALL_SECONDS - sinceStall - random.uniform()) * 1000;
    const accepted = (mode === "pager" ? 1.2 : 4) * weight + random.exponential(1.1) + waited;
    const outcome = sinceStall >= 0 && random.uniform() < 0.05 ? "timed_out" : "accepted_200";
    for (const scope of ["messages", `messages.${mode}`] as const) {
      recorder.count(`${scope}.attempted`);
      recorder.count(`${scope}.${outcome}`);
      recorder.count(`${scope}.${outcome === "timed_out" ? "refused" : "delivered"}`);
    }
    recorder.count(`decisions.${mode}`);
    recorder.latencyBy(`${mode}_accept`, "size", size, accepted);
    recorder.latencyBy(`${mode}_delivery`, "size", size, accepted * 0.8);
    if (mode === "pager") return recorder.latency("pager_accept_from_sent", accepted - waited);
    for (const part of ["invited", "established", "released"] as const) recorder.count(`sessions.${part}`);
    for (const [phase, share] of PHASES) recorder.latencyBy("large_phase", "phase", phase, accepted * share);
  }
}

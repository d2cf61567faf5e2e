/** A run made by hand, the same every time: two workers, six seconds, every kind of outcome. */
import { Random } from "../clock/random.ts";
import type { Attempt } from "../metrics/attempt.ts";
import { Ledger } from "../metrics/ledger.ts";
import type { Outcome } from "../metrics/outcome.ts";
import { Recorder } from "../metrics/recorder.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Manifest } from "../results/run_record.ts";
import { type Scenario, type ScenarioInput, scenarioSchema } from "../scenario/scenario.ts";

/** The scenario of the sample run, with other thresholds where given. */
export function sampleScenario(change: Partial<ScenarioInput> = {}): Scenario {
  return scenarioSchema.parse({
    name: "office-hours",
    seed: 42,
    target: { uri: "sip:127.0.0.1:5060;transport=udp", domain: "ims.example" },
    populations: [{ name: "phones", clients: 100, user: "user{n}" }],
    phases: [{ executor: "constant-arrival-rate", rate: "200/s", duration: "6s", warmup: "1s" }],
    thresholds: ["pager_accept.p99 < 50ms", "messages.lost == 0", "messages.success_ratio >= 99%"],
    ...change,
  });
}

/** The manifest of the sample run, of a machine that is none. */
export function sampleManifest(change: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    scenario: sampleScenario(),
    scenario_sha256: "0".repeat(64),
    scenario_file: "scenarios/office-hours.yaml",
    seed: 42,
    workers: 2,
    versions: { imstorm: "0.1.0", deno: "2.9.6", v8: "14.0" },
    machine: { os: "linux", architecture: "x86_64", cpus: 2, memory_bytes: null, kernel: null },
    transport: { implementation: "batched", reason: "Linux, FFI permitted" },
    started_at: "2026-03-01T04:05:06.000Z",
    ended_at: "2026-03-01T04:05:14.000Z",
    outcome: "completed",
    detail: "",
    ...change,
  };
}

/** The snapshots of the sample run: `rate` messages a second and worker for six seconds, the first one warm-up. */
export function sampleSnapshots(rate = 100): Snapshot[] {
  return [0, 1].flatMap((worker) => new SampleWorker(worker).run(rate));
}

const OUTCOMES: readonly (readonly [Outcome, number])[] = [
  ["rejected", 0.01],
  ["timed_out", 0.013],
  ["failed", 0.015],
  ["accepted_202", 0.05],
  ["accepted_200", 1],
];

class SampleWorker {
  readonly #random: Random;
  readonly #recorder: Recorder;
  readonly #ledger: Ledger;
  #sequence = 0;

  constructor(worker: number) {
    this.#random = new Random(42, worker);
    this.#recorder = new Recorder(worker);
    this.#ledger = new Ledger(this.#recorder, 5000);
  }

  run(rate: number): Snapshot[] {
    this.#register();
    const snapshots: Snapshot[] = [];
    for (let second = 0; second < 8; second++) {
      if (second < 6) {
        for (let i = 0; i < rate; i++) this.#message((second + i / rate) * 1000, second > 0);
        this.#recorder.gauge("generator.cpu_share", 0.3 + 0.1 * this.#random.uniform());
      } else if (second === 7) this.#ledger.finish(12_000);
      this.#recorder.gauge("messages.under_way", this.#ledger.size);
      snapshots.push(this.#recorder.take(second, (second + 1) * 1000));
    }
    return snapshots;
  }

  #register(): void {
    const recorder = this.#recorder;
    recorder.count("clients.configured", 50);
    recorder.count("clients.registered", 50);
    recorder.count("requests.REGISTER", 100);
    recorder.count("responses.REGISTER.401", 50);
    recorder.count("responses.REGISTER.200", 50);
    for (let i = 0; i < 50; i++) {
      const delay = 2 + this.#random.exponential(1);
      recorder.latency("register", delay);
      recorder.latency("registration_request_delay", delay);
    }
  }

  #message(dueAt: number, counted: boolean): void {
    const recorder = this.#recorder;
    const mode = this.#random.uniform() < 0.2 ? "large" : "pager";
    recorder.count("generator.arrivals");
    recorder.latency("schedule_lag", this.#random.exponential(0.2));
    if (counted) recorder.count(mode === "large" ? "decisions.large" : "decisions.pager");
    const size = mode === "large" ? 20_000 : 140;
    const sequence = this.#sequence++;
    const attempt = this.#ledger.open({ sequence, sender: 1, receiver: 2, mode, size, dueAt, counted });
    attempt.sentAt = dueAt + 0.1;
    const chance = this.#random.uniform();
    const outcome = OUTCOMES.find(([, below]) => chance < below)![0];
    if (mode === "large") this.#session(outcome);
    else this.#pager(outcome);
    this.#end(attempt, outcome, dueAt + (mode === "large" ? 40 : 3) + this.#random.exponential(4));
  }

  #pager(outcome: Outcome): void {
    if (outcome === "timed_out") {
      this.#recorder.count("retransmissions.MESSAGE", 10);
      this.#recorder.count("timeouts.MESSAGE");
    } else if (outcome !== "failed") {
      const status = outcome === "rejected" ? 503 : outcome === "accepted_202" ? 202 : 200;
      this.#recorder.count(`responses.MESSAGE.${status}`);
    }
  }

  #session(outcome: Outcome): void {
    const recorder = this.#recorder;
    recorder.count("sessions.invited");
    if (outcome !== "accepted_200" && outcome !== "accepted_202") {
      recorder.count("sessions.failed");
      recorder.count("responses.INVITE.486");
      return;
    }
    for (const part of ["established", "released"] as const) recorder.count(`sessions.${part}`);
    for (const method of ["INVITE", "BYE"]) recorder.count(`responses.${method}.200`);
    recorder.count("session_timer.started");
    const setup = 8 + this.#random.exponential(2);
    recorder.latency("large_setup", setup);
    recorder.latency("session_request_delay", setup);
    recorder.latency("session_disconnect_delay", 1 + this.#random.exponential(1));
  }

  #end(attempt: Attempt, outcome: Outcome, at: number): void {
    const { sequence } = attempt;
    const isAccepted = outcome === "accepted_200" || outcome === "accepted_202";
    // every 200th is lost, every 150th comes twice, every 300th comes changed
    if (isAccepted && sequence % 200 !== 0) {
      this.#ledger.deliver(sequence, 2, sequence % 300 !== 1, at - 1);
      if (sequence % 150 === 2) this.#ledger.deliver(sequence, 2, true, at);
    }
    this.#ledger.settle(attempt, outcome, at);
  }
}

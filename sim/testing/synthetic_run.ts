/** Runs made of numbers with a known distribution, for statistics that must tell them apart or not. */
import { Random } from "../clock/random.ts";
import { Recorder } from "../metrics/recorder.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { summarise, type Summary } from "../report/summary.ts";
import type { Manifest } from "../results/run_record.ts";
import { sampleManifest, sampleScenario } from "./sample_run.ts";

/** What a synthetic run is like. */
export interface SyntheticSettings {
  readonly seed: number;
  /** Of load; a second of warm-up before and one of drain after it come on top. */
  readonly seconds?: number;
  /** Messages a second. */
  readonly rate?: number;
  /** What every latency is multiplied by. */
  readonly slower?: number;
  /** Share of messages that fail. */
  readonly failing?: number;
  /** Fields of the manifest. */
  readonly manifest?: Partial<Manifest>;
}

/** A synthetic run as it is read from its folder. */
export interface SyntheticRun {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly summary: Summary;
  readonly faults: readonly string[];
  readonly snapshots: readonly Snapshot[];
}

/** Lognormal latencies of 10 ms in the middle, whose level drifts from second to second as that of real servers. */
export function syntheticRun(settings: SyntheticSettings): SyntheticRun {
  const { seed, seconds = 60, rate = 50, slower = 1, failing = 0 } = settings;
  const random = new Random(seed);
  const recorder = new Recorder(0);
  const snapshots: Snapshot[] = [];
  let level = 0;
  recorder.count("clients.configured", 10);
  recorder.count("clients.registered", 10);
  for (let second = 0; second < seconds + 2; second++) {
    level = 0.6 * level + random.normal(0, 0.04);
    const isWarm = second > 0 && second <= seconds;
    if (second <= seconds) recorder.count("generator.arrivals", rate);
    for (let i = 0; isWarm && i < rate; i++) {
      const hasFailed = random.uniform() < failing;
      recorder.count("decisions.pager");
      for (const scope of ["messages.", "messages.pager."] as const) {
        recorder.count(`${scope}attempted`);
        recorder.count(hasFailed ? `${scope}rejected` : `${scope}accepted_200`);
        recorder.count(hasFailed ? `${scope}refused` : `${scope}delivered`);
      }
      const latency = 10 * slower * Math.exp(level + random.normal(0, 0.35));
      if (!hasFailed) recorder.latency("pager_accept", latency);
      if (!hasFailed) recorder.latency("pager_delivery", latency * 0.8);
    }
    recorder.gauge("generator.cpu_share", 0.3 + 0.05 * random.uniform());
    snapshots.push(recorder.take(second, (second + 1) * 1000));
  }
  const manifest = sampleManifest({ workers: 1, scenario: scenarioOf(seconds, rate), ...settings.manifest });
  return { folder: `results/${seed}`, manifest, summary: summarise(manifest, snapshots), faults: [], snapshots };
}

function scenarioOf(seconds: number, rate: number): Manifest["scenario"] {
  return sampleScenario({
    phases: [{ executor: "constant-arrival-rate", rate: `${rate}/s`, duration: `${seconds + 1}s`, warmup: "1s" }],
    thresholds: [],
  });
}

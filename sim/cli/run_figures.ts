/** The figures of a run under way, as its views and exporters ask for them. */
import { type Plan, planOf } from "../load/plan.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { RunState } from "../load/coordinator.ts";
import { IMSTORM_VERSION } from "../results/run_record.ts";
import type { Account } from "../report/account.ts";
import { familiesOf } from "../report/exposition.ts";
import { LiveFigures } from "../report/live_figures.ts";
import type { MetricFamily } from "../report/open_metrics.ts";
import { runFamilies } from "../report/run_facts.ts";
import { WATCHED } from "../report/live_view.ts";
import { thresholdsNow } from "../report/threshold_watch.ts";
import type { ThresholdResult } from "../report/thresholds.ts";
import { validityOf, type ValidityResult } from "../report/validity.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** An account with what it leaves out, and judgements of both so far. */
export class RunFigures {
  readonly scenario: Scenario;
  readonly workers: number;
  readonly plan: Plan;
  readonly account: Account;
  readonly live: LiveFigures;
  /** Where the run stands, as others say. */
  state: RunState = { state: "starting", phase: 0, elapsed: 0 };

  /** ISO 8601. */
  readonly startedAt: string;

  /** `account` is added to by others. */
  constructor(scenario: Scenario, workers: number, account: Account, startedAt: string) {
    this.startedAt = startedAt;
    this.scenario = scenario;
    this.workers = workers;
    this.plan = planOf(scenario);
    this.account = account;
    this.live = new LiveFigures(workers, WATCHED);
  }

  /** Takes one second of one worker in. */
  add(snapshot: Snapshot): void {
    this.live.add(snapshot);
  }

  /** What the thresholds would say now. */
  thresholds(): ThresholdResult[] {
    return thresholdsNow(this.scenario.thresholds, this.account, this.startedAt);
  }

  /** Whether the figures are the server's so far; valid as long as nothing was counted. */
  validity(): ValidityResult {
    const { totals } = this.account;
    const health = this.account.health();
    if (totals.counter("messages.attempted") === 0) return { validity: "valid", reasons: [] };
    const manifest = { outcome: "running", detail: "", scenario: this.scenario } as const;
    return validityOf({ manifest, totals, cpu: this.account.cpuShare(), health, withoutData: [], faults: [] });
  }

  /** What exporters write. */
  families(): MetricFamily[] {
    const { scenario, workers, state } = this;
    const facts = runFamilies({
      version: IMSTORM_VERSION,
      scenario: scenario.name,
      target: scenario.target.uri,
      seed: scenario.seed,
      workers,
      state: state.state,
      states: STATES,
      elapsedSeconds: state.elapsed / 1000,
      plannedSeconds: this.plan.duration / 1000,
      validity: this.validity().validity,
      thresholds: this.thresholds(),
    });
    return [...facts, ...familiesOf(this.live.cumulative(this.account.totals))];
  }
}

const STATES: readonly RunState["state"][] = [
  "starting",
  "registering",
  "waiting",
  "running",
  "draining",
  "quiet",
  "releasing",
  "unregistering",
  "done",
];

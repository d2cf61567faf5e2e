/** The figures of a run under way, as its views and exporters ask for them. */
import { planOf } from "../load/plan.ts";
import type { Plan } from "../load/plan.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Account } from "../report/account.ts";
import { LiveFigures } from "../report/live_figures.ts";
import { WATCHED } from "../report/live_view.ts";
import { evaluate, type ThresholdResult } from "../report/thresholds.ts";
import { validityOf, type ValidityResult } from "../report/validity.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** An account with what it leaves out, and judgements of both so far. */
export class RunFigures {
  readonly scenario: Scenario;
  readonly workers: number;
  readonly plan: Plan;
  readonly account: Account;
  readonly live: LiveFigures;

  /** `account` is added to by others. */
  constructor(scenario: Scenario, workers: number, account: Account) {
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
    const { totals } = this.account;
    const seconds = this.account.secondsWith("messages.attempted");
    return evaluate(this.scenario.thresholds, { totals, seconds, gaugePeaks: this.account.gaugePeaks() });
  }

  /** Whether the figures are the server's so far; valid as long as nothing was counted. */
  validity(): ValidityResult {
    const { totals } = this.account;
    if (totals.counter("messages.attempted") === 0) return { validity: "valid", reasons: [] };
    const manifest = { outcome: "running", detail: "", scenario: this.scenario } as const;
    return validityOf({ manifest, totals, cpu: this.account.cpuShare(), withoutData: [], faults: [] });
  }
}

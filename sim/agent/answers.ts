/** What is told of a run, as it goes over the wire. */
import { Buffer } from "node:buffer";
import type { Millis } from "../clock/clock.ts";
import type { Evidence } from "../metrics/evidence.ts";
import { wholeReason } from "../load/worker_count.ts";
import type { Totals } from "../metrics/snapshot.ts";
import { thresholdsNow } from "../report/threshold_watch.ts";
import { validityOf } from "../report/validity.ts";
import { isRefused } from "../results/refused_latency.ts";
import type { AgentRun } from "./agent_run.ts";
import type { Figures } from "./history.ts";
import type { EvidenceAnswer, HistogramsAnswer, LedgerAnswer, RunAnswer, SnapshotAnswer } from "./protocol.ts";
import type { RunRecord } from "./record.ts";

/** Where a run stands. */
export function runAnswer(run: AgentRun, now: Millis): RunAnswer {
  const { id, request, life, record, lease } = run;
  const agents = run.agents();
  return {
    id,
    state: run.state(),
    share: request.share,
    scope: scopeOf(run),
    led: request.led,
    workers: request.chosen.count,
    workers_reason: wholeReason(request.chosen),
    phase: run.phase,
    elapsed_s: run.elapsed() / 1000,
    lease_left_s: life.isOver() ? null : lease.left(now) / 1000,
    ...(life.reason === undefined ? {} : { reason: life.reason }),
    ...(record?.summary === undefined ? {} : { verdict: record.summary.verdict }),
    ...(record === undefined ? {} : { results: record.folder() }),
    ...(agents === undefined ? {} : { agents }),
  };
}

/** The figures of a run, in all and since a sequence number. */
export function snapshotAnswer(run: AgentRun, since: number): SnapshotAnswer {
  const { history } = run;
  const refused = run.refused();
  const total = withoutRefused(history.total(), refused);
  const window = withoutRefused(history.window(since), refused);
  return {
    id: run.id,
    sequence: history.sequence,
    since: history.sinceWhen(since),
    state: run.state(),
    scope: scopeOf(run),
    phase: run.phase,
    elapsed_s: run.elapsed() / 1000,
    counters: { ...total.counters },
    deltas: { ...window.counters },
    window: { ...window.latencies },
    total: { ...total.latencies },
    refused: { ...refused },
    health: healthOf(run, history.totals),
    ...(run.record === undefined ? {} : { thresholds: thresholdsOf(run.record) }),
  };
}

/** Encodings that can be merged with those of other agents. */
export function histogramsAnswer(run: AgentRun): HistogramsAnswer {
  const refused = run.refused();
  const encodings = Object.entries(run.history.histograms()).filter(([name]) => !isRefused(name, refused));
  return {
    sequence: run.history.sequence,
    scope: scopeOf(run),
    histograms: Object.fromEntries(encodings.map(([name, octets]) => [name, Buffer.from(octets).toString("base64")])),
  };
}

/** The messages of one outcome, as far as they are kept. */
export function ledgerAnswer(run: AgentRun, outcome: string, limit: number): LedgerAnswer {
  const kept = (run.record?.evidence ?? []).filter(({ kind }) => kind === outcome);
  return {
    outcome,
    count: run.history.totals.counter(`messages.${outcome}`),
    entries: kept.slice(0, limit).map(ledgerEntry),
  };
}

/** Failures with their messages. */
export function evidenceAnswer(run: AgentRun): EvidenceAnswer {
  return {
    entries: (run.record?.evidence ?? []).map((entry) => ({
      ...ledgerEntry(entry),
      messages: entry.messages.map(({ direction, at, text }) => ({ direction, at_s: at / 1000, text })),
    })),
  };
}

function ledgerEntry(
  { at, kind, sequence, sender, receiver, mode, detail }: Evidence,
): LedgerAnswer["entries"][number] {
  return { at_s: at / 1000, kind, sequence, sender, receiver, mode: mode ?? null, detail };
}

/** A led agent, or one without the others, knows its own part only. */
function scopeOf({ request }: AgentRun): "merged" | "own" {
  return request.share.count === 1 || request.lead !== undefined ? "merged" : "own";
}

function withoutRefused(figures: Figures, refused: Readonly<Record<string, string>>): Figures {
  const kept = Object.entries(figures.latencies).filter(([name]) => !isRefused(name, refused));
  return { ...figures, latencies: Object.fromEntries(kept) };
}

function thresholdsOf({ summary, manifest, account }: RunRecord): SnapshotAnswer["thresholds"] {
  const results = summary?.thresholds ?? thresholdsNow(manifest.scenario.thresholds, account, manifest.started_at);
  return results.map(({ expression, actual, passed, samples }) => ({ expression, actual, passed, samples }));
}

function healthOf(run: AgentRun, totals: Totals): SnapshotAnswer["health"] {
  const gauges = run.history.gauges();
  const judged = run.record?.summary?.generator;
  if (judged !== undefined) return { valid: judged.validity !== "invalid", reasons: [...judged.reasons], gauges };
  const failure = run.failure();
  const faults = failure === undefined ? run.faults : [failure, ...run.faults];
  // before the first message there is nothing to judge
  if (totals.counter("messages.attempted") === 0) {
    return { valid: faults.length === 0, reasons: [...faults], gauges };
  }
  const { validity, reasons } = validityOf({
    manifest: { outcome: "running", detail: "", scenario: run.scenario },
    totals,
    cpu: run.record?.account.cpuShare() ?? { mean: null, peak: null },
    ...(run.record === undefined ? {} : { health: run.record.account.health() }),
    ...(run.record !== undefined && { health: run.record.account.health() }),
    withoutData: [],
    faults,
  });
  return { valid: validity !== "invalid", reasons: [...reasons], gauges };
}

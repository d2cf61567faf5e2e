/** The parts of latencies in the report for a terminal: a large message phase by phase, and who was slower than others. */
import type { LatencySummary } from "../metrics/histogram.ts";
import { LARGE_PHASES } from "../metrics/dimensions.ts";
import type { Summary } from "./summary.ts";
import { labelled, table } from "./table.ts";
import { inUnit, showCount, showMicros, unitOf } from "./units.ts";

/** Phases of large messages and their share of the whole; nothing without any. */
export function phaseLines({ latency_us: latencies, latency_parts_us: parts }: Summary): string[] {
  const whole = latencies.large_whole;
  if (whole.mean === null) return [];
  const phases = LARGE_PHASES.flatMap((phase) => {
    const mean = parts[`large_phase{phase=${phase}}`]?.mean ?? 0;
    return mean > 0 ? [`${phase.replace("_", " ")} ${showMicros(mean)}`] : [];
  });
  return labelled("phases", `${phases.join(" + ")} = ${showMicros(whole.mean)} on average`);
}

/** The parts of each latency by transport and response class, where there is more than one; sizes are on the page. */
export function partRows({ latency_parts_us: parts }: Summary): string[] {
  const groups = Map.groupBy(Object.entries(parts), ([name]) => name.slice(0, name.indexOf("=")));
  const rows = [...groups].flatMap(([group, members]) =>
    !/\{(?:transport|response)$/.test(group) || members.length < 2
      ? []
      : members.map(([name, latency]) => row(name, latency))
  );
  return rows.length === 0 ? [] : table([["", "count", "", "p50", "p95", "p99", "max"], ...rows]);
}

function row(name: string, latency: LatencySummary): string[] {
  const unit = unitOf(latency.p50 ?? 0);
  const figures = [latency.p50, latency.p95, latency.p99, latency.max].map((micros) => inUnit(micros ?? 0, unit));
  return [name, showCount(latency.count), unit.name, ...figures];
}

/**
 * Figures of a run for OpenTelemetry, through Deno's own exporter (`OTEL_DENO=true`); loaded only when that is set.
 *
 * Our totals are told once a second, never for a message. Instruments that the exporter reads by itself would be fewer
 * lines, but it cannot read them any more when the process exits, and a run shorter than its interval would tell nothing.
 */
import { type Attributes, type Counter, type Gauge, metrics } from "@opentelemetry/api";
import type { Histogram } from "../metrics/histogram.ts";
import { type Cumulative, exposedLatency, familiesOf } from "../report/exposition.ts";
import type { MetricFamily } from "../report/open_metrics.ts";
import { IMSTORM_VERSION } from "../results/run_record.ts";

/** One number with its attributes, as an instrument gives it. */
export interface Reading {
  readonly value: number;
  readonly attributes: Attributes;
}

/** What one instrument gives. */
export interface Instrument {
  readonly kind: "counter" | "gauge";
  readonly description: string;
  /** As UCUM writes it. */
  readonly unit: string;
  readonly readings: Reading[];
}

const UNITS = { seconds: "s", bytes: "By", ratio: "1" } as const;
const QUANTILES = [["0.5", 0.5], ["0.9", 0.9], ["0.95", 0.95], ["0.99", 0.99], ["0.999", 0.999], ["1", 1]] as const;

/** Figures as instruments by name; of latencies, which the API cannot give as histograms: count, sum and quantiles. */
export function instrumentsOf(figures: Cumulative): Map<string, Instrument> {
  const instruments = new Map<string, Instrument>();
  for (const family of familiesOf(figures)) {
    const { name, help, unit } = family;
    const description = help;
    if (family.kind === "histogram") {
      const readings = (part: "count" | "sum"): Reading[] =>
        family.samples.map((each) => ({ value: each[part], attributes: each.labels }));
      instruments.set(named(`${name}.count`), { kind: "counter", description, unit: "1", readings: readings("count") });
      instruments.set(named(`${name}.sum`), { kind: "counter", description, unit: "s", readings: readings("sum") });
      instruments.set(named(`${name}.quantile`), { kind: "gauge", description, unit: "s", readings: [] });
    } else {
      const readings = family.samples.map(({ labels, value }) => ({ value, attributes: labels }));
      const kind = family.kind === "counter" ? "counter" : "gauge";
      instruments.set(named(name), { kind, description, unit: unitOf(unit), readings });
    }
  }
  for (const [name, latency] of figures.latencies) {
    const { name: shown, labels } = exposedLatency(name);
    instruments.get(named(`${shown}.quantile`))?.readings.push(...quantilesOf(latency, labels));
  }
  return instruments;
}

function quantilesOf(latency: Histogram, labels: Attributes): Reading[] {
  if (latency.count() === 0) return [];
  return QUANTILES.map(([quantile, share]) => ({
    value: latency.quantile(share) / 1e6,
    attributes: { ...labels, quantile },
  }));
}

function named(name: string): string {
  return name.replace("imstorm_", "imstorm.");
}

function unitOf(unit: MetricFamily["unit"]): string {
  return unit === undefined ? "1" : UNITS[unit];
}

/** Tells OpenTelemetry the figures of a run. */
export class Telemetry {
  readonly #figures: () => Cumulative;
  readonly #meter = metrics.getMeter("imstorm", IMSTORM_VERSION);
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  /** What a counter has been told, by name and attributes. */
  readonly #told = new Map<string, number>();

  /** Tells nothing yet. */
  constructor(figures: () => Cumulative) {
    this.#figures = figures;
  }

  /** Tells what has changed: once a second, and at the end, which the exporter writes before the process exits. */
  update(): void {
    for (const [name, instrument] of instrumentsOf(this.#figures())) {
      const { kind, description, unit, readings } = instrument;
      if (kind === "gauge") {
        let gauge = this.#gauges.get(name);
        if (gauge === undefined) this.#gauges.set(name, gauge = this.#meter.createGauge(name, { description, unit }));
        for (const { value, attributes } of readings) gauge.record(value, attributes);
        continue;
      }
      let counter = this.#counters.get(name);
      if (counter === undefined) {
        this.#counters.set(name, counter = this.#meter.createCounter(name, { description, unit }));
      }
      for (const reading of readings) this.#add(counter, name, reading);
    }
  }

  #add(counter: Counter, name: string, { value, attributes }: Reading): void {
    const key = `${name} ${JSON.stringify(attributes)}`;
    const before = this.#told.get(key);
    if (value === before) return;
    counter.add(value - (before ?? 0), attributes);
    this.#told.set(key, value);
  }
}

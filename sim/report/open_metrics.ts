/**
 * Metrics as text that Prometheus reads: OpenMetrics 1.0, or its elder, the text format 0.0.4.
 *
 * A pure function of families, so that whoever has cumulative figures may serve them.
 */

/** Which of the two texts; their differences are names of families, units and the end mark. */
export type MetricsFormat = "openmetrics" | "prometheus";

/** Names and values of labels. */
export type Labels = Readonly<Record<string, string>>;

/** One number of a family. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** One distribution of a family. */
export interface BucketSample {
  readonly labels: Labels;
  /** Values at most each bound, bounds ascending, without the infinite one. */
  readonly buckets: readonly (readonly [bound: number, count: number])[];
  readonly count: number;
  readonly sum: number;
}

/** What all samples of one name have in common; `name` is without `_total`, `_info` and `_bucket`. */
export type MetricFamily =
  & { readonly name: string; readonly unit?: "seconds" | "bytes" | "ratio"; readonly help: string }
  & (
    | { readonly kind: "counter" | "gauge" | "info"; readonly samples: readonly Sample[] }
    | { readonly kind: "histogram"; readonly samples: readonly BucketSample[] }
  );

/** What an HTTP response with such a text says of it. */
export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
};

/** The format that an `Accept` header asks for; the elder one where it does not name OpenMetrics. */
export function metricsFormatFor(accept: string | null): MetricsFormat {
  return accept?.includes("application/openmetrics-text") === true ? "openmetrics" : "prometheus";
}

/** The text of families; those without a sample are left out. */
export function writeMetrics(families: readonly MetricFamily[], format: MetricsFormat): string {
  const lines = families.filter(({ samples }) => samples.length > 0).flatMap((family) => linesOf(family, format));
  if (format === "openmetrics") lines.push("# EOF");
  return lines.map((line) => `${line}\n`).join("");
}

const SUFFIXES = { counter: "_total", gauge: "", info: "_info", histogram: "" } as const;

function linesOf(family: MetricFamily, format: MetricsFormat): string[] {
  const { kind, unit } = family;
  const isOpen = format === "openmetrics";
  const full = family.name + SUFFIXES[kind];
  // the elder format names the family as its samples, and knows neither info nor units
  const name = isOpen ? family.name : full;
  const type = kind === "info" && !isOpen ? "gauge" : kind;
  const lines = [`# TYPE ${name} ${type}`];
  if (isOpen && unit !== undefined) lines.push(`# UNIT ${name} ${unit}`);
  lines.push(`# HELP ${name} ${escaped(family.help, isOpen)}`);
  if (family.kind === "histogram") return [...lines, ...family.samples.flatMap((sample) => bucketLines(full, sample))];
  return [...lines, ...family.samples.map(({ labels, value }) => `${full}${labelText(labels)} ${number(value)}`)];
}

function bucketLines(name: string, { labels, buckets, count, sum }: BucketSample): string[] {
  const bounded = buckets.map(([bound, atMost]) => [canonical(bound), atMost] as const);
  return [
    ...[...bounded, ["+Inf", count] as const].map(([le, atMost]) =>
      `${name}_bucket${labelText({ ...labels, le })} ${number(atMost)}`
    ),
    `${name}_sum${labelText(labels)} ${number(sum)}`,
    `${name}_count${labelText(labels)} ${number(count)}`,
  ];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value, true)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** Quotes are escaped in labels, and in the help of OpenMetrics. */
function escaped(text: string, quotes: boolean): string {
  const plain = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return quotes ? plain.replaceAll('"', '\\"') : plain;
}

function number(value: number): string {
  return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

/** The bound of a bucket with a point, so that every scraper takes it for the same label. */
function canonical(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

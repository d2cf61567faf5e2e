/** The Grafana dashboard asks only for what the exporter writes. */
import { assert, assertEquals } from "@std/assert";
import { totalsOf } from "../metrics/snapshot.ts";
import { sampleSnapshots } from "../testing/sample_run.ts";
import { familiesOf } from "./exposition.ts";
import type { MetricFamily } from "./open_metrics.ts";
import { runFamilies } from "./run_facts.ts";
import { COUNTERS, GAUGES } from "../metrics/catalogue.ts";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const DASHBOARD = JSON.parse(Deno.readTextFileSync(new URL("../k6/grafana/imstorm.json", import.meta.url)));
const PANELS: readonly Panel[] = DASHBOARD.panels;
/** Labels that a scraper adds. */
const SCRAPED = ["instance", "job"];

/** Names of series with their labels, of a run in which everything was counted once. */
function exported(): Map<string, Set<string>> {
  const totals = totalsOf(sampleSnapshots());
  const members = ["failures.x", "timeouts.MESSAGE", "transport.faults.x", "violations.x", "requests.MESSAGE"];
  for (const name of [...COUNTERS.map((each) => each.name), ...members]) totals.counters[name] ??= 1;
  const gauges = Object.fromEntries(GAUGES.map(({ name }) => [name, 1]));
  const facts = runFamilies({
    version: "1",
    scenario: "s",
    target: "t",
    seed: 1,
    workers: 1,
    state: "running",
    states: ["running"],
    elapsedSeconds: 1,
    plannedSeconds: 2,
    validity: "valid",
    thresholds: [{ expression: "messages.lost == 0", actual: 0, passed: true, samples: 1, status: "passed" }],
  });
  const series = new Map<string, Set<string>>();
  for (const family of [...facts, ...familiesOf({ ...totals, gauges })]) {
    const labels = new Set(family.samples.flatMap((sample) => Object.keys(sample.labels)));
    for (const name of seriesOf(family)) {
      series.set(name, name.endsWith("_bucket") ? labels.union(new Set(["le"])) : labels);
    }
  }
  return series;
}

function seriesOf({ name, kind }: MetricFamily): string[] {
  if (kind === "histogram") return [`${name}_bucket`, `${name}_count`, `${name}_sum`];
  return [kind === "counter" ? `${name}_total` : kind === "info" ? `${name}_info` : name];
}

Deno.test("every metric and label that the dashboard asks for is written by the exporter", () => {
  const series = exported();
  const missing: string[] = [];
  let seen = 0;
  for (const { title, targets = [] } of PANELS) {
    for (const { expr, legendFormat } of targets) {
      const names = [...expr.matchAll(/\b(imstorm_\w+)\{([^}]*)\}/g)];
      const labels = new Set<string>(SCRAPED);
      for (const [, name, matchers] of names) {
        seen++;
        const known = series.get(name!);
        if (known === undefined) missing.push(`${title}: ${name}`);
        for (const label of known ?? []) labels.add(label);
        for (const [, label] of matchers!.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
          if (known?.has(label!) !== true && !SCRAPED.includes(label!)) missing.push(`${title}: ${name}{${label}}`);
        }
      }
      const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/,\s*/));
      const shown = [...legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label]) => label!);
      for (const label of [...grouped, ...shown]) if (!labels.has(label)) missing.push(`${title}: label ${label}`);
    }
  }
  assertEquals(missing, []);
  assert(seen > 40, `${seen} metrics`);
});

Deno.test("the dashboard has a row of generator health, every panel its own number and place, and every query a metric", () => {
  const rows = PANELS.filter((each) => each.type === "row").map((each) => each.title);
  assert(rows.includes("Generator health"), String(rows));
  assertEquals(new Set(PANELS.map((each) => each.id)).size, PANELS.length);
  for (const { title, type, targets = [], gridPos } of PANELS) {
    if (type !== "row") assert(targets.length > 0, title);
    for (const { expr } of targets) assert(/\b(imstorm|k6)_\w+/.test(expr), `${title}: ${expr}`);
    const { x, y, w, h } = gridPos;
    const over = PANELS.find(({ title: other, gridPos: place }) =>
      other !== title && x < place.x + place.w && place.x < x + w && y < place.y + place.h && place.y < y + h
    );
    assertEquals(over?.title, undefined, `${title} lies over it`);
  }
});

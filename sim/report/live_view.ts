// deno-lint-ignore-file camelcase -- statuses are named as in summary.json
/** The view of a run under way as lines of text: a pure function of where the run stands and of the terminal's size. */
import { SENDER_COUNTS } from "../metrics/catalogue.ts";
import type { RunState } from "../load/coordinator.ts";
import type { Totals } from "../metrics/snapshot.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { type LiveFigures, WINDOW_SECONDS } from "./live_figures.ts";
import type { Paint } from "./paint.ts";
import { cutLine, flowLines } from "./painted_line.ts";
import { bar, sparkline } from "./sparkline.ts";
import { spread, table } from "./table.ts";
import { showActual, showSamples, type ThresholdResult, type ThresholdStatus } from "./thresholds.ts";
import { inUnit, showCount, showMicros, showOctets, showRate, showShare, unitOf } from "./units.ts";
import type { ValidityResult } from "./validity.ts";

/** What a view is made of. */
export interface LiveView {
  readonly scenario: Scenario;
  readonly workers: number;
  readonly clients: number;
  /** Length of all phases in milliseconds. */
  readonly planned: number;
  /** From the beginning of the load, in milliseconds; some may overlap. */
  readonly phases: readonly { readonly start: number; readonly duration: number }[];
  readonly run: RunState;
  readonly totals: Totals;
  readonly figures: LiveFigures;
  readonly thresholds: readonly ThresholdResult[];
  readonly validity: ValidityResult;
  /** One line at the bottom for people; empty: how to end. */
  readonly notice: string;
}

/** Latencies that are shown. */
const SHOWN = ["pager_accept", "pager_delivery", "large_setup", "large_accept", "large_delivery"] as const;
/** Latencies that `LiveFigures` must watch for this view. */
export const WATCHED: readonly string[] = [...SHOWN, "schedule_lag"];

/** A part of the view; on a low terminal those with the highest `rank` get shorter first, and go first. */
interface Section {
  readonly rank: number;
  /** Its lines, from the longest form to the shortest. */
  readonly forms: readonly (readonly string[])[];
}

const KEYS = "q or Ctrl-C ends the run cleanly, once more at once";
const WIDEST = 120;

/** At most `rows` lines of at most `columns` columns. */
export function composeLive(view: LiveView, columns: number, rows: number, paint: Paint): string[] {
  const width = Math.min(columns, WIDEST);
  const overTime = linesOverTime(view, width, paint);
  const sections: Section[] = [
    { rank: 0, forms: [headerOf(view, width, paint)] },
    { rank: 2, forms: [ratesOf(view, width, paint)] },
    { rank: 5, forms: messagesOf(view, width, paint) },
    { rank: 3, forms: [latenciesOf(view, paint)] },
    { rank: 6, forms: [overTime, overTime.slice(-1)] },
    { rank: 4, forms: [thresholdsOf(view, Infinity, paint), thresholdsOf(view, 3, paint)] },
    { rank: 1, forms: [generatorOf(view, width, paint)] },
  ];
  const foot = view.notice === "" ? paint.dim(` ${KEYS}`) : paint.yellow(` ${view.notice}`);
  return [...fit(sections, rows - 1), foot].map((line) => cutLine(line, columns));
}

/** Sections one below the other: the most important ones that have room, then longer forms, then blank lines between. */
function fit(sections: readonly Section[], rows: number): string[] {
  const byRank = sections.filter(({ forms }) => forms[0]!.length > 0).toSorted((a, b) => a.rank - b.rank);
  const shown = new Map<Section, readonly string[]>();
  let room = rows;
  for (const section of byRank) {
    const shortest = section.forms.at(-1)!;
    if (shortest.length > room && shown.size > 0) continue;
    shown.set(section, shortest);
    room -= shortest.length;
  }
  for (const section of byRank) {
    const form = shown.get(section);
    const longer = form && section.forms.find((each) => each.length - form.length <= room);
    if (longer === undefined || longer.length <= form!.length) continue;
    shown.set(section, longer);
    room -= longer.length - form!.length;
  }
  const isAiry = room >= shown.size;
  const inOrder = sections.flatMap((section) => shown.has(section) ? [shown.get(section)!] : []);
  return inOrder.flatMap((lines) => isAiry ? [...lines, ""] : lines).slice(0, Math.max(0, rows));
}

const BEFORE: ReadonlySet<string> = new Set(["starting", "registering", "waiting"]);

/** The phase under way, or the numbers of those side by side. */
function phasesText({ scenario, phases, run: { phase, elapsed } }: LiveView): string {
  const under = phases.flatMap(({ start, duration }, i) =>
    start <= elapsed && elapsed < start + duration ? [i + 1] : []
  );
  if (under.length > 1) return `phases ${under.join(", ")} of ${phases.length}`;
  return `phase ${phase + 1} of ${phases.length}: ${scenario.phases[phase]?.executor ?? ""}`;
}

function headerOf(view: LiveView, width: number, paint: Paint): string[] {
  const { scenario, run, planned, workers, clients, totals } = view;
  const badge = (run.state === "running" ? paint.green : paint.yellow)(run.state.toUpperCase());
  const isBefore = BEFORE.has(run.state);
  const registered = totals.counter("clients.registered");
  const share = isBefore ? registered / Math.max(1, clients) : run.elapsed / Math.max(1, planned);
  const clock = isBefore
    ? `${showCount(registered)} of ${showCount(clients)} clients`
    : `${clockText(Math.min(run.elapsed, planned))} of ${clockText(planned)}`;
  const phaseText = isBefore ? "registering" : phasesText(view);
  const facts = `${scenario.target.uri} · ${workers} ${workers === 1 ? "worker" : "workers"}`;
  const room = Math.max(10, width - phaseText.length - clock.length - 6);
  return [
    spread(` ${paint.bold("imstorm")}  ${scenario.name}`, paint.bold(badge), width),
    paint.dim(` ${facts}`),
    ` ${phaseText}  ${paint.green(bar(share, room))}  ${clock}`,
  ];
}

/** `00:42`, `1:02:03`. */
function clockText(millis: number): string {
  const seconds = Math.floor(millis / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function ratesOf({ figures, totals }: LiveView, width: number, paint: Paint): string[] {
  if (figures.history.length === 0) return [];
  const last = (name: string): number => figures.lastSecond(name);
  const due = last("generator.arrivals");
  const started = due - last("generator.dropped_arrivals");
  const accepted = last("messages.accepted_200") + last("messages.accepted_202");
  const gauges = figures.gauges();
  const asked = gauges["load.rate"] ?? 0;
  const parts = [
    ...(asked > 0 ? [`asked ${showRate(asked)}`] : []),
    `due ${showRate(due)}`,
    started < due ? paint.red(`started ${showRate(started)}`) : `started ${showRate(started)}`,
    `accepted ${showRate(accepted)}`,
    `delivered ${showRate(last("messages.delivered"))}`,
    `under way ${showCount(gauges["messages.under_way"] ?? 0)}`,
    `sessions ${showCount(gauges["sessions.open"] ?? 0)}`,
  ];
  const failed = totals.counter("clients.failed");
  return [
    ...flowLines(paint.bold(" Rate"), parts, width),
    ...(failed === 0 ? [] : [paint.red(` ${showCount(failed)} clients could not register`)]),
  ];
}

const FAILURES = SENDER_COUNTS.filter((part) => !part.startsWith("accepted") && part !== "unanswered");

/** As a table, and in one line. */
function messagesOf({ totals }: LiveView, width: number, paint: Paint): string[][] {
  const scopes = ["messages", "messages.pager", "messages.large"];
  const row = (label: string, parts: readonly string[]): { cells: string[]; sum: number } => {
    const sums = scopes.map((scope) => parts.reduce((sum, part) => sum + totals.counter(`${scope}.${part}`), 0));
    return { cells: [label, ...sums.map(showCount)], sum: sums[0]! };
  };
  const rows = [
    row("attempted", ["attempted"]),
    row("accepted", ["accepted_200", "accepted_202"]),
    row("delivered", ["delivered"]),
    ...["lost", ...FAILURES, "duplicated", "corrupted", "misrouted", "late"].map((part) =>
      row(part.replaceAll("_", " "), [part])
    ),
  ];
  const good = 3;
  // lost is shown at 0 as well: that is what people look for
  const shown = rows.filter(({ sum }, i) => i <= good || sum > 0);
  const [head, ...body] = table([["Messages", "all", "pager", "large"], ...shown.map(({ cells }) => cells)], 1);
  const mark = (text: string, i: number): string => i >= good && shown[i]!.sum > 0 ? paint.red(text) : text;
  const parts = shown.map(({ cells: [label, all] }, i) => mark(`${label} ${all}`, i));
  return [[paint.bold(head!), ...body.map(mark)], flowLines(paint.bold(" Messages"), parts, width)];
}

function latenciesOf({ totals, figures }: LiveView, paint: Paint): string[] {
  const rows = SHOWN.flatMap((name) => {
    const whole = totals.latencies.get(name);
    if (whole === undefined || whole.count() === 0) return [];
    const now = figures.now(name);
    const unit = unitOf(whole.quantile(0.5));
    const shares = [0.5, 0.95, 0.99, 1];
    const cells = (histogram: typeof now): string[] =>
      shares.map((share) => histogram === undefined ? "-" : inUnit(histogram.quantile(share), unit));
    return [[name, unit.name, ...cells(now), "", ...cells(whole)]];
  });
  if (rows.length === 0) return [];
  const heads = ["p50", "p95", "p99", "max"];
  const [head, ...body] = table([["Latency", "", ...heads, "", ...heads], ...rows], 1);
  const middle = head!.indexOf("max") + 3;
  const above = `${" ".repeat(head!.indexOf("p50"))}last ${WINDOW_SECONDS} s`.padEnd(head!.indexOf("p50", middle));
  return [paint.dim(`${above}whole run`), paint.bold(head!), ...body];
}

function linesOverTime({ figures }: LiveView, width: number, paint: Paint): string[] {
  const { history } = figures;
  if (history.length < 2) return [];
  const label = 26;
  const room = Math.max(0, width - label - 14);
  const line = (name: string, values: readonly (number | undefined)[], show: (value: number) => string): string[] => {
    const shown = values.slice(-room).filter((value) => value !== undefined);
    if (shown.length === 0) return [];
    const spark = paint.green(sparkline(values, room));
    return [` ${name.padEnd(label - 1)}${spark}  ${show(Math.max(...shown))}`];
  };
  const latency =
    SHOWN.find((name) => history.some(({ p99 }) => p99[name] !== undefined && name.endsWith("delivery"))) ??
      SHOWN.find((name) => history.some(({ p99 }) => p99[name] !== undefined));
  return [
    paint.bold(" Each second") + paint.dim(", and the highest shown"),
    ...line("delivered", history.map(({ counters }) => counters["messages.delivered"] ?? 0), showRate),
    ...(latency === undefined ? [] : line(`p99 ${latency}`, history.map(({ p99 }) => p99[latency]), showMicros)),
  ];
}

const SIGNS: Readonly<Record<ThresholdStatus, { sign: string; colour: keyof Paint; order: number }>> = {
  failed: { sign: "✗", colour: "red", order: 0 },
  waived: { sign: "~", colour: "yellow", order: 1 },
  no_data: { sign: "·", colour: "dim", order: 2 },
  passed: { sign: "✓", colour: "green", order: 3 },
};

/** All, or `room` lines of them: those that fail first. */
function thresholdsOf({ thresholds }: LiveView, room: number, paint: Paint): string[] {
  if (thresholds.length === 0) return [];
  const shown = thresholds.length <= room
    ? thresholds
    : thresholds.toSorted((a, b) => SIGNS[a.status].order - SIGNS[b.status].order).slice(0, room - 1);
  const lines = table(
    shown.map((each) => [
      `${SIGNS[each.status].sign} ${each.expression}`,
      showActual(each),
      showSamples(each),
    ]),
    1,
  );
  const rest = thresholds.length - shown.length;
  return [
    paint.bold(" Thresholds") + paint.dim(", so far"),
    ...lines.map((line, i) => paint[SIGNS[shown[i]!.status].colour](line)),
    ...(rest === 0 ? [] : [paint.dim(`   and ${rest} more, none worse`)]),
  ];
}

const BADGES = { valid: "green", floor: "yellow", invalid: "red" } as const;

function generatorOf(view: LiveView, width: number, paint: Paint): string[] {
  const { scenario, totals, figures, validity: { validity, reasons } } = view;
  const gauges = figures.gauges();
  const lag = figures.now("schedule_lag")?.quantile(0.99);
  const cpu = gauges["generator.cpu_share"];
  const memory = gauges["generator.memory"];
  const loop = gauges["generator.loop_delay"];
  const { scheduleLagP99, cpuShare } = scenario.limits;
  const part = (text: string, isBad: boolean): string => isBad ? paint.red(text) : text;
  const dropped = totals.counter("generator.dropped_arrivals");
  const lost = totals.counter("generator.socket_drops");
  const parts = [
    paint[BADGES[validity]](`${validity} so far`),
    ...(lag === undefined ? [] : [part(`lag p99 ${showMicros(lag)}`, lag > scheduleLagP99 * 1000)]),
    ...(cpu === undefined ? [] : [part(`cpu ${showShare(Number(cpu.toFixed(2)))}`, cpu > cpuShare)]),
    ...(loop === undefined ? [] : [`loop stood ${showMicros(loop)}`]),
    part(`not started ${showCount(dropped)}`, dropped > 0),
    part(`kernel drops ${showCount(lost)}`, lost > 0),
    ...(memory === undefined ? [] : [`memory ${showOctets(memory)}`]),
  ];
  return [
    ...flowLines(paint.bold(" Generator"), parts, width),
    ...reasons.slice(0, 2).map((reason) => paint[BADGES[validity]](`   ${reason}`)),
  ];
}

/**
 * What agents measured, as metrics of k6. Totals come from the lead only, whose snapshots are those of all agents together:
 * the last value of a Gauge wins, so only one VU may write them. k6 keeps every value of a Trend, so only one a window goes there.
 */
import { Counter, Gauge, Trend } from "k6/metrics";

const latency = new Gauge("im_latency_ms");
const windowP99 = new Trend("im_window_p99_ms");
const samples = new Counter("im_samples");
const messages = new Counter("im_messages");
const counts = new Counter("im_count");
const reports = new Counter("im_reports");
const isValid = new Gauge("im_generator_valid");
const gateValues = new Gauge("im_gate_value");
const gateSamples = new Counter("im_gate_samples");
const gatesFailed = new Counter("im_gates_failed");

const QUANTILES = /** @type {const} */ (["p50", "p90", "p95", "p99", "p999", "max"]);
const MODES = ["pager", "large"];

/** @typedef {{ count: number, p50: number, p90: number, p95: number, p99: number, p999: number, max: number }} Figures microseconds */

/**
 * @typedef {object} Snapshot
 * @property {number} sequence
 * @property {string} state
 * @property {Record<string, number>} counters
 * @property {Record<string, Figures>} window
 * @property {Record<string, Figures>} total
 * @property {{ valid: boolean, reasons: string[] }} health
 */

/** Counts that an agent was heard. @param {number} agent index */
export function countReport(agent) {
  reports.add(1, { agent: String(agent) });
}

/** Where a latency stands: `pager_accept` is mode `pager`, leg `accept`; what is of no mode is `client`. @param {string} name */
export function tagsOfLatency(name) {
  const match = /^(pager|large)_(.+)$/.exec(name);
  return { mode: match?.[1] ?? "client", leg: match?.[2] ?? name };
}

/** Turns the snapshots of the lead into metrics; Counters by what came since the snapshot before. */
export class Totals {
  /** @type {Map<string, number>} */
  #before = new Map();

  /** @param {Snapshot} snapshot */
  take({ counters, window, total, health }) {
    for (const [name, value] of Object.entries(counters)) {
      this.#count(name, value);
    }
    for (const [name, figures] of Object.entries(total)) {
      this.#total(name, figures);
    }
    for (const [name, figures] of Object.entries(window)) {
      takeWindow(name, figures);
    }
    isValid.add(health.valid ? 1 : 0);
  }

  /** @param {string} name @param {number} value */
  #count(name, value) {
    const more = this.#since(name, value);
    if (more <= 0) return;
    const [family, scope, part] = name.split(".");
    // messages.delivered is the sum of both modes, which are the ones written
    if (family !== "messages" || name === "messages.unknown") {
      counts.add(more, { name });
    } else if (part !== undefined && MODES.includes(scope ?? "")) {
      messages.add(more, { mode: scope ?? "", outcome: part });
    }
  }

  /** @param {string} name @param {Figures} figures */
  #total(name, figures) {
    if (isDimension(name)) return;
    const more = this.#since(`${name}#`, figures.count);
    if (more > 0) samples.add(more, tagsOfLatency(name));
    setLatency(name, figures, "total");
  }

  /** @param {string} name @param {number} value */
  #since(name, value) {
    const more = value - (this.#before.get(name) ?? 0);
    this.#before.set(name, value);
    return more;
  }
}

/** @param {string} name @param {Figures} figures */
function takeWindow(name, figures) {
  if (isDimension(name) || figures.count === 0) return;
  setLatency(name, figures, "window");
  windowP99.add(figures.p99 / 1000, tagsOfLatency(name));
}

/** @param {string} name @param {Figures} figures @param {"total" | "window"} scope */
function setLatency(name, figures, scope) {
  if (figures.count === 0) return;
  const tags = tagsOfLatency(name);
  for (const q of QUANTILES) {
    latency.add(figures[q] / 1000, { ...tags, q, scope });
  }
}

/** `pager_accept{transport=udp}`: would be taken for all of pager_accept by gates that do not name the dimension. @param {string} name */
function isDimension(name) {
  return name.includes("{");
}

/** @typedef {{ expression: string, actual: number | null, passed: boolean, samples: number, status?: string }} Gate */

/** The agents' own evaluation of the thresholds, in the order of the scenario, at the end of the run. @param {readonly Gate[]} gates */
export function takeGates(gates) {
  for (const [index, { expression, actual, passed, samples: count, status }] of gates.entries()) {
    const gate = gateName(index, expression);
    // durations are in milliseconds in k6
    const isDuration = /^\S+ \S+ [-0-9.]+(us|µs|ms|s|m)( |$)/.test(expression);
    if (actual !== null) gateValues.add(isDuration ? actual / 1000 : actual, { gate });
    if (count > 0) gateSamples.add(count, { gate });
    if (!passed && status !== "waived") gatesFailed.add(1, { gate });
  }
}

/** As `imstorm k6 thresholds` names it. @param {number} index @param {string} expression */
export function gateName(index, expression) {
  return `${index}-${(expression.split(" ")[0] ?? "").replace(/[^A-Za-z0-9_.-]+/g, "_")}`;
}

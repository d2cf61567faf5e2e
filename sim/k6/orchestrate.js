/**
 * One measurement over many imstorm agents, with k6 in charge: one VU an agent. Creates the run on all of them, waits until
 * all are ready, starts them at one instant, changes their load by stages, watches, judges, and stops them whatever happens.
 *
 * k6 run -e IMSTORM_AGENTS=http://host:port,… -e IMSTORM_TOKEN_FILE=… -e IMSTORM_SCENARIO=… -e IMSTORM_THRESHOLDS=… orchestrate.js
 *
 * Ends with 0 when every gate passed, 99 when one failed, 110 when the measurement is invalid, 108 when it could not be
 * finished (an agent was lost, or refused), 105 when it was interrupted. Invalid goes before failed.
 */
import { sleep } from "k6";
import exec from "k6/execution";
import { AgentClient } from "./agent_client.js";
import { countReport, takeGates, Totals } from "./measurements.js";
import { factorAt, readSettings } from "./settings.js";
import { junitOf, textOf } from "./summary.js";

const settings = readSettings(__ENV, (path) => open(path));
const client = new AgentClient(settings.token, settings.lostAfter);
const agents = settings.agents;
const lead = /** @type {string} */ (agents[0]);
const OVER = ["done", "failed", "aborted"];
/** Seconds from the moment all are ready until they start: every agent must have got the order by then. */
const START_LEAD = 2;
/** Seconds that draining may take after an interruption: graces, BYEs and removed bindings. */
const DRAIN_WITHIN = 60;

export const options = {
  scenarios: {
    agents: {
      executor: "per-vu-iterations",
      vus: agents.length,
      iterations: 1,
      maxDuration: settings.maxDuration,
      gracefulStop: "5s",
    },
  },
  setupTimeout: `${settings.readyWithin + 60}s`,
  teardownTimeout: `${DRAIN_WITHIN + 30}s`,
  insecureSkipTLSVerify: settings.insecure,
  summaryTrendStats: ["count", "min", "med", "max"],
  thresholds: {
    ...settings.thresholds,
    im_generator_valid: ["value==1"],
    im_gates_failed: ["count==0"],
    // an empty Gauge passes every gate: without these a run that nobody measured would pass
    ...Object.fromEntries(
      agents.map((_, index) => [`im_reports{agent:${index}}`, ["count>0"]]),
    ),
  },
};

/** @typedef {{ run: string, startedAt: number }} Begun name of the run at every agent; milliseconds of our clock */

/**
 * Creates, waits, starts; what went wrong ends the test with 108, and what was created is stopped. The lead makes the run
 * on the others, starts them, and passes on every order.
 * @returns {Begun}
 */
export function setup() {
  const run = `k6-${Date.now().toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
  const created = client.post(lead, "/v1/runs", {
    id: run,
    scenario: settings.scenario,
    share: { index: 0, count: agents.length },
    lead: {
      agents: agents.slice(1).map((url) => ({ url, token: settings.token })),
      ...(settings.maxClockError === undefined ? {} : { max_clock_error_ms: settings.maxClockError }),
    },
    lease_s: settings.lease,
    ...(settings.seed === undefined ? {} : { seed: settings.seed }),
    ...(settings.target === undefined ? {} : { target: settings.target }),
    ...(settings.overrides === undefined ? {} : { overrides: settings.overrides }),
  });
  if (created.fault === undefined) {
    const { workers, workers_reason: why } = created.body;
    // deno-lint-ignore no-console -- the log of k6, on standard error
    console.log(`${workers} ${workers === 1 ? "worker" : "workers"} an agent: ${why}`);
  }
  const fault = created.fault ?? awaitReady(run) ?? start(run);
  if (fault !== undefined) {
    if (created.fault === undefined) stop(run);
    exec.test.abort(fault);
  }
  return { run, startedAt: Date.now() + START_LEAD * 1000 };
}

/** Asks until every agent is ready; the sentence of what kept one from it. @param {string} run */
function awaitReady(run) {
  const deadline = Date.now() + settings.readyWithin * 1000;
  while (true) {
    const states = client.all(agents.map((agent) => ({ method: "GET", agent, path: `/v1/runs/${run}` })));
    const unreached = states.find(({ fault }) => fault !== undefined);
    if (unreached !== undefined) return unreached.fault;
    const over = states.findIndex(({ body }) => OVER.includes(body.state));
    if (over >= 0) {
      return `${agents[over]}: ${states[over]?.body.state}: ${states[over]?.body.reason ?? "no reason given"}`;
    }
    if (states.every(({ body }) => body.state === "ready")) return undefined;
    if (Date.now() > deadline) {
      const waiting = agents.filter((_, index) => states[index]?.body.state !== "ready");
      return `not ready after ${settings.readyWithin} s: ${waiting.join(", ")}`;
    }
    sleep(0.25);
  }
}

/** One instant for all, by the clock of the lead, which knows the clocks of the others. @param {string} run */
function start(run) {
  const { body, fault } = client.get(lead, "/v1/agent");
  if (fault !== undefined) return fault;
  return client.post(lead, `/v1/runs/${run}/start`, { at_us: body.now_us + START_LEAD * 1_000_000 }).fault;
}

/** Watches one agent until its run is over; the VU of the lead writes what all measured together. @param {Begun} begun */
export default function watch({ run, startedAt }) {
  const index = exec.vu.idInTest - 1;
  const agent = /** @type {string} */ (agents[index]);
  const path = `/v1/runs/${run}`;
  const isLead = index === 0;
  const totals = new Totals();
  let sequence = 0;
  let factor = 1;
  let heardAt = Date.now();
  /** @type {Record<string, string>} */
  let refused = {};
  while (true) {
    const { body, fault } = client.get(agent, `${path}/snapshot?since=${sequence}`);
    if (fault === undefined) {
      heardAt = Date.now();
      if (body.sequence > sequence) {
        sequence = body.sequence;
        countReport(index);
        if (isLead) totals.take(body);
        refused = body.refused ?? {};
      }
      if (OVER.includes(body.state)) break;
    } else if (Date.now() - heardAt > settings.lostAfter * 1000) {
      exec.test.abort(`lost for ${settings.lostAfter} s: ${fault}`);
    }
    if (isLead) factor = follow(path, factor, (Date.now() - startedAt) / 1000);
    sleep(settings.poll);
  }
  if (isLead) judge(path, refused);
}

/** Asks for the factor of this moment, when it is another; gives the one that holds. @param {string} path @param {number} factor @param {number} elapsed seconds */
function follow(path, factor, elapsed) {
  const wanted = factorAt(settings.stages, elapsed);
  if (wanted === factor) return factor;
  return client.post(lead, `${path}/rate`, { factor: wanted }).fault === undefined ? wanted : factor;
}

/** The verdict of the agents themselves. @param {string} path @param {Record<string, string>} refused latencies not given, and why */
function judge(path, refused) {
  const { body: summary, fault } = client.get(lead, `${path}/results`);
  if (fault !== undefined) exec.test.abort(`no result: ${fault}`);
  takeGates(summary.thresholds);
  const invalid = summary.verdict === "passed" || summary.verdict === "failed"
    ? [...new Set(summary.thresholds.map((/** @type {any} */ { expression }) => refused[expression.split(/[.{]/)[0]]))]
    : [`the measurement is ${summary.verdict}`, ...(summary.generator?.reasons ?? [])];
  const reasons = invalid.filter((reason) => reason !== undefined);
  if (reasons.length > 0) exec.test.fail(reasons.join("; "));
}

/** Stops what still runs, after an interruption as well. @param {Begun} begun */
export function teardown({ run }) {
  stop(run);
}

/** Has the lead drain the run, and waits until it is over everywhere. @param {string} run */
function stop(run) {
  const path = `/v1/runs/${run}`;
  const isOver = (/** @type {import("./agent_client.js").Answer} */ { body, reached }) =>
    !reached || body?.state === undefined || OVER.includes(body.state);
  const running = () => agents.filter((_, index) => !isOver(/** @type {any} */ (states[index])));
  const ask = () => client.all(agents.map((agent) => ({ method: "GET", agent, path })));
  let states = ask();
  if (running().includes(lead)) client.post(lead, `${path}/drain`);
  const deadline = Date.now() + DRAIN_WITHIN * 1000;
  while (running().length > 0 && Date.now() < deadline) {
    sleep(0.5);
    states = ask();
  }
  // deno-lint-ignore no-console -- the log of k6
  for (const agent of running()) console.warn(`${agent}: still draining; its lease ends it`);
}

/** Files of the results that are copied from the lead. */
const FILES = ["run.json", "summary.json", "report.html"];

/** Writes k6's summary and JUnit, and the lead's results beside them. @param {any} data */
export function handleSummary(data) {
  /** @type {Begun | undefined} */
  const begun = data.setup_data;
  delete data.setup_data;
  /** @type {Record<string, string>} */
  const files = {
    stdout: textOf(data),
    [`${settings.out}/k6-summary.json`]: JSON.stringify(data, undefined, 2),
    [`${settings.out}/k6-junit.xml`]: junitOf(data),
  };
  if (begun === undefined) return files;
  for (const name of FILES) {
    const text = client.text(lead, `/v1/runs/${begun.run}/results/${name}`);
    if (text !== undefined) files[`${settings.out}/${name}`] = text;
  }
  return files;
}

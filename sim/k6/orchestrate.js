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
const client = new AgentClient(settings.token);
const agents = settings.agents;
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

/** @typedef {{ runs: string[], startedAt: number }} Begun identifiers by agent; startedAt in milliseconds of our clock */

/** Creates, waits, starts; what went wrong ends the test with 108, and what was created is stopped. @returns {Begun} */
export function setup() {
  const created = client.all(agents.map((agent, index) => ({
    method: "POST",
    agent,
    path: "/v1/runs",
    timeout: "30s",
    body: {
      scenario: settings.scenario,
      share: { index, count: agents.length },
      lease_s: settings.lease,
      ...(settings.seed === undefined ? {} : { seed: settings.seed }),
      ...(settings.target === undefined ? {} : { target: settings.target }),
      ...(settings.overrides === undefined ? {} : { overrides: settings.overrides }),
      ...(index === 0
        ? {
          lead: {
            agents: agents.map((url) => ({ url, token: settings.token })),
          },
        }
        : {}),
    },
  })));
  const runs = created.map((answer) => answer.body?.id ?? "");
  const fault = faultsOf(created) ?? awaitReady(runs);
  if (fault !== undefined) {
    stopAll(runs);
    exec.test.abort(fault);
  }
  return { runs, startedAt: startAll(runs) };
}

/** @param {{ fault: string | undefined }[]} answers */
function faultsOf(answers) {
  const faults = answers.map((answer) => answer.fault).filter((each) => each !== undefined);
  return faults.length === 0 ? undefined : faults.join("; ");
}

/** Asks until every agent is ready; the sentence of what kept one from it. @param {string[]} runs */
function awaitReady(runs) {
  const deadline = Date.now() + settings.readyWithin * 1000;
  while (true) {
    const states = client.all(
      agents.map((agent, index) => ({
        method: "GET",
        agent,
        path: `/v1/runs/${runs[index]}`,
      })),
    );
    const fault = faultsOf(states);
    if (fault !== undefined) return fault;
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

/** One instant for all, by the clock of each: agents' wall clocks may differ. @param {string[]} runs */
function startAll(runs) {
  const startedAt = Date.now() + START_LEAD * 1000;
  const orders = agents.map((agent, index) => {
    const asked = Date.now();
    const { body } = client.get(agent, "/v1/agent");
    const offset = (body?.now_us ?? asked * 1000) / 1000 -
      (asked + Date.now()) / 2;
    const at = Math.round((startedAt + offset) * 1000);
    return /** @type {const} */ ({
      method: "POST",
      agent,
      path: `/v1/runs/${runs[index]}/start`,
      body: { at_us: at },
    });
  });
  const fault = faultsOf(client.all(orders));
  if (fault !== undefined) {
    stopAll(runs);
    exec.test.abort(fault);
  }
  return startedAt;
}

/** Watches one agent until its run is over; the VU of the lead writes what all measured together. @param {Begun} begun */
export default function watch({ runs, startedAt }) {
  const index = exec.vu.idInTest - 1;
  const agent = /** @type {string} */ (agents[index]);
  const path = `/v1/runs/${runs[index]}`;
  const isLead = index === 0;
  const totals = new Totals();
  let sequence = 0;
  let factor = 1;
  let heardAt = Date.now();
  while (true) {
    const { body, fault } = client.get(
      agent,
      `${path}/snapshot?since=${sequence}`,
    );
    if (fault === undefined) {
      heardAt = Date.now();
      if (body.sequence > sequence) {
        sequence = body.sequence;
        countReport(index);
        if (isLead) totals.take(body);
      }
      if (OVER.includes(body.state)) break;
    } else if (Date.now() - heardAt > settings.lostAfter * 1000) {
      exec.test.abort(`lost for ${settings.lostAfter} s: ${fault}`);
    }
    const wanted = factorAt(settings.stages, (Date.now() - startedAt) / 1000);
    if (
      wanted !== factor &&
      client.post(agent, `${path}/rate`, { factor: wanted }).fault === undefined
    ) factor = wanted;
    sleep(settings.poll);
  }
  if (isLead) judge(agent, path);
}

/** The verdict of the agents themselves. @param {string} agent @param {string} path */
function judge(agent, path) {
  const { body: summary, fault } = client.get(agent, `${path}/results`);
  if (fault !== undefined) exec.test.abort(`no result: ${fault}`);
  takeGates(summary.thresholds);
  if (summary.verdict === "passed" || summary.verdict === "failed") return;
  const reasons = summary.generator?.reasons ?? [];
  exec.test.fail(
    `the measurement is ${summary.verdict}: ${reasons.join("; ") || "no reason given"}`,
  );
}

/** Stops what still runs, after an interruption as well. @param {Begun} begun */
export function teardown({ runs }) {
  stopAll(runs);
}

/** Drains every agent that has a run which is not over, and waits for it. @param {string[]} runs */
function stopAll(runs) {
  let left = agents.map((agent, index) => ({
    agent,
    path: `/v1/runs/${runs[index]}`,
  }))
    .filter((_, index) => runs[index] !== "");
  const isOver = (
    /** @type {import("./agent_client.js").Answer} */ { body, reached },
  ) => !reached || body?.state === undefined || OVER.includes(body.state);
  const states = () => client.all(left.map((each) => ({ ...each, method: "GET" })));
  let answers = states();
  left = left.filter((_, index) => !isOver(/** @type {any} */ (answers[index])));
  client.all(
    left.map(({ agent, path }) => ({
      method: "POST",
      agent,
      path: `${path}/drain`,
      body: {},
    })),
  );
  const deadline = Date.now() + DRAIN_WITHIN * 1000;
  while (left.length > 0 && Date.now() < deadline) {
    answers = states();
    left = left.filter((_, index) => !isOver(/** @type {any} */ (answers[index])));
    if (left.length > 0) sleep(0.5);
  }
  for (const { agent } of left) {
    // deno-lint-ignore no-console -- the log of k6
    console.warn(`${agent}: still draining; its lease ends it`);
  }
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
  const lead = agents[0];
  if (begun === undefined || lead === undefined) return files;
  for (const name of FILES) {
    const text = client.text(lead, `/v1/runs/${begun.runs[0]}/results/${name}`);
    if (text !== undefined) files[`${settings.out}/${name}`] = text;
  }
  return files;
}

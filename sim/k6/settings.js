/** What the environment says: everything that `orchestrate.js` may be told, checked before anything is asked of agents. */

/**
 * A ramp of the load: over `duration` seconds the factor goes evenly from the one before to `target`, as k6's `--stage`.
 * @typedef {{ duration: number, target: number }} Stage
 */

/**
 * @typedef {object} Settings
 * @property {string[]} agents base URLs, the lead first
 * @property {string} token bearer token of all agents
 * @property {string} scenario YAML or JSON text
 * @property {Record<string, unknown>} thresholds k6's, from `imstorm k6 thresholds`
 * @property {Stage[]} stages
 * @property {number | undefined} seed
 * @property {string | undefined} target URI of the server, instead of the scenario's
 * @property {Record<string, string> | undefined} overrides fields of the scenario, by path
 * @property {number} poll seconds between two questions to an agent
 * @property {number} lostAfter seconds without an answer after which an agent counts as lost
 * @property {number} readyWithin seconds for all agents to become ready
 * @property {number} lease seconds after which an agent that is not asked any more drains by itself
 * @property {number | undefined} maxClockError milliseconds by which the agents' clocks may differ for latencies between them
 * @property {string} maxDuration
 * @property {string} out folder of the summary and the JUnit file
 * @property {boolean} insecure whether certificates of agents are not checked
 */

/**
 * Reads the settings; throws with all faults at once.
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => string} read contents of a file
 * @returns {Settings}
 */
export function readSettings(env, read) {
  /** @type {string[]} */
  const faults = [];
  /** @param {string} name @param {number} fallback @param {number} least */
  const numberOf = (name, fallback, least) => {
    const text = env[name];
    if (text === undefined || text === "") return fallback;
    const value = Number(text);
    if (!Number.isFinite(value) || value < least) {
      faults.push(`${name}: "${text}" is no number from ${least}`);
    }
    return value;
  };
  /** @param {string} name @returns {string} */
  const fileOf = (name) => {
    const path = env[name];
    if (path === undefined || path === "") {
      faults.push(`${name}: missing, expected the path of a file`);
      return "";
    }
    return read(path);
  };
  const agents = agentsOf(env.IMSTORM_AGENTS ?? "", faults);
  const token = (env.IMSTORM_TOKEN || fileOf("IMSTORM_TOKEN_FILE")).trim();
  if (token === "" && env.IMSTORM_TOKEN_FILE !== undefined) {
    faults.push("IMSTORM_TOKEN_FILE: has no token");
  }
  const settings = {
    agents,
    token,
    scenario: fileOf("IMSTORM_SCENARIO"),
    thresholds: jsonOf(
      "IMSTORM_THRESHOLDS",
      fileOf("IMSTORM_THRESHOLDS"),
      faults,
    ),
    stages: stagesOf(env.IMSTORM_STAGES ?? "", faults),
    seed: env.IMSTORM_SEED ? numberOf("IMSTORM_SEED", 0, 0) : undefined,
    target: env.IMSTORM_TARGET || undefined,
    overrides: env.IMSTORM_OVERRIDES ? jsonOf("IMSTORM_OVERRIDES", env.IMSTORM_OVERRIDES, faults) : undefined,
    poll: numberOf("IMSTORM_POLL_S", 1, 0.1),
    lostAfter: numberOf("IMSTORM_LOST_AFTER_S", 10, 1),
    readyWithin: numberOf("IMSTORM_READY_WITHIN_S", 120, 1),
    lease: numberOf("IMSTORM_LEASE_S", 15, 2),
    maxClockError: env.IMSTORM_MAX_CLOCK_ERROR_MS ? numberOf("IMSTORM_MAX_CLOCK_ERROR_MS", 1, 0) : undefined,
    maxDuration: env.IMSTORM_MAX_DURATION || "24h",
    out: env.IMSTORM_OUT || ".",
    insecure: env.IMSTORM_INSECURE === "true",
  };
  if (faults.length > 0) {
    throw new Error(`Cannot start:\n  ${faults.join("\n  ")}`);
  }
  return settings;
}

/** @param {string} text @param {string[]} faults */
function agentsOf(text, faults) {
  const agents = text.split(",").map((each) => each.trim().replace(/\/+$/, ""))
    .filter((each) => each !== "");
  if (agents.length === 0) {
    faults.push("IMSTORM_AGENTS: missing, expected http://host:port,…");
  }
  for (const agent of agents) {
    if (!/^https?:\/\/[^/\s]+$/.test(agent)) {
      faults.push(`IMSTORM_AGENTS: "${agent}" is no http://host:port`);
    }
  }
  if (new Set(agents).size < agents.length) {
    faults.push("IMSTORM_AGENTS: an agent is named twice");
  }
  return agents;
}

/** @param {string} name @param {string} text @param {string[]} faults @returns {Record<string, any>} */
function jsonOf(name, text, faults) {
  if (text === "") return {};
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value;
    }
  } catch {
    // said below, as for what is JSON and no object
  }
  faults.push(`${name}: is no JSON object`);
  return {};
}

/** @param {string} text such as `30s:1,2m:1.5` @param {string[]} faults @returns {Stage[]} */
function stagesOf(text, faults) {
  /** @type {Stage[]} */
  const stages = [];
  for (
    const part of text.split(",").map((each) => each.trim()).filter((each) => each !== "")
  ) {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h):(\d+(?:\.\d+)?)$/.exec(part);
    if (match === null) {
      faults.push(
        `IMSTORM_STAGES: "${part}" is no duration:factor such as 30s:1.5`,
      );
    } else {stages.push({
        duration: Number(match[1]) * secondsOf(match[2]),
        target: Number(match[3]),
      });}
  }
  return stages;
}

/** @param {string | undefined} unit */
function secondsOf(unit) {
  return unit === "ms" ? 0.001 : unit === "m" ? 60 : unit === "h" ? 3600 : 1;
}

/**
 * The factor of the load at a moment of the run; 1 before the first stage, the last target after the last.
 * @param {readonly Stage[]} stages
 * @param {number} elapsed seconds
 */
export function factorAt(stages, elapsed) {
  let from = 1;
  let begin = 0;
  for (const { duration, target } of stages) {
    if (elapsed < begin + duration) {
      return from + (target - from) * Math.max(0, elapsed - begin) / duration;
    }
    begin += duration;
    from = target;
  }
  return from;
}

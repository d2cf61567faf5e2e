/** `imstorm k6`: thresholds for k6, and k6 in charge of a run over many agents. */
import { planOf } from "../load/plan.ts";
import { toK6Thresholds } from "../report/k6_thresholds.ts";
import { runFolderName } from "../results/files.ts";
import { parseValue } from "../scenario/document.ts";
import { ScenarioError } from "../scenario/fault.ts";
import { readScenario } from "../scenario/read.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { Interruption } from "./interruption.ts";
import type { K6Arguments } from "./k6_arguments.ts";
import { print, tell } from "./print.ts";

type RunArguments = Extract<K6Arguments, { action: "run" }>;

const SCRIPT = new URL("../k6/orchestrate.js", import.meta.url);
/** Seconds from the last arrival until the last agent is done, at most. */
const DRAINING_S = 300;
const HOW_TO_GET_K6 = "install it with\n" +
  "  go install go.k6.io/k6/v2@v2.3.0   (then: export PATH=$PATH:$(go env GOPATH)/bin)\n" +
  "or from https://grafana.com/docs/k6/latest/set-up/install-k6/; version 2 is needed";

/** Runs either part of the command. */
export async function k6(line: K6Arguments): Promise<ExitCode> {
  const fault = durationFault(line.abortAfter);
  if (fault !== undefined) {
    tell(fault);
    return EXIT.USAGE;
  }
  const scenario = readOrTell(line);
  if (scenario === undefined) return EXIT.SCENARIO;
  const thresholds = JSON.stringify(toK6Thresholds(scenario.thresholds, { abortAfter: line.abortAfter }), undefined, 2);
  if (line.action === "run") return await run(line, scenario, thresholds);
  print(thresholds);
  return EXIT.OK;
}

async function run(line: RunArguments, scenario: Scenario, thresholds: string): Promise<ExitCode> {
  const folder = line.out ?? `results/${runFolderName(new Date(), scenario.name)}-k6`;
  let env: Record<string, string>;
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/k6-thresholds.json`, thresholds);
    env = { ...await environmentOf(line, await Deno.realPath(folder)), IMSTORM_MAX_DURATION: longest(scenario) };
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return EXIT.USAGE;
  }
  // of a process group of its own: it gets one signal from us, not a second one from the terminal, which would end it at once
  const command = new Deno.Command(line.k6 ?? "k6", {
    args: ["run", "--no-usage-report", SCRIPT.pathname],
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
    detached: true,
  });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (error) {
    tell(whyNot(line.k6, error));
    return EXIT.USAGE;
  }
  const interruption = new Interruption(() => {
    tell("interrupted: k6 drains the agents; once more stops it at once");
    child.kill("SIGINT");
  });
  interruption.second().addEventListener("abort", () => child.kill("SIGKILL"));
  const { code } = await child.status;
  interruption.end();
  tell(`results: ${folder}`);
  return exitCodeOf(code);
}

/** What `orchestrate.js` reads; throws when a file of the command line cannot be read. */
async function environmentOf(line: RunArguments, folder: string): Promise<Record<string, string>> {
  return {
    IMSTORM_AGENTS: line.agents,
    // which would go before the file
    IMSTORM_TOKEN: "",
    IMSTORM_TOKEN_FILE: await Deno.realPath(line.tokenFile),
    IMSTORM_SCENARIO: await Deno.realPath(line.scenario),
    IMSTORM_THRESHOLDS: `${folder}/k6-thresholds.json`,
    IMSTORM_OUT: folder,
    IMSTORM_STAGES: line.stages ?? "",
    IMSTORM_SEED: line.seed === undefined ? "" : String(line.seed),
    IMSTORM_TARGET: line.target ?? "",
    IMSTORM_OVERRIDES: line.sets.length === 0 ? "" : JSON.stringify(Object.fromEntries(line.sets.map(splitSet))),
  };
}

/** The load, and time to start and to drain; k6 also spaces the points of its dashboard by it. */
function longest(scenario: Scenario): string {
  return `${Math.ceil(planOf(scenario).duration / 1000) + DRAINING_S}s`;
}

/** `path=value` of a scenario that was read with it; the value as YAML. */
function splitSet(text: string): [string, unknown] {
  const at = text.indexOf("=");
  return [text.slice(0, at), parseValue(text.slice(at + 1))?.value];
}

/** The exit code of ours that says the same as one of k6's. */
function exitCodeOf(code: number): ExitCode {
  switch (code) {
    case 0:
      return EXIT.OK;
    case 99:
      return EXIT.THRESHOLD;
    case 105:
      return EXIT.INTERRUPTED;
    case 108: // exec.test.abort(): an agent refused, or was lost
    case 110: // exec.test.fail(): the agents call the measurement invalid
      return EXIT.INVALID;
    default:
      tell(`k6 ended with ${code}`);
      return EXIT.INTERNAL;
  }
}

function whyNot(path: string | undefined, error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `Cannot run ${path}: deno is not allowed to; put k6 into PATH, or add --allow-run=${path} to deno run`;
  }
  if (error instanceof Deno.errors.NotFound) return `Cannot find ${path ?? "k6 in PATH"}: ${HOW_TO_GET_K6}`;
  return `Cannot run ${path ?? "k6"}: ${error instanceof Error ? error.message : String(error)}`;
}

function durationFault(text: string | undefined): string | undefined {
  if (text === undefined || /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  return `--abort-after: "${text}" is no duration such as 30s`;
}

function readOrTell(line: K6Arguments): Scenario | undefined {
  try {
    return readScenario(
      line.scenario,
      line.action === "run" ? { target: line.target, seed: line.seed, set: line.sets } : {},
    );
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    tell(error.message);
    return undefined;
  }
}

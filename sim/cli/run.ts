/** `imstorm run`: runs a scenario, writes its results, shows them, and says by the exit code how it went. */
import { calibrate, type EchoFigures } from "../load/calibration.ts";
import type { ClockOffset } from "../load/clock_offset.ts";
import { type RunEnd, runPlan } from "../load/coordinator.ts";
import { startEmbeddedTarget } from "../load/embedded_target.ts";
import { runFolderName } from "../results/files.ts";
import { type Calibration, type Manifest, openManifest } from "../results/run_record.ts";
import { ResultsWriter } from "../results/writer.ts";
import type { Totals } from "../metrics/snapshot.ts";
import { Account } from "../report/account.ts";
import { toJson } from "../report/json.ts";
import { writePage } from "../report/page/page_file.ts";
import { toJunit } from "../report/junit.ts";
import { type Summary, summaryOf } from "../report/summary.ts";
import { toText } from "../report/text.ts";
import { abortingThreshold } from "../report/threshold_watch.ts";
import { showActual } from "../report/thresholds.ts";
import { ScenarioError } from "../scenario/fault.ts";
import type { ScenarioOptions } from "../scenario/overrides.ts";
import { readScenario } from "../scenario/read.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Address } from "../transport/flow.ts";
import type { Arguments } from "./arguments.ts";
import { addCases, gateOf, passGate, suits } from "./baseline_gate.ts";
import { CaptureFile } from "./capture_file.ts";
import { EventLogFile } from "./event_log_file.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { HdrLogFile } from "./hdr_log_file.ts";
import { Interruption } from "./interruption.ts";
import { Keeper } from "./keeper.ts";
import { env, mayColour, print, tell } from "./print.ts";
import { MetricsEndpoint } from "./metrics_endpoint.ts";
import { preflight } from "./preflight.ts";
import { openView } from "./progress.ts";
import { RunFigures } from "./run_figures.ts";
import { localHostFor, resolveTarget } from "../load/target_address.ts";
import { wholeReason, workersFor, workersLine } from "../load/worker_count.ts";

/** Runs the scenario of a command line. */
export async function run(line: Arguments<"run">): Promise<ExitCode> {
  const scenario = readOrTell(line);
  if (scenario === undefined) return EXIT.SCENARIO;
  const startedAt = new Date();
  const folder = line.out ?? `results/${runFolderName(startedAt, scenario.name)}`;
  const chosen = workersFor(scenario, line.workers);
  const workers = chosen.count;
  if (!line.quiet) tell(workersLine(chosen));
  if (chosen.warning !== undefined) tell(`warning: ${chosen.warning}`);
  const options = optionsOf(line);
  const refused = await preflight(scenario, { file: line.scenario, options, local: line.local, workers });
  if (refused !== undefined) return refused;
  const manifest = openManifest({
    scenario,
    scenarioFile: line.scenario,
    workers,
    workersReason: wholeReason(chosen),
    startedAt,
    calibration: line.noCalibration ? undefined : calibrationOf(await calibrate()),
  });
  const gate = gateOf(line);
  if (typeof gate === "number") return gate;
  if (gate !== undefined && !suits(gate, manifest.scenario_sha256)) return EXIT.INVALID;
  let writer: ResultsWriter;
  let capture: CaptureFile | undefined;
  let hdrLog: HdrLogFile | undefined;
  let eventLog: EventLogFile | undefined;
  let endpoint: MetricsEndpoint | undefined;
  try {
    endpoint = line.metrics === undefined ? undefined : new MetricsEndpoint(line.metrics);
    writer = ResultsWriter.create(folder, manifest);
    capture = line.pcap === undefined ? undefined : new CaptureFile(line.pcap);
    eventLog = line.eventLog === undefined ? undefined : new EventLogFile(line.eventLog);
    const logged = { startedAt: manifest.started_at, version: manifest.versions.imstorm };
    hdrLog = line.hdrLog === undefined ? undefined : new HdrLogFile(line.hdrLog, logged, workers);
    if (line.summary !== undefined && line.summary !== "-") await Deno.writeTextFile(line.summary, "");
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    await endpoint?.close();
    return EXIT.USAGE;
  }
  const code = await runInto(line, scenario, { writer, capture, eventLog, hdrLog, endpoint }, workers);
  if (gate === undefined) return code;
  const gated = passGate(gate, folder, code, line.quiet);
  addCases(folder, gated.cases);
  return gated.code;
}

/** Where a run writes to. */
interface RunOutputs {
  readonly writer: ResultsWriter;
  readonly capture: CaptureFile | undefined;
  readonly eventLog: EventLogFile | undefined;
  readonly hdrLog: HdrLogFile | undefined;
  readonly endpoint: MetricsEndpoint | undefined;
}

/** Of a run that ended before anything was opened. */
const NO_TRANSPORT = { implementation: "none", reason: "nothing was sent" };

/** Runs into an open results folder. Longer than others because everything that takes part in a run meets here. */
async function runInto(
  line: Arguments<"run">,
  scenario: Scenario,
  { writer, capture, eventLog, hdrLog, endpoint }: RunOutputs,
  workers: number,
): Promise<ExitCode> {
  const broken = new AbortController();
  const embedded = scenario.target.uri === "embedded"
    ? await startEmbeddedTarget(scenario, (error) => broken.abort(error))
    : undefined;
  const target = embedded?.address ?? await reach(scenario.target.uri);
  if (typeof target === "string") {
    writer.finish({ outcome: "unreachable", detail: target, transport: NO_TRANSPORT, endedAt: new Date() });
    tell(`Cannot reach ${scenario.target.uri}: ${target}`);
    return EXIT.UNREACHABLE;
  }
  const account = new Account({ thresholds: scenario.thresholds, workers });
  const aborting = new AbortController();
  const startedAt = new Date().toISOString();
  const figures = new RunFigures(scenario, workers, account, startedAt);
  endpoint?.serve(() => figures.families());
  const telemetry = env("OTEL_DENO") === "true"
    ? new (await import("./telemetry.ts")).Telemetry(() => figures.live.cumulative(account.totals))
    : undefined;
  if (endpoint !== undefined) tell(`metrics: ${endpoint.url}`);
  const interruption = new Interruption(() =>
    view.tell("interrupted: releasing sessions and bindings; once more stops at once")
  );
  const view = openView(figures, line, () => interruption.raise());
  const keeper = new Keeper((what) =>
    view.tell(`Cannot write results to ${writer.folder}: ${what}: releasing sessions and bindings`)
  );
  let end: RunEnd;
  try {
    end = await runPlan({
      scenario,
      workers,
      target,
      domain: scenario.target.domain,
      local: { host: line.local ?? localHostFor(target), port: 0 },
      ...((capture ?? eventLog) === undefined ? {} : {
        onCapture: (packets, messages) => {
          keeper.keep(() => capture?.append(packets));
          keeper.keep(() => eventLog?.append(packets, messages));
        },
      }),
      onSnapshot: (snapshot) => {
        account.add(snapshot);
        figures.add(snapshot);
        keeper.keep(() => writer.append(snapshot));
        keeper.keep(() => hdrLog?.add(snapshot));
        const failed = aborting.signal.aborted ? undefined : abortingThreshold(scenario.thresholds, account, startedAt);
        if (failed === undefined) return;
        view.tell(`threshold failed: ${failed.expression} (${showActual(failed)}): releasing sessions and bindings`);
        aborting.abort(failed.expression);
      },
      onEvidence: (entries) => entries.forEach((entry) => keeper.keep(() => writer.evidence(entry))),
      onState: (state) => {
        figures.state = state;
        view.show(state, performance.now());
        telemetry?.update();
      },
      interrupt: AbortSignal.any([interruption.first(), keeper.failed(), aborting.signal]),
      halt: AbortSignal.any([interruption.second(), broken.signal]),
    });
    broken.signal.throwIfAborted();
  } catch (error) {
    writer.abandon();
    throw error;
  } finally {
    interruption.end();
    view.end();
    telemetry?.update();
    await embedded?.close();
    await endpoint?.close();
    capture?.close();
    eventLog?.close();
    keeper.keep(() => hdrLog?.close());
  }
  if (keeper.failed().aborted) {
    writer.abandon();
    return EXIT.USAGE;
  }
  if (aborting.signal.aborted && !interruption.first().aborted && end.outcome === "interrupted") {
    end = { ...end, outcome: "aborted", detail: aborting.signal.reason };
  }
  return await conclude(line, writer, reached(end, account.totals), account, target);
}

/** A run from which not one octet left has not reached its target, whatever became of its messages. */
function reached(end: RunEnd, totals: Totals): RunEnd {
  const started = totals.counter("generator.arrivals");
  if (end.outcome !== "completed" || started === 0 || totals.counter("transport.octets_sent") > 0) return end;
  const reasons = Object.keys(totals.counters).filter((name) => name.startsWith("failures."))
    .map((name) => name.slice("failures.".length));
  return { ...end, outcome: "unreachable", detail: `nothing could be sent: ${reasons.join(", ")}` };
}

/** The address of a target, or why it cannot be reached: workers get no more permissions than this process has. */
async function reach(uri: string): Promise<Address | string> {
  const target = await resolveTarget(uri);
  if (target === undefined) return "its host is not known";
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  const { state } = await Deno.permissions.query({ name: "net", host });
  return state === "granted" ? target : `the permission set does not allow ${target.host}`;
}

async function conclude(
  line: Arguments<"run">,
  writer: ResultsWriter,
  end: RunEnd,
  account: Account,
  target: Address,
): Promise<ExitCode> {
  const tried = end.outcome === "unreachable" ? `tried ${target.host}:${target.port}: ${end.detail}` : end.detail;
  const manifest = writer.finish({
    outcome: end.outcome,
    detail: tried,
    transport: end.transport,
    clock: end.clock === undefined ? null : inMicros(end.clock),
    notes: end.notes ?? [],
    endedAt: new Date(),
  });
  const summary = summaryOf(manifest, account);
  const json = toJson(summary);
  writer.report("summary", json);
  writer.report("junit", toJunit(manifest, summary));
  const leftOut = await writePage(writer, summary);
  if (leftOut !== undefined) tell(leftOut);
  if (line.summary === "-") print(json);
  else if (line.summary !== undefined) await Deno.writeTextFile(line.summary, json);
  if (!line.quiet && line.summary !== "-") print(toText(manifest, summary, mayColour()));
  if (!line.quiet || leftoversOf(end) > 0) tell(leftoversLine(end));
  if (!line.quiet) tell(`results: ${writer.folder}`);
  return exitCodeOf(manifest, summary, end, tried);
}

function calibrationOf(echo: EchoFigures | undefined): Calibration | undefined {
  if (echo === undefined) return undefined;
  const { implementation, echoes, p50, p99, max } = echo;
  return { implementation, echoes, p50_us: p50, p99_us: p99, max_us: max };
}

function inMicros({ offset, error }: ClockOffset): NonNullable<Manifest["clock"]> {
  return { offset_us: Math.round(offset * 1000), error_us: Math.round(error * 1000) };
}

function exitCodeOf(manifest: Manifest, summary: Summary, end: RunEnd, tried: string): ExitCode {
  if (end.outcome === "failed") tell(`Cannot run ${summary.scenario}: ${end.detail}`);
  if (end.outcome === "unreachable") {
    tell(`Cannot reach ${manifest.scenario.target.uri}: ${tried}`);
    return EXIT.UNREACHABLE;
  }
  switch (summary.verdict) {
    case "passed":
      return EXIT.OK;
    case "failed":
      return EXIT.THRESHOLD;
    case "invalid":
      return EXIT.INVALID;
    case "interrupted":
      return EXIT.INTERRUPTED;
  }
}

/** Transactions apart: those that wait for retransmissions of what is over are no leftovers. */
function leftoversOf({ leftovers: { timers, dialogs, msrpSessions, msrpConnections } }: RunEnd): number {
  return timers + dialogs + msrpSessions + msrpConnections;
}

function leftoversLine(end: RunEnd): string {
  const { timers, dialogs, msrpSessions, msrpConnections } = end.leftovers;
  return leftoversOf(end) === 0
    ? "left behind: nothing"
    : `left behind: ${dialogs} dialogs, ${msrpSessions} MSRP sessions, ${msrpConnections} MSRP connections, ` +
      `${timers} timers of messages and sessions`;
}

function optionsOf({ target, seed, sets: set }: Arguments<"run">): ScenarioOptions {
  return { target, seed, set };
}

function readOrTell(line: Arguments<"run">): Scenario | undefined {
  try {
    return readScenario(line.scenario, optionsOf(line));
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    tell(error.message);
    return undefined;
  }
}

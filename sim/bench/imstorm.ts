/** The program that is measured: run with a scenario in a process of its own, read by its summary and its series. */
import type { Millis } from "../clock/clock.ts";
import { processorTimeOf, residentOf } from "../e2e/peers/child.ts";
import type { ProcessorTime } from "../e2e/peers/child.ts";
import { freePort } from "../e2e/peers/ports.ts";
import { Program, type RunningTarget, startTargetProgram } from "../e2e/program.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Summary } from "../report/summary.ts";
import { readRun } from "../results/reader.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";

/** Which UDP imstorm uses; `batched` is what it takes by itself where it can. */
export type UdpImplementation = "portable" | "batched";

/** A run that is over, of which something was sent. */
export interface FinishedRun {
  readonly summary: Summary;
  /** One a second. */
  readonly snapshots: readonly Snapshot[];
}

/** The environment that makes imstorm use an implementation of UDP, whatever ours says. */
export function udpEnvironment(implementation: UdpImplementation): Record<string, string> {
  return { SIM_UDP: implementation === "portable" ? "portable" : "" };
}

/** One run; `await using` ends it by force when a measurement gives up. */
export class ImstormRun implements AsyncDisposable {
  readonly #folder: string;
  readonly #program: Program;
  readonly #implementation: UdpImplementation;
  #outcome: "completed" | "interrupted" = "completed";

  private constructor(folder: string, program: Program, implementation: UdpImplementation) {
    this.#folder = folder;
    this.#program = program;
    this.#implementation = implementation;
  }

  /**
   * Starts it with one worker, unless `workers` says otherwise, and with an event log where a file is given; it is ended
   * by force 90 s after its planned end.
   */
  static async start(
    scenario: ScenarioInput,
    implementation: UdpImplementation,
    environment: Readonly<Record<string, string>> = {},
    workers = 1,
    eventLog?: string,
  ): Promise<ImstormRun> {
    const folder = await Deno.makeTempDir({ prefix: "imstorm-bench-" });
    const file = `${folder}/scenario.json`;
    await Deno.writeTextFile(file, JSON.stringify(scenario));
    const args = ["run", file, "--out", `${folder}/run`, "--workers", String(workers), "--quiet"];
    if (eventLog !== undefined) args.push("--event-log", eventLog);
    const program = Program.start(args, {
      env: { ...udpEnvironment(implementation), ...environment },
      within: registrationOf(scenario) + plannedOf(scenario) + 90_000,
    });
    return new ImstormRun(folder, program, implementation);
  }

  /** Processor time so far, of all its threads; undefined when it has ended. */
  processorTime(): Promise<ProcessorTime | undefined> {
    return processorTimeOf(this.#program.pid);
  }

  /** Resident memory now, octets; undefined when it has ended. */
  resident(): Promise<number | undefined> {
    return residentOf(this.#program.pid);
  }

  /** Ends the load before its time; what is open is released. */
  interrupt(): void {
    this.#outcome = "interrupted";
    Deno.kill(this.#program.pid, "SIGINT");
  }

  /** Waits for its end; throws when it used another UDP, or when nothing could be sent. */
  async end(): Promise<FinishedRun> {
    const { code, stderr } = await this.#program.end();
    const said = `imstorm ended with ${code}: ${stderr.slice(-2000)}`;
    const run = await readFinished(`${this.#folder}/run`).catch((cause) => {
      throw new Error(said, { cause });
    });
    if (run.manifest.outcome !== this.#outcome) throw new Error(said);
    const used = run.manifest.transport;
    if (used?.implementation !== this.#implementation) {
      throw new Error(
        `Cannot measure ${this.#implementation} UDP: imstorm used ${used?.implementation}, ${used?.reason}`,
      );
    }
    return { summary: run.summary, snapshots: run.snapshots };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function readFinished(folder: string): Promise<ReturnType<typeof readRun> & { summary: Summary }> {
  return { ...readRun(folder), summary: JSON.parse(await Deno.readTextFile(`${folder}/summary.json`)) };
}

function registrationOf({ populations }: ScenarioInput): Millis {
  return Math.max(...populations.map(({ clients, register }) => {
    const perSecond = typeof register === "object" ? /^(\d+)\/s$/.exec(String(register.rate))?.[1] : undefined;
    return perSecond === undefined ? 0 : clients * 1000 / Number(perSecond);
  }));
}

function plannedOf({ phases }: ScenarioInput): Millis {
  return phases.reduce((sum, phase) => {
    const durations = "stages" in phase
      ? phase.stages.map((stage) => stage.duration)
      : ["duration" in phase ? phase.duration : ""];
    return durations.reduce((subtotal: Millis, duration) => subtotal + plainMillis(String(duration)), sum);
  }, 0);
}

function plainMillis(text: string): Millis {
  const parts = /^(\d+)(ms|s)$/.exec(text);
  if (parts === null) throw new TypeError("Cannot plan a phase whose duration is not in s or ms");
  return Number(parts[1]) * (parts[2] === "s" ? 1000 : 1);
}

/** Runs a scenario to its end against `imstorm target` in a process of its own; `environment` is the run's. */
export async function runAgainstTarget(
  scenarioFor: (target: string) => ScenarioInput,
  implementation: UdpImplementation,
  environment: Readonly<Record<string, string>> = {},
): Promise<FinishedRun> {
  await using target = await startServer(implementation);
  await using run = await ImstormRun.start(scenarioFor(target.address), implementation, environment);
  return await run.end();
}

/** 30 minutes: longer than any measurement; it ends with us anyway. */
const SERVER_LIMIT: Millis = 30 * 60_000;

function startServer(implementation: UdpImplementation): Promise<RunningTarget> {
  return startTargetProgram([], freePort(), { env: udpEnvironment(implementation), within: SERVER_LIMIT });
}

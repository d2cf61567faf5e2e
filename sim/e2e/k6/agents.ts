/** Agents, a target and k6 in charge, all as programs of their own on loopback. */
import type { Millis } from "../../clock/clock.ts";
import { freePort } from "../peers/ports.ts";
import { Program, type ProgramEnd, type RunningTarget, startTargetProgram } from "../program.ts";
import { Folder } from "../scenario_run.ts";
import { findK6 } from "./k6_program.ts";

/** The token of all agents of these tests. */
export const TOKEN = "token-of-the-tests-0123456789";
/** What a run may take at most. */
const WITHIN: Millis = 90_000;

/** How k6 is run. */
export interface K6RunSettings {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the one with the agents' token. */
  readonly tokenFile?: string;
}

/** A running agent. */
export interface RunningAgent {
  readonly url: string;
  readonly program: Program;
}

/** A scenario of a few seconds; limits of the machine are wide, because tests share it. */
export function scenarioText(
  changes: { rate?: number; seconds?: number; sizes?: string; thresholds?: readonly string[] } = {},
): string {
  const { rate = 30, seconds = 4, thresholds = ["messages.lost == 0", "pager_accept.p99 < 20s"] } = changes;
  return [
    "name: k6-test",
    "seed: 11",
    "target: { uri: 'sip:127.0.0.1:5060;transport=udp', domain: ims.example }",
    "populations:",
    "  - name: phones",
    "    clients: 24",
    "    user: 'user{n:04}'",
    "    register: { rate: 200/s }",
    `    messages: { size: ${
      changes.sizes ?? "[{ weight: 85, constant: 200 }, { weight: 15, constant: 4KiB }]"
    }, to: { population: phones } }`,
    "phases:",
    `  - { executor: constant-arrival-rate, rate: ${rate}/s, duration: ${seconds}s }`,
    "limits: { schedule_lag_p99: 20s, cpu_share: 1 }",
    "thresholds:",
    ...thresholds.map((text) => `  - ${text}`),
    "",
  ].join("\n");
}

/** Agents and a target on ports of loopback, and a folder; all ended at the end of the block. */
export class Stand implements AsyncDisposable {
  readonly folder: Folder;
  readonly target: RunningTarget;
  readonly agents: readonly RunningAgent[];
  readonly tokenFile: string;
  readonly #k6: string;
  #runs = 0;

  private constructor(
    folder: Folder,
    target: RunningTarget,
    agents: readonly RunningAgent[],
    tokenFile: string,
    k6: string,
  ) {
    this.folder = folder;
    this.target = target;
    this.agents = agents;
    this.tokenFile = tokenFile;
    this.#k6 = k6;
  }

  /** Starts so many agents. */
  static async start(count: number): Promise<Stand> {
    const k6 = await findK6();
    if (k6 === undefined) throw new Error("Cannot find k6: deno run -P=e2e sim/e2e/k6/k6_program.ts compiles it");
    const folder = await Folder.make();
    const tokenFile = await folder.write("token", TOKEN);
    const target = await startTargetProgram([], freePort(), { within: 300_000 });
    const starting = Array.from({ length: count }, (_, index) => startAgent(index, tokenFile, folder.path));
    return new Stand(folder, target, await Promise.all(starting), tokenFile, k6);
  }

  /** Starts `imstorm k6 run` over all agents. */
  async run(scenario: string, settings: K6RunSettings = {}): Promise<Program> {
    const file = await this.folder.write(`scenario${++this.#runs}.yaml`, scenario);
    const agents = this.agents.map(({ url }) => url).join(",");
    const target = `sip:${this.target.address};transport=udp`;
    return Program.start(
      ["k6", "run", file, "--agents", agents, "--token-file", settings.tokenFile ?? this.tokenFile]
        .concat("--target", target, "--out", this.out(), ...(settings.args ?? [])),
      {
        within: WITHIN,
        // found in PATH, which is what the permissions of the program are about
        env: {
          PATH: `${this.#k6.replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`,
          IMSTORM_POLL_S: "0.5",
          // by how much clocks differ is told by round trips, which take long on a busy machine
          IMSTORM_MAX_CLOCK_ERROR_MS: "5000",
          ...settings.env,
        },
      },
    );
  }

  /** Runs it to the end. */
  async runToEnd(scenario: string, settings: K6RunSettings = {}): Promise<ProgramEnd> {
    await using program = await this.run(scenario, settings);
    return await program.end();
  }

  /** The folder of the latest run's files. */
  out(): string {
    return `${this.folder.path}/out${this.#runs}`;
  }

  /** One of them, as JSON. */
  // deno-lint-ignore no-explicit-any -- formats of others; the tests say what they expect
  async json(name: string): Promise<any> {
    return JSON.parse(await Deno.readTextFile(`${this.out()}/${name}`));
  }

  /** Asks an agent. */
  // deno-lint-ignore no-explicit-any -- any answer of the API
  async ask(index: number, path: string): Promise<any> {
    const response = await fetch(this.agents[index]!.url + path, { headers: { Authorization: `Bearer ${TOKEN}` } });
    return await response.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      ...this.agents.map(({ program }) => program[Symbol.asyncDispose]()),
      this.target[Symbol.asyncDispose](),
    ]);
    await this.folder[Symbol.asyncDispose]();
  }
}

async function startAgent(index: number, tokenFile: string, folder: string): Promise<RunningAgent> {
  const results = `${folder}/agent${index}`;
  const program = Program.start(["agent", "--listen", "127.0.0.1:0", "--token-file", tokenFile, "--results", results], {
    within: 300_000,
  });
  const url = await program.until("ready", () => /^ready (\S+)/m.exec(program.stdout())?.[1]);
  return { url, program };
}

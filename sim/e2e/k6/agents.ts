/** Agents, a target and k6 in charge, all as programs of their own on loopback. */
import type { Millis } from "../../clock/clock.ts";
import { runToEnd } from "../peers/child.ts";
import { freePort, LOOPBACK } from "../peers/ports.ts";
import { Program, type ProgramEnd } from "../program.ts";
import { Folder } from "../scenario_run.ts";
import { findK6 } from "./k6_program.ts";

/** The token of all agents of these tests. */
export const TOKEN = "token-of-the-tests-0123456789";
/** What a run may take at most. */
const RUN_WITHIN: Millis = 120_000;
/** What all runs of a stand may take together. */
const STAND_WITHIN: Millis = 300_000;
/** Asks in the place of another, such as a network namespace. */
const ASKING = new URL("ask.ts", import.meta.url).pathname;

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
    "limits: { schedule_lag_p99: 20s, cpu_share: 1, lost_grace: 60s, validity: { loop_delay: 20s, steal: 1 } }",
    // what a killed agent leaves unanswered is given up after 64 T1
    "timers: { t1: 200ms }",
    "thresholds:",
    ...thresholds.map((text) => `  - ${text}`),
    "",
  ].join("\n");
}

/** Where the programs of a stand run. */
export interface Places {
  /** The address of a program: `target`, `k6`, `agent0`. */
  host(role: string): string;
  /** What starts a program there. */
  prefix(role: string): readonly string[];
}

const ON_LOOPBACK: Places = { host: () => LOOPBACK, prefix: () => [] };

/** Agents and a target, and a folder; all ended at the end of the block. */
export class Stand implements AsyncDisposable {
  readonly folder: Folder;
  readonly agents: readonly RunningAgent[];
  readonly #target: Program;
  readonly #targetAddress: string;
  readonly #tokenFile: string;
  readonly #k6: string;
  readonly #places: Places;
  #runs = 0;

  private constructor(
    parts: {
      folder: Folder;
      target: Program;
      targetAddress: string;
      agents: readonly RunningAgent[];
      tokenFile: string;
    },
    k6: string,
    places: Places,
  ) {
    this.folder = parts.folder;
    this.agents = parts.agents;
    this.#target = parts.target;
    this.#targetAddress = parts.targetAddress;
    this.#tokenFile = parts.tokenFile;
    this.#k6 = k6;
    this.#places = places;
  }

  /** Starts a target and so many agents. */
  static async start(count: number, places: Places = ON_LOOPBACK): Promise<Stand> {
    const k6 = await findK6();
    if (k6 === undefined) throw new Error("Cannot find k6: deno run -P=e2e sim/e2e/k6/k6_program.ts compiles it");
    const folder = await Folder.make();
    const tokenFile = await folder.write("token", TOKEN);
    const targetAddress = `${places.host("target")}:${freePort()}`;
    const listen = ["udp", "tcp"].flatMap((transport) => ["--listen", `sip:${targetAddress};transport=${transport}`]);
    const start = (role: string, args: readonly string[]) =>
      Program.start(args, { within: STAND_WITHIN, prefix: places.prefix(role) });
    const target = start("target", ["target", ...listen]);
    const programs = Array.from({ length: count }, (_, index) =>
      start(`agent${index}`, [
        ...["agent", "--listen", `${places.host(`agent${index}`)}:0`, "--token-file", tokenFile],
        ...["--results", `${folder.path}/agent${index}`, "--allow-target", places.host("target")],
        // large messages go from client to client
        ...Array.from({ length: count }, (_, other) => ["--allow-target", places.host(`agent${other}`)]).flat(),
      ]));
    await target.until("two ready lines", () => target.stdout().match(/^ready /gm)?.length === 2 || undefined);
    const agents = await Promise.all(programs.map(async (program) => ({
      program,
      url: await program.until("ready", () => /^ready (\S+)/m.exec(program.stdout())?.[1]),
    })));
    return new Stand({ folder, target, targetAddress, agents, tokenFile }, k6, places);
  }

  /** Starts `imstorm k6 run` over all agents. */
  async run(scenario: string, settings: K6RunSettings = {}): Promise<Program> {
    const file = await this.folder.write(`scenario${++this.#runs}.yaml`, scenario);
    const agents = this.agents.map(({ url }) => url).join(",");
    const target = `sip:${this.#targetAddress};transport=udp`;
    return Program.start(
      ["k6", "run", file, "--agents", agents, "--token-file", settings.tokenFile ?? this.#tokenFile]
        .concat("--target", target, "--out", this.out(), ...(settings.args ?? [])),
      {
        within: RUN_WITHIN,
        prefix: this.#places.prefix("k6"),
        // found in PATH, which is what the permissions of the program are about
        env: {
          PATH: `${this.#k6.replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`,
          IMSTORM_POLL_S: "0.5",
          // by how much clocks differ is told by round trips, which take long on a busy machine
          IMSTORM_MAX_CLOCK_ERROR_MS: "5000",
          IMSTORM_LOST_AFTER_S: "30",
          IMSTORM_LEASE_S: "60",
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

  /** Asks an agent, from where k6 is. */
  // deno-lint-ignore no-explicit-any -- any answer of the API
  async ask(index: number, path: string): Promise<any> {
    const [program, ...before] = [...this.#places.prefix("k6"), Deno.execPath()];
    const args = [
      ...before,
      "run",
      "--quiet",
      "--no-config",
      "--allow-net",
      ASKING,
      this.agents[index]!.url + path,
      TOKEN,
    ];
    if (before.length > 0) return JSON.parse((await runToEnd(program!, args, 20_000)).output);
    const response = await fetch(this.agents[index]!.url + path, { headers: { Authorization: `Bearer ${TOKEN}` } });
    return await response.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const programs = [...this.agents.map(({ program }) => program), this.#target];
    await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
    await this.folder[Symbol.asyncDispose]();
  }
}

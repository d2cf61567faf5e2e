/** Agents of the real program on loopback, and a controller that asks them. */
import type { RunAnswer, RunRequestInput, SnapshotAnswer } from "../agent/protocol.ts";
import type { Described } from "./described.ts";
import { poll } from "./peers/child.ts";
import { Program } from "./program.ts";

/** Agents of such a run notice soon that nobody asks. */
export const SHORT_LEASE = { lease_s: 2 } as const;

/** What an agent answered. */
export interface Answered {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- tests look into whatever came
  readonly body: any;
}

/** One agent in a process of its own; `await using` ends it by force. */
export class AgentProgram implements AsyncDisposable {
  readonly program: Program;
  readonly url: string;
  readonly token: string;
  /** When set, every answer is judged by it. */
  described: Described | undefined;

  private constructor(program: Program, url: string, token: string) {
    this.program = program;
    this.url = url;
    this.token = token;
  }

  /** Starts one on a free port with its results below `folder`; waits until it is ready. */
  static async start(
    folder: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<AgentProgram> {
    const program = Program.start(["agent", "--listen", "127.0.0.1:0", "--results", folder, ...args], {
      within: 300_000,
      env,
    });
    try {
      const [, url, token] = await program.until(
        "a ready line",
        () => /^ready (\S+)(?: token (\S+))?$/m.exec(program.stdout()) ?? undefined,
      );
      return new AgentProgram(program, url!, token ?? "");
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Asks it; `body` is sent as JSON unless it is a text. */
  async ask(method: "GET" | "POST", path: string, body?: unknown, token = this.token): Promise<Answered> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const answer = type === "application/json" ? JSON.parse(text) : text;
    this.described?.judge(method, path.split("?")[0]!, response.status, type, answer);
    return { status: response.status, body: answer };
  }

  /** The events of a run until it is over. */
  async events(id: string): Promise<{ event: string; data: unknown }[]> {
    const response = await fetch(`${this.url}/v1/runs/${id}/events`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    const events = [...(await response.text()).matchAll(/^event: (\w+)\ndata: (.*)$/gm)];
    return events.map(([, event, data]) => ({ event: event!, data: JSON.parse(data!) }));
  }

  /** Makes a run, or throws with the refusal. */
  async make(request: RunRequestInput): Promise<RunAnswer> {
    const { status, body } = await this.ask("POST", "/v1/runs", request);
    if (status !== 201) throw new Error(`Cannot make a run: ${JSON.stringify(body)}`);
    return body;
  }

  /** Gives an order, or throws with the refusal. */
  async order(id: string, name: string, body: unknown = {}): Promise<RunAnswer> {
    const { status, body: answer } = await this.ask("POST", `/v1/runs/${id}/${name}`, body);
    if (status !== 200) throw new Error(`Cannot ${name}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Where the run stands. */
  async stateOf(id: string): Promise<RunAnswer> {
    return (await this.ask("GET", `/v1/runs/${id}`)).body;
  }

  /** Its figures. */
  async snapshot(id: string, since = 0): Promise<SnapshotAnswer> {
    return (await this.ask("GET", `/v1/runs/${id}/snapshot?since=${since}`)).body;
  }

  /** Asks until the run is in one of these states; throws when it has not come so far within 90 s. */
  async until(id: string, ...states: readonly string[]): Promise<RunAnswer> {
    let last: RunAnswer | undefined;
    const reached = await poll(90_000, async () => {
      last = await this.stateOf(id);
      return states.includes(last.state) ? last : undefined;
    });
    if (reached !== undefined) return reached;
    throw new Error(`The run is not ${states.join(" or ")}: ${JSON.stringify(last)}\n${this.program.stderr()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}

/** Several agents, the lead first. */
export class AgentGroup implements AsyncDisposable {
  readonly agents: readonly AgentProgram[];

  private constructor(agents: readonly AgentProgram[]) {
    this.agents = agents;
  }

  /** Starts `count` agents. */
  static async start(folder: string, count: number, args: readonly string[] = []): Promise<AgentGroup> {
    const started = await Promise.allSettled(Array.from({ length: count }, () => AgentProgram.start(folder, args)));
    const agents = started.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
    const group = new AgentGroup(agents);
    if (agents.length === count) return group;
    await group[Symbol.asyncDispose]();
    throw started.find((each) => each.status === "rejected")!.reason;
  }

  /** The lead. */
  lead(): AgentProgram {
    return this.agents[0]!;
  }

  /** What makes a run of all of them, to be sent to the lead. */
  whole(lead: Partial<NonNullable<RunRequestInput["lead"]>> = {}): Pick<RunRequestInput, "share" | "lead"> {
    return {
      share: { index: 0, count: this.agents.length },
      lead: { agents: this.agents.slice(1).map(({ url, token }) => ({ url, token })), max_clock_error_ms: 50, ...lead },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent[Symbol.asyncDispose]()));
  }
}

/** The real program in a process of its own, run as people run it, and ended whatever happens. */
import type { Millis } from "../clock/clock.ts";
import { poll } from "./peers/child.ts";

/** The root of the checkout: where the program is run, so that `scenarios/…` means what it means to people. */
export const ROOT: string = new URL("../../", import.meta.url).pathname;

/** How the program ended. */
export interface ProgramEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the program is started. */
export interface ProgramOptions {
  /** Ends it by force; 60 s unless said. */
  readonly within?: Millis;
  /** Working folder; `ROOT` unless said. */
  readonly folder?: string;
  /** Environment besides ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** What starts it, such as `ip netns exec NAME`. */
  readonly prefix?: readonly string[];
  /** Permissions in the place of those of `deno.json`, such as `--allow-net`. */
  readonly permissions?: readonly string[];
}

/** A run may take this long unless its test says otherwise. */
const LIMIT: Millis = 60_000;
/** On Linux the kernel ends the program when we end, however we end. */
const WITH_US = Deno.build.os === "linux" ? ["setpriv", "--pdeathsig", "TERM"] : [];

/** The program while it runs; `await using` ends it by force when a test gives up. */
export class Program implements AsyncDisposable {
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #readers: readonly Promise<void>[];
  #stdout = "";
  #stderr = "";
  #ended = false;

  private constructor(child: Deno.ChildProcess, within: Millis) {
    this.#child = child;
    this.pid = child.pid;
    this.#timer = setTimeout(() => this.signal("SIGKILL"), within);
    this.#readers = [
      read(child.stdout, (text) => this.#stdout += text),
      read(child.stderr, (text) => this.#stderr += text),
    ];
    void child.status.then(() => this.#ended = true);
  }

  /** Starts it with these arguments. */
  static start(args: readonly string[], options: ProgramOptions = {}): Program {
    const command = [
      ...WITH_US,
      ...(options.prefix ?? []),
      Deno.execPath(),
      "run",
      ...(options.permissions ?? ["-P"]),
      "--quiet",
      `${ROOT}mod.ts`,
      ...args,
    ];
    const child = new Deno.Command(command[0]!, {
      args: command.slice(1),
      cwd: options.folder ?? ROOT,
      ...(options.env === undefined ? {} : { env: options.env }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Program(child, options.within ?? LIMIT);
  }

  /** What it has printed on standard output so far. */
  stdout(): string {
    return this.#stdout;
  }

  /** What it has printed on standard error so far. */
  stderr(): string {
    return this.#stderr;
  }

  /** Sends a signal, unless it has ended. */
  signal(signal: Deno.Signal): void {
    if (this.#ended) return;
    try {
      this.#child.kill(signal);
    } catch {
      // it ended between the test above and the call
    }
  }

  /** Waits until `ask` answers other than undefined; throws with what it printed when it ends before, or after 30 s. */
  async until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
    const answer = await poll<{ value: T } | "ended">(30_000, async () => {
      const value = await ask();
      return value !== undefined ? { value } : this.#ended ? "ended" : undefined;
    });
    if (answer !== undefined && answer !== "ended") return answer.value;
    throw new Error(`The program did not get as far as: ${what}\n${this.#stdout}\n${this.#stderr}`);
  }

  /** Waits for its end; a program that had to be ended by force has code 137. */
  async end(): Promise<ProgramEnd> {
    const { code } = await this.#child.status;
    clearTimeout(this.#timer);
    await Promise.all(this.#readers);
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Ends it by force when it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.end();
  }
}

async function read(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const octets of stream) take(decoder.decode(octets, { stream: true }));
}

/** Runs the program to its end. */
export async function runProgram(args: readonly string[], options: ProgramOptions = {}): Promise<ProgramEnd> {
  await using program = Program.start(args, options);
  return await program.end();
}

/** The target of `imstorm target`, with its address. */
export interface RunningTarget extends AsyncDisposable {
  /** `127.0.0.1:port`, UDP and TCP alike. */
  readonly address: string;
  readonly port: number;
  readonly program: Program;
  /** Interrupts it and gives what it counted; what is not there is 0. */
  stop(): Promise<(name: string) => number>;
}

/** Starts `imstorm target` on a port of loopback and waits until it is ready. */
export async function startTargetProgram(
  args: readonly string[],
  port: number,
  options: ProgramOptions = {},
): Promise<RunningTarget> {
  const address = `127.0.0.1:${port}`;
  const listen = ["udp", "tcp"].flatMap((transport) => ["--listen", `sip:${address};transport=${transport}`]);
  const program = Program.start(["target", ...listen, ...args], { within: 120_000, ...options });
  try {
    await program.until("two ready lines", () => program.stdout().match(/^ready /gm)?.length === 2 || undefined);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return {
    address,
    port,
    program,
    async stop() {
      program.signal("SIGINT");
      const { stderr } = await program.end();
      const counts = new Map(
        stderr.trim().split(", ").map((each) => {
          const [name = "", count] = each.split(" ");
          return [name, Number(count)];
        }),
      );
      return (name) => counts.get(name) ?? 0;
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
    },
  };
}

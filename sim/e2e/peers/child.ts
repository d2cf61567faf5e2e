/** Programs of others that run beside a test: started, bounded in time, ended by their id, measured by the kernel. */
import type { Millis } from "../../clock/clock.ts";

/** Processor time that the kernel has booked. */
export interface ProcessorTime {
  /** Milliseconds in the program's own code. */
  readonly user: Millis;
  /** Milliseconds in the kernel on its behalf. */
  readonly system: Millis;
}

/** How a program that was waited for ended. */
export interface Ended {
  /** Its exit code; 124 or 137 when the time was up. */
  readonly code: number;
  /** What it printed on standard output. */
  readonly output: string;
  /** What it printed on standard error. */
  readonly errors: string;
  /** From start to end, starting the program included. */
  readonly duration: Millis;
  /** Processor time of the program and of every process it has waited for, all threads included. */
  readonly processorTime: ProcessorTime;
}

/** How to start a program. */
export interface ChildOptions {
  /** Working folder; ours by default. */
  readonly folder?: string;
  /** When we are root: run as nobody (user and group 65534). */
  readonly asNobody?: boolean;
  /** Environment besides ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it gets what `type` types; else its standard input is empty. */
  readonly typed?: boolean;
}

/** USER_HZ of Linux: the unit of times in /proc is 10 ms on every architecture that Debian has. */
const MILLIS_PER_TICK = 10;
/** 262144 characters of log are kept: kamailio writes about 3000 when it starts. */
const LOG_LIMIT = 262_144;
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
/** The kernel ends the child when we end, however we end. */
const WITH_US = ["setpriv", "--pdeathsig", "TERM"];

/** Gives a moment that passes: for programs that tell nobody when they are ready. */
export function pass(duration: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}

/** Asks again every 20 ms until `ask` answers other than undefined; undefined when `within` is over. */
export async function poll<T>(within: Millis, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = performance.now() + within;
  while (true) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() >= deadline) return undefined;
    await pass(20);
  }
}

/** A running program. */
export class PeerChild {
  readonly #child: Deno.ChildProcess;
  readonly #readers: Promise<void>[];
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #log = "";
  #ended = false;

  private constructor(child: Deno.ChildProcess, typed: boolean) {
    this.#child = child;
    this.#keyboard = typed ? child.stdin.getWriter() : undefined;
    this.#readers = [this.#read(child.stdout), this.#read(child.stderr)];
    void child.status.then(() => this.#ended = true);
  }

  /** Starts a program; it ends with us at the latest. */
  static start(program: string, args: readonly string[], options: ChildOptions = {}): PeerChild {
    const command = [...(options.asNobody && Deno.uid() === 0 ? NOBODY : []), ...WITH_US, program, ...args];
    return new PeerChild(
      new Deno.Command(command[0]!, {
        args: command.slice(1),
        ...(options.folder === undefined ? {} : { cwd: options.folder }),
        ...(options.env === undefined ? {} : { env: options.env }),
        stdin: options.typed ? "piped" : "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
      options.typed ?? false,
    );
  }

  /** Its process id: `setpriv` becomes the program, so this is the program itself. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Whether it has ended, on its own or by `stop`. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The last of what it printed on both outputs. */
  log(): string {
    return this.#log;
  }

  /** Types a line; only with `typed`. */
  async type(line: string): Promise<void> {
    if (this.#keyboard === undefined) throw new Error("Cannot type: the program has no standard input");
    await this.#keyboard.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Processor time so far, without its children; undefined when it has ended. Steps of 10 ms. */
  processorTime(): Promise<ProcessorTime | undefined> {
    return processorTimeOf(this.pid);
  }

  /** Resident memory in octets, without its children; undefined when it has ended. */
  resident(): Promise<number | undefined> {
    return residentOf(this.pid);
  }

  /** Sends a signal and waits; after `within` sends KILL and waits again. Does nothing when it has ended. */
  stop(signal: Deno.Signal = "SIGTERM", within: Millis = 5000): Promise<Deno.CommandStatus> {
    this.signal(signal);
    return this.end(within);
  }

  /** Waits for its end; after `within` sends KILL and waits again. */
  async end(within: Millis): Promise<Deno.CommandStatus> {
    const timer = setTimeout(() => this.signal("SIGKILL"), within);
    const status = await this.#child.status;
    clearTimeout(timer);
    await this.#keyboard?.close().catch(() => undefined);
    await Promise.all(this.#readers);
    return status;
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

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const octets of stream) {
      this.#log = (this.#log + decoder.decode(octets, { stream: true })).slice(-LOG_LIMIT);
    }
  }
}

/**
 * Processor time of a process and all its threads, in steps of 10 ms; undefined when there is none of that id.
 * Read by `cat`, because Deno opens files of /proc only where everything is allowed.
 */
export async function processorTimeOf(pid: number): Promise<ProcessorTime | undefined> {
  const { code, stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/stat`], stderr: "null" }).output();
  return code === 0 ? parseProcessorTime(new TextDecoder().decode(stdout)) : undefined;
}

/** Resident memory of a process in octets; undefined when there is none of that id. */
export async function residentOf(pid: number): Promise<number | undefined> {
  const { code, stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/status`], stderr: "null" }).output();
  return code === 0 ? parseResident(new TextDecoder().decode(stdout)) : undefined;
}

/** The line VmRSS of /proc/…/status; undefined where there is none, as of a process that has just ended. */
export function parseResident(status: string): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** The fields utime and stime of a line of /proc/…/stat; the program's name before them may hold anything. */
export function parseProcessorTime(line: string): ProcessorTime {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { user: Number(fields[11]) * MILLIS_PER_TICK, system: Number(fields[12]) * MILLIS_PER_TICK };
}

/**
 * Runs a program to its end, at most `within`, and measures it: the shell's `times` tells what the kernel booked for
 * its children, which no reading of /proc after the end could.
 */
export async function runToEnd(
  program: string,
  args: readonly string[],
  within: Millis,
  options: ChildOptions = {},
): Promise<Ended> {
  const script = `timeout -k 2 ${Math.ceil(within / 1000)} "$@"; code=$?; times >&2; exit $code`;
  const command = [...WITH_US, "bash", "-c", script, "bash", ...(options.asNobody ? NOBODY : []), program, ...args];
  const startedAt = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(command[0]!, {
    args: command.slice(1),
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
    env: { LC_ALL: "C" },
    stdin: "null",
  }).output();
  const duration = performance.now() - startedAt;
  const text = new TextDecoder().decode(stderr);
  const { rest, processorTime } = cutTimes(text);
  return { code, output: new TextDecoder().decode(stdout), errors: rest, duration, processorTime };
}

/** Cuts off the two lines that `times` has printed last: the shell's own, then its children's. */
export function cutTimes(text: string): { rest: string; processorTime: ProcessorTime } {
  const match = /[^\n]*\n(\d+)m([\d.]+)s (\d+)m([\d.]+)s\n$/.exec(text);
  if (match === null) throw new Error(`Cannot find the lines of "times" in: ${text.slice(-200)}`);
  const [, userMinutes, userSeconds, systemMinutes, systemSeconds] = match.map(Number);
  return {
    rest: text.slice(0, match.index),
    processorTime: {
      user: (userMinutes! * 60 + userSeconds!) * 1000,
      system: (systemMinutes! * 60 + systemSeconds!) * 1000,
    },
  };
}

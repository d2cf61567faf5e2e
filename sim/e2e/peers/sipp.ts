/** SIPp as a peer: calling and answering, with its own counts and the processor time it took. */
import type { Millis } from "../../clock/clock.ts";
import { PeerChild, poll, type ProcessorTime, runToEnd } from "./child.ts";
import { freePorts, LOOPBACK } from "./ports.ts";

/** What a calling SIPp does in each call; the scenario is `sipp_<kind>.xml`. */
export type SippClientKind = "register" | "message" | "register_message" | "invite" | "session";
/** What an answering SIPp answers; the scenario is `sipp_answer_<kind>.xml`. */
export type SippAnsweringKind =
  | "message"
  | "invite"
  | "session_too_small"
  | "session_update"
  | "session_reinvite"
  | "session_silent";

/** How SIPp answers. */
export interface SippAnsweringOptions {
  /** udp unless said. */
  readonly transport?: "udp" | "tcp";
  /** Password of everybody who calls, where the scenario may challenge; nobody is challenged without it. */
  readonly digest?: string;
  /** Port of MSRP in its answers, where the scenario names one. */
  readonly msrpPort?: number;
}

/** One line of the file that a calling SIPp takes its calls from. */
export interface SippUser {
  /** User part of its address of record and of its credentials. */
  readonly user: string;
  /** Password, when it may be challenged (MD5 alone). */
  readonly password?: string;
  /** User part of whom it calls. */
  readonly receiver?: string;
  /** `host:port` that it registers; its own address unless said. */
  readonly contact?: string;
}

/** How SIPp calls. */
export interface SippClientOptions {
  /** `host:port` of the target. */
  readonly target: string;
  /** udp unless said; over TCP all calls share one connection. */
  readonly transport?: "udp" | "tcp";
  /** Domain of every address of record; `ims.test` unless said. */
  readonly domain?: string;
  /** Calls take these in turn, from the first again after the last. */
  readonly users: readonly SippUser[];
  /** Calls in all; one for each user unless said. */
  readonly calls?: number;
  /** Calls a second; 100 unless said. */
  readonly rate?: number;
  /** Octets of content of each MESSAGE; 140 unless said. */
  readonly contentSize?: number;
  /** Session interval that `session` asks for at first, seconds. */
  readonly interval?: number;
  /** Octets of its socket buffers; 4 MB unless said, 0: its own default. */
  readonly bufferSize?: number;
  /** Ends SIPp by force; the time that the calls should take and 20 s more, unless said. */
  readonly within?: Millis;
}

/** SIPp's own count of what it did. */
export interface SippCount {
  /** Calls that went through their scenario to the end. */
  readonly successful: number;
  /** Calls that did not. */
  readonly failed: number;
  /** Messages that it sent again (UDP). */
  readonly retransmissions: number;
  /** Calls that it created a second, from its start to its end. */
  readonly rate: number;
}

/** How a calling SIPp ended. */
export interface SippRun extends SippCount {
  /** 0: every call was successful; 1: not every one; others: SIPp itself failed. */
  readonly code: number;
  /** From its start to its end. */
  readonly duration: Millis;
  /** What it took, from its start to its end. */
  readonly processorTime: ProcessorTime;
  /** Unexpected messages and what else SIPp complained about. */
  readonly errors: string;
}

/** A calling SIPp while it runs; `await using` ends it by force when somebody gives up. */
export interface SippCalling extends AsyncDisposable {
  /** Processor time so far; undefined when it has ended. */
  processorTime(): Promise<ProcessorTime | undefined>;
  /** Resident memory now, octets; undefined when it has ended. */
  resident(): Promise<number | undefined>;
  /** Waits until its calls are over, at most `within`; then ends it by force. */
  end(): Promise<SippCount & Pick<SippRun, "code" | "duration" | "errors">>;
}

/** An answering SIPp; `await using` stops it where nobody did. */
export interface SippAnswering extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Its port, UDP or TCP. */
  readonly port: number;
  /** What it took so far; undefined when it has ended. */
  processorTime(): Promise<ProcessorTime | undefined>;
  /** Ends it, at most 3 s, and gives its own count and what it took. */
  stop(): Promise<SippAnswered>;
}

/** How an answering SIPp ended. */
export interface SippAnswered extends SippCount {
  readonly processorTime: ProcessorTime;
  /** What it complained about. */
  readonly errors: string;
}

const TRANSPORT_MODES = { udp: "u1", tcp: "t1" } as const;
const LISTEN_LIMIT: Millis = 5000;
/** 4 MB for each socket: a pause on a busy machine then costs SIPp no datagram, and no retransmission either. */
const BUFFER_SIZE = 4_000_000;

/** Arguments of every SIPp. All ports are given, because the default ones of two SIPps collide. */
function commonArguments(
  scenario: string,
  folder: string,
  transport: "udp" | "tcp",
  port: number,
  bufferSize = BUFFER_SIZE,
): string[] {
  const [control, media] = freePorts(2);
  return [
    ...["-sf", new URL(`./sipp_${scenario}.xml`, import.meta.url).pathname, "-nostdin"],
    ...["-t", TRANSPORT_MODES[transport], "-i", LOOPBACK, "-bind_local", "-p", `${port}`],
    ...(bufferSize === 0 ? [] : ["-buff_size", `${bufferSize}`]),
    ...["-ci", LOOPBACK, "-cp", `${control}`, "-mi", LOOPBACK, "-mp", `${media}`],
    ...["-trace_stat", "-stf", `${folder}/stat.csv`, "-fd", "1", "-trace_err", "-error_file", `${folder}/errors.log`],
  ];
}

/** The file of calls: fields user; domain; credentials; receiver; contact; content. */
function writeUsers(options: SippClientOptions, ownAddress: string): string {
  const domain = options.domain ?? "ims.test";
  const content = "a line of content, repeated. ".repeat(1 + (options.contentSize ?? 140) / 28).slice(
    0,
    options.contentSize ?? 140,
  );
  const lines = options.users.map(({ user, password, receiver, contact }) => {
    // SIPp fails on [authentication] where nobody was challenged, and the line must not be empty
    const credentials = password === undefined
      ? "Priority: normal"
      : `[authentication username=${user} password=${password}]`;
    return [user, domain, credentials, receiver ?? user, contact ?? ownAddress, content].join(";");
  });
  return ["SEQUENTIAL", ...lines, ""].join("\n");
}

/** A calling SIPp's own folder with what it reads, and its arguments. */
interface Calling {
  readonly folder: string;
  readonly args: readonly string[];
  readonly within: Millis;
}

async function prepareCalling(kind: SippClientKind, options: SippClientOptions): Promise<Calling> {
  const folder = await Deno.makeTempDir({ prefix: "imstorm-sipp-" });
  const [port] = freePorts(1);
  const calls = options.calls ?? options.users.length;
  const rate = options.rate ?? 100;
  await Deno.writeTextFile(`${folder}/users.csv`, writeUsers(options, `${LOOPBACK}:${port}`));
  const args = [
    ...commonArguments(kind, folder, options.transport ?? "udp", port!, options.bufferSize),
    // without -bye SIPp ends any failed call with a BYE, also one that was no INVITE
    ...(kind === "invite" || kind === "session" ? [] : ["-default_behaviors", "all,-bye"]),
    ...(options.interval === undefined ? [] : ["-key", "interval", `${options.interval}`]),
    ...["-inf", `${folder}/users.csv`, "-m", `${calls}`, "-r", `${rate}`, options.target],
  ];
  return { folder, args, within: options.within ?? calls / rate * 1000 + 20_000 };
}

/** Runs SIPp against a target until its calls are over. */
export async function runSippClient(kind: SippClientKind, options: SippClientOptions): Promise<SippRun> {
  const { folder, args, within } = await prepareCalling(kind, options);
  try {
    const ended = await runToEnd("sipp", args, within, { folder });
    return {
      ...await readCount(folder),
      code: ended.code,
      duration: ended.duration,
      processorTime: ended.processorTime,
      errors: await readErrors(folder) + (ended.code > 1 ? ended.errors : ""),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts SIPp against a target, for those who look at it while it calls. */
export async function startSippCalling(kind: SippClientKind, options: SippClientOptions): Promise<SippCalling> {
  const { folder, args, within } = await prepareCalling(kind, options);
  const startedAt = performance.now();
  const child = PeerChild.start("sipp", args, { folder });
  return {
    processorTime: () => child.processorTime(),
    resident: () => child.resident(),
    end: async () => {
      const { code } = await child.end(within);
      const duration = performance.now() - startedAt;
      const errors = await readErrors(folder) + (code > 1 ? child.log().slice(-2000) : "");
      return { ...await readCount(folder), code, duration, errors };
    },
    [Symbol.asyncDispose]: async () => {
      await child.stop("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Starts a SIPp that answers on a free port and waits until it listens. */
export async function startSippAnswering(
  kind: SippAnsweringKind,
  options: SippAnsweringOptions = {},
): Promise<SippAnswering> {
  const transport = options.transport ?? "udp";
  const folder = await Deno.makeTempDir({ prefix: "imstorm-sipp-" });
  const [port] = freePorts(1);
  // -deadcall_wait 0: a registration that is refreshed comes back with the Call-ID of a call that has ended
  const args = [
    ...commonArguments(`answer_${kind}`, folder, transport, port!),
    ...["-deadcall_wait", "0"],
    ...(options.digest === undefined ? [] : ["-set", "digest", options.digest]),
    ...(options.msrpPort === undefined ? [] : ["-key", "msrp_port", `${options.msrpPort}`]),
  ];
  const child = PeerChild.start("sipp", args, { folder });
  const ready = await poll(
    LISTEN_LIMIT,
    async () => child.ended ? false : await isListening(transport, port!) || undefined,
  );
  if (!ready) {
    await child.stop();
    await Deno.remove(folder, { recursive: true });
    throw new Error(`SIPp did not start to answer on port ${port}:\n${child.log().slice(-2000)}`);
  }
  const end = async (): Promise<SippAnswered> => {
    const processorTime = await child.processorTime() ?? { user: 0, system: 0 };
    try {
      // USR1: SIPp ends when its calls have; one that is stuck is ended by force
      await child.stop("SIGUSR1", 3000);
      return { ...await readCount(folder), processorTime, errors: await readErrors(folder) };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
  let ended: Promise<SippAnswered> | undefined;
  return {
    address: `${LOOPBACK}:${port}`,
    port: port!,
    processorTime: () => child.processorTime(),
    stop: () => ended ??= end(),
    // its own count is of no use where nobody asked for it
    [Symbol.asyncDispose]: async () => void await (ended ??= end()).catch(() => undefined),
  };
}

/** Whether a socket of this machine listens on a loopback port, from the kernel's table: a trial would take the port. */
async function isListening(transport: "udp" | "tcp", port: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/net/${transport}`] }).output();
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const state = transport === "udp" ? "07" : "0A";
  return new RegExp(`: ${local} [0-9A-F:]+ ${state} `).test(new TextDecoder().decode(stdout));
}

async function readCount(folder: string): Promise<SippCount> {
  return parseSippCount(await Deno.readTextFile(`${folder}/stat.csv`).catch(() => ""));
}

async function readErrors(folder: string): Promise<string> {
  return await Deno.readTextFile(`${folder}/errors.log`).catch(() => "");
}

/** The last line of a file that `-trace_stat` wrote; columns ending in `(C)` count from the start. */
export function parseSippCount(text: string): SippCount {
  const lines = text.trimEnd().split("\n");
  const names = lines[0]!.split(";");
  const values = lines.at(-1)!.split(";");
  if (lines.length < 2) throw new Error("Cannot read the statistics of SIPp: it wrote none");
  const valueOf = (name: string): number => {
    const value = Number(values[names.indexOf(name)]);
    if (Number.isNaN(value)) throw new Error(`Cannot read the statistics of SIPp: no column ${name}`);
    return value;
  };
  return {
    successful: valueOf("SuccessfulCall(C)"),
    failed: valueOf("FailedCall(C)"),
    retransmissions: valueOf("Retransmissions(C)"),
    rate: valueOf("CallRate(C)"),
  };
}

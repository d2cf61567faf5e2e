/**
 * Processor time per MESSAGE transaction of a client: SIPp and imstorm side by side, each against an answering SIPp.
 *
 * What the kernel booked for the client is read twice while it sends at a constant rate. The first reading comes late
 * enough for V8 to have compiled what it will; what starting and compiling took is in neither side's figure.
 */
import type { Millis } from "../clock/clock.ts";
import { pass, type ProcessorTime } from "../e2e/peers/child.ts";
import { type SippUser, startSippAnswering, startSippCalling } from "../e2e/peers/sipp.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { ImstormRun, type UdpImplementation } from "./imstorm.ts";

/** What a client is asked to send. */
export interface Load {
  /** MESSAGEs a second. */
  readonly rate: number;
  /** Octets of content. */
  readonly contentSize: number;
  /** First reading, since the client was started. */
  readonly from: Millis;
  /** Second reading. */
  readonly to: Millis;
}

/** What a transaction costs a client. */
export interface Cost {
  /** Microseconds of processor time per transaction, user and system. */
  readonly micros: number;
  /** Share of it that the kernel took. */
  readonly system: number;
  /** Transactions between the two readings. */
  readonly transactions: number;
  /** Resident memory of the client at the second reading, octets. */
  readonly resident: number;
  /** Transactions of the whole run that did not end with a 2xx. */
  readonly failed: number;
  /** Requests of the whole run that were sent again. */
  readonly retransmissions: number;
  /** Whether every planned message was sent, in the time planned. */
  readonly held: boolean;
}

/** Who sends. */
export type ClientName = "sipp" | UdpImplementation;

/** One of each, measured one after the other, so that a noisy machine is noisy for all. */
export type Pair = Readonly<Record<ClientName, Cost>>;

/** One moment of a client at work. */
export interface Reading {
  readonly at: Millis;
  readonly processorTime: ProcessorTime;
}

type Total = Pick<Cost, "failed" | "retransmissions" | "held">;

/** A client at work. */
interface RunningClient extends AsyncDisposable {
  processorTime(): Promise<ProcessorTime | undefined>;
  resident(): Promise<number | undefined>;
  end(): Promise<Total>;
}

/** Clients of each sender. */
export const CLIENTS = 1000;
/** The same for SIPp: who calls, and whom. */
export const SIPP_USERS: readonly SippUser[] = Array.from({ length: CLIENTS }, (_, index) => {
  return { user: `user${index}`, receiver: "bob" };
});
/** The load goes on after the second reading: starting a program takes about a second. */
const MARGIN: Millis = 3000;
/** SIPp may be so much below its rate, measured from its start to its end. */
const LEAST_SHARE = 0.98;

function durationOf(load: Load): Millis {
  return load.to + MARGIN;
}

function messagesOf(load: Load): number {
  return Math.round(load.rate * durationOf(load) / 1000);
}

async function startSipp(target: string, load: Load): Promise<RunningClient> {
  const calling = await startSippCalling("message", { ...load, target, users: SIPP_USERS, calls: messagesOf(load) });
  return {
    processorTime: () => calling.processorTime(),
    resident: () => calling.resident(),
    end: async () => {
      const { code, failed, retransmissions, duration, errors } = await calling.end();
      if (code > 1) throw new Error(`SIPp ended with ${code}: ${errors.slice(-1000)}`);
      return { failed, retransmissions, held: failed === 0 && duration * LEAST_SHARE <= durationOf(load) };
    },
    [Symbol.asyncDispose]: () => calling[Symbol.asyncDispose](),
  };
}

/** What imstorm is given to do the same: clients that do not register and send to one user who is not ours. */
export function imstormScenario(target: string, load: Load): ScenarioInput {
  return {
    name: "peers-bench",
    target: { uri: `sip:${target};transport=udp`, domain: "ims.test" },
    populations: [{
      name: "senders",
      clients: CLIENTS,
      user: "user{n}",
      register: false,
      mode: { force: "pager" },
      messages: { size: load.contentSize, to: { uri: "sip:bob@ims.test" } },
    }],
    phases: [{ executor: "constant-arrival-rate", rate: `${load.rate}/s`, duration: `${durationOf(load)}ms` }],
  };
}

async function startImstorm(target: string, load: Load, implementation: UdpImplementation): Promise<RunningClient> {
  const run = await ImstormRun.start(imstormScenario(target, load), implementation);
  return {
    processorTime: () => run.processorTime(),
    resident: () => run.resident(),
    end: async () => {
      const { messages, retransmissions } = (await run.end()).summary;
      const failed = messages.attempted - messages.accepted_200 - messages.accepted_202;
      const held = failed === 0 && messages.attempted === messagesOf(load);
      return { failed, retransmissions: retransmissions.MESSAGE ?? 0, held };
    },
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

/** What a transaction costs one client, against an answering SIPp of its own. */
export async function costOf(name: ClientName, load: Load): Promise<Cost> {
  await using answering = await startSippAnswering("message");
  await using client = name === "sipp"
    ? await startSipp(answering.address, load)
    : await startImstorm(answering.address, load, name);
  const startedAt = performance.now();
  const first = await readAt(startedAt + load.from, client);
  const second = await readAt(startedAt + load.to, client);
  const resident = await client.resident() ?? NaN;
  return { ...costBetween(first, second, load.rate), resident, ...await client.end() };
}

async function readAt(moment: Millis, client: RunningClient): Promise<Reading> {
  await pass(Math.max(0, moment - performance.now()));
  const before = performance.now();
  const processorTime = await client.processorTime();
  if (processorTime === undefined) {
    await client.end();
    throw new Error("Cannot measure: the client ended before its load was over");
  }
  return { at: (before + performance.now()) / 2, processorTime };
}

/** The cost per transaction between two readings at a constant rate. */
export function costBetween(
  first: Reading,
  second: Reading,
  rate: number,
): Pick<Cost, "micros" | "system" | "transactions"> {
  const transactions = Math.round((second.at - first.at) / 1000 * rate);
  const user = second.processorTime.user - first.processorTime.user;
  const system = second.processorTime.system - first.processorTime.system;
  return { micros: (user + system) / transactions * 1000, system: system / (user + system), transactions };
}

/** Measures pairs one after another. */
export async function measurePairs(
  count: number,
  load: Load,
  onCost: (pair: number, name: ClientName, cost: Cost) => void,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let pair = 1; pair <= count; pair++) {
    const measure = async (name: ClientName): Promise<Cost> => {
      const cost = await costOf(name, load);
      onCost(pair, name, cost);
      return cost;
    };
    pairs.push({
      sipp: await measure("sipp"),
      portable: await measure("portable"),
      batched: await measure("batched"),
    });
  }
  return pairs;
}

/** The middle one of an odd number of values; the mean of the middle two of an even one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

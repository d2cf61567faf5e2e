/** What one large message costs its sender, beside a bare INVITE…BYE of SIPp: processor time and memory. */
import type { Millis } from "../clock/clock.ts";
import { pass, type ProcessorTime } from "../e2e/peers/child.ts";
import { startSippAnswering, startSippCalling } from "../e2e/peers/sipp.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { ImstormRun } from "./imstorm.ts";
import { restOf } from "./memory.ts";
import { startOwnAnswering } from "./own_answering.ts";
import { CLIENTS, costBetween, type Reading, SIPP_USERS } from "./peers.ts";

/** One pair, measured one after the other. */
export interface SessionPair {
  /** Microseconds of SIPp for INVITE, ACK, 100 ms and BYE. */
  readonly sipp: number;
  /** Microseconds of ours for INVITE, ACK, 4 KiB of MSRP and BYE. */
  readonly imstorm: number;
  /** Whether every session of both was established and released. */
  readonly held: boolean;
  /** Resident memory of both at the second reading, octets. */
  readonly sippResident: number;
  readonly imstormResident: number;
}

/** Octets at rest of a process with many of something, and with few. */
export interface EachMemory {
  readonly many: number;
  readonly few: number;
  readonly octetsOfMany: number;
  readonly octetsOfFew: number;
}

const RATE = 300;
const CONTENT_SIZE = 4096;
const FROM: Millis = 12_000;
const TO: Millis = 27_000;
const MARGIN: Millis = 3000;
const PHASE = { executor: "constant-arrival-rate" } as const;

/** Clients that send large messages of 4 KiB over a shared connection; `session` is that of the scenario. */
export function sessionScenario(
  target: string,
  clients: number,
  session: object,
  phases: ScenarioInput["phases"],
): ScenarioInput {
  return {
    name: "sessions-bench",
    target: { uri: `sip:${target};transport=udp`, domain: "ims.test" },
    populations: [{
      name: "senders",
      clients,
      user: "user{n}",
      register: false,
      mode: { force: "large" },
      session,
      msrp: { connections: "shared" },
      messages: { size: CONTENT_SIZE, to: { uri: "sip:bob@ims.test" } },
    }],
    phases,
  };
}

interface Measured {
  readonly micros: number;
  readonly resident: number;
  readonly held: boolean;
}

interface Readable {
  processorTime(): Promise<ProcessorTime | undefined>;
  resident(): Promise<number | undefined>;
}

async function costOf(client: Readable, startedAt: Millis): Promise<{ micros: number; resident: number }> {
  const first = await readAt(startedAt + FROM, () => client.processorTime());
  const second = await readAt(startedAt + TO, () => client.processorTime());
  return { micros: costBetween(first, second, RATE).micros, resident: await client.resident() ?? NaN };
}

async function readAt(moment: Millis, read: () => Promise<ProcessorTime | undefined>): Promise<Reading> {
  await pass(Math.max(0, moment - performance.now()));
  const processorTime = await read();
  if (processorTime === undefined) throw new Error("Cannot measure: the client ended before its load was over");
  return { at: performance.now(), processorTime };
}

async function measureSipp(): Promise<Measured> {
  await using answering = await startSippAnswering("invite");
  const startedAt = performance.now();
  await using calling = await startSippCalling("invite", {
    target: answering.address,
    users: SIPP_USERS,
    calls: RATE * (TO + MARGIN) / 1000,
    rate: RATE,
  });
  const cost = await costOf(calling, startedAt);
  return { ...cost, held: (await calling.end()).failed === 0 };
}

async function measureOwn(): Promise<Measured> {
  await using answering = await startOwnAnswering();
  const startedAt = performance.now();
  const phases = [{ ...PHASE, rate: `${RATE}/s`, duration: `${TO + MARGIN}ms` }];
  await using run = await ImstormRun.start(sessionScenario(answering.address, CLIENTS, {}, phases), "batched");
  const cost = await costOf(run, startedAt);
  const { sessions, messages } = (await run.end()).summary;
  return { ...cost, held: sessions.released === sessions.invited && messages.accepted_200 === messages.attempted };
}

/** Measures pairs one after another; `tell` hears of each. */
export async function measureSessionPairs(count: number, tell: (text: string) => void): Promise<SessionPair[]> {
  const pairs: SessionPair[] = [];
  for (let pair = 1; pair <= count; pair++) {
    const sipp = await measureSipp();
    const own = await measureOwn();
    pairs.push({
      sipp: sipp.micros,
      imstorm: own.micros,
      held: sipp.held && own.held,
      sippResident: sipp.resident,
      imstormResident: own.resident,
    });
    tell(`sessions, pair ${pair}: SIPp ${sipp.micros.toFixed(0)} µs, imstorm ${own.micros.toFixed(0)} µs`);
  }
  return pairs;
}

/**
 * Sessions held with an armed session timer, at their calling side. Many are compared with a tenth of them, begun at the
 * same rate by as many clients: what a run of that rate takes whatever it holds (clients, rings of evidence, histograms,
 * code) is in both.
 */
export async function measureHeldSessions(many: number): Promise<EachMemory> {
  const few = Math.round(many / 10);
  const octetsOfFew = await restOfHeld(few, many);
  const octetsOfMany = await restOfHeld(many, many);
  return { many, few, octetsOfMany, octetsOfFew };
}

/** Sessions that begin in a second. */
const HELD_RATE = 200;
/** Seconds of rest: longer than a transaction lasts (RFC 3261 §17.1.1.2, RFC 6026 §7.2). */
const REST_SECONDS = 40;

async function restOfHeld(count: number, clients: number): Promise<number> {
  await using answering = await startOwnAnswering();
  const seconds = Math.ceil(count / HELD_RATE);
  const phases = [
    { ...PHASE, rate: `${HELD_RATE}/s`, duration: `${seconds}s` },
    { ...PHASE, rate: "0/s", duration: `${REST_SECONDS}s` },
    { ...PHASE, rate: "1/s", duration: "60s" },
  ];
  const held = { expires: "1800s", hold: "1800s" };
  const scenario = sessionScenario(answering.address, clients, held, phases);
  await using run = await ImstormRun.start(scenario, "batched", COLLECTED);
  // in the last phase, whenever the load began: sessions end together then, and not each after its hold
  await pass((seconds + REST_SECONDS) * 1000 + 20_000);
  run.interrupt();
  const { summary, snapshots } = await run.end();
  if (summary.sessions.established < count) {
    throw new Error(`Cannot measure: ${summary.sessions.established} of ${count} sessions were established`);
  }
  return restOf(snapshots, 1);
}

/** V8 collects its garbage early: what is left at rest is in use, but for what it holds of a tenth more. */
const COLLECTED = { DENO_V8_FLAGS: "--max-semi-space-size=1,--heap-growing-percent=10" };

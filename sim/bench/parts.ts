/** The parts of the bench: what each measures, and the rows it comes to. */
import { measureAccuracy } from "./accuracy.ts";
import { measureMessages } from "./message_accuracy.ts";
import { measureBulk } from "./bulk.ts";
import { measureHighestRate } from "./highest_rate.ts";
import { measureHighestSessionRate } from "./highest_session_rate.ts";
import { measureLossless } from "./lossless.ts";
import { measureGrowth, measureRegistered } from "./memory.ts";
import { type ManyRegistered, measureMany, tooSmallFor } from "./million.ts";
import { measureMicro } from "./micro.ts";
import {
  accuracyRows,
  bulkRow,
  heldRow,
  highestRateRows,
  idleRow,
  manyRows,
  messageAccuracyRow,
  microRows,
  punctualityRow,
  type RateRound,
  type SessionRateRound,
  sessionRateRow,
  sessionResidentRow,
  sessionRow,
  workersRow,
} from "./more_rows.ts";
import { type Load, measurePairs } from "./peers.ts";
import { measurePunctuality } from "./punctuality.ts";
import { cpuRows, growthRow, losslessRow, registeredRow, residentRows } from "./rows.ts";
import { measureHeldSessions, measureSessionPairs } from "./sessions.ts";
import type { Row } from "./table.ts";

/** What one part came to: rows for the table, and everything behind them for the JSON. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly details: unknown;
}

/** How thoroughly to measure. */
export interface Thoroughness {
  /** Shorter, to see that it works: figures vary more. */
  readonly quick: boolean;
  /** Pairs of processor times, and rounds of highest rates. */
  readonly pairs: number;
}

type Measure = (how: Thoroughness, tell: (text: string) => void) => Promise<Measured>;

const measureParts: Measure = async (_how, tell) => {
  tell("small parts by themselves");
  const costs = await measureMicro();
  return { rows: microRows(costs), details: costs };
};

const measureCpu: Measure = async ({ quick, pairs }, tell) => {
  const rows: Row[] = [];
  const details: unknown[] = [];
  // V8 has compiled what it will after 8 to 10 s; 2000/s is told, not judged: one pair
  for (const [rate, count] of quick ? [[8000, pairs]] as const : [[8000, pairs], [2000, 1]] as const) {
    const load: Load = { rate, contentSize: 140, from: 12_000, to: quick ? 22_000 : 30_000 };
    const measured = await measurePairs(count, load, (pair, name, { micros, held }) => {
      tell(`${rate}/s, pair ${pair}: ${name} ${micros.toFixed(1)} µs${held ? "" : ", rate not held"}`);
    });
    rows.push(...cpuRows(rate, measured), ...residentRows(rate, measured));
    details.push({ load, pairs: measured });
  }
  return { rows, details };
};

const measureRate: Measure = async ({ quick, pairs }, tell) => {
  const rows: Row[] = [];
  const details: unknown[] = [];
  for (const answerer of quick ? ["sipp"] as const : ["sipp", "own"] as const) {
    const rounds: RateRound[] = [];
    for (let round = 0; round < pairs; round++) {
      const last = rounds.at(-1);
      rounds.push({
        shipped: await measureHighestRate("sipp_as_shipped", answerer, tell, last?.shipped),
        raised: await measureHighestRate("sipp", answerer, tell, last?.raised),
        own: await measureHighestRate("imstorm", answerer, tell, last?.own),
      });
    }
    rows.push(...highestRateRows(rounds));
    details.push(...rounds);
    if (answerer !== "own") continue;
    const one = rounds.at(-1)!.own;
    // beside the answering side two workers need a core each
    const two = navigator.hardwareConcurrency < 3
      ? undefined
      : await measureHighestRate("imstorm_two_workers", answerer, tell, one);
    rows.push(workersRow(one, two));
    if (two !== undefined) details.push(two);
  }
  return { rows, details };
};

const measureSessions: Measure = async ({ quick, pairs }, tell) => {
  const measured = await measureSessionPairs(pairs, tell);
  tell("memory of held sessions");
  const held = await measureHeldSessions(quick ? 2000 : 10_000);
  const rounds: SessionRateRound[] = [];
  for (let round = 0; round < pairs; round++) {
    const last = rounds.at(-1);
    rounds.push({
      sipp: await measureHighestSessionRate("sipp", quick ? 0 : 2, tell, last?.sipp),
      own: await measureHighestSessionRate("imstorm", quick ? 0 : 2, tell, last?.own),
    });
  }
  const rows = [sessionRow(measured), sessionResidentRow(measured), sessionRateRow(rounds), heldRow(held)];
  return { rows, details: { pairs: measured, highest: rounds, held } };
};

const measureTruth: Measure = async (_how, tell) => {
  const details = [];
  for (const rate of [2000, 20_000]) {
    tell(`latencies beside a capture at ${rate}/s`);
    details.push(await measureAccuracy(rate, "batched"));
  }
  tell("latency of each message beside a capture at 2000/s");
  const messages = await measureMessages(2000);
  return { rows: [...details.flatMap(accuracyRows), messageAccuracyRow(messages)], details: { details, messages } };
};

const measureTimers: Measure = async ({ quick }) => {
  const punctuality = await measurePunctuality(100_000, quick ? 10_000 : 45_000);
  return { rows: [punctualityRow(punctuality)], details: punctuality };
};

const measureMsrp: Measure = async ({ pairs }) => {
  const bulk = await measureBulk(pairs);
  return { rows: [bulkRow(bulk)], details: bulk };
};

const measureMemory: Measure = async ({ quick }, tell) => {
  const plan = {
    clients: 10_000,
    registrationRate: 1000,
    rate: 2000,
    firstSeconds: quick ? 5 : 10,
    secondSeconds: quick ? 20 : 90,
    restSeconds: 20,
    registeredRestSeconds: quick ? 10 : 30,
  };
  tell(`memory of ${plan.clients} clients`);
  const registered = await measureRegistered(plan, "batched");
  tell("memory of idle clients");
  const many = { ...plan, clients: 100_000, registrationRate: 4000, registeredRestSeconds: 30 };
  const idle = await measureRegistered(many, "batched");
  const million = quick ? undefined : await measureMillion(idle.restOfOne, tell);
  tell("memory before and after many messages");
  const growth = await measureGrowth(plan, "batched");
  return {
    rows: [
      registeredRow(registered),
      idleRow(idle),
      ...(million === undefined ? [] : manyRows(million)),
      growthRow(growth),
    ],
    details: { plan, registered, idle, million, growth },
  };
};

/** Three minutes of registrations, where there is memory for them. */
async function measureMillion(restOfOne: number, tell: (text: string) => void): Promise<ManyRegistered | undefined> {
  const clients = 1_000_000;
  const reason = tooSmallFor(clients);
  tell(reason === undefined ? `${clients} clients` : `not measured: ${clients} clients (${reason})`);
  return reason === undefined ? await measureMany(clients, 6000, restOfOne, "batched") : undefined;
}

const measureLoss: Measure = async ({ quick }, tell) => {
  const rate = 2000;
  const runs = [];
  for (const implementation of ["portable", "batched"] as const) {
    tell(`${rate} messages a second over ${implementation} UDP`);
    runs.push(await measureLossless(implementation, rate, quick ? 10 : 30));
  }
  return { rows: runs.map((run) => losslessRow(run, rate)), details: runs };
};

/** All parts by their names on the command line. */
export const MEASURE = {
  micro: measureParts,
  cpu: measureCpu,
  rate: measureRate,
  sessions: measureSessions,
  accuracy: measureTruth,
  timers: measureTimers,
  bulk: measureMsrp,
  memory: measureMemory,
  lossless: measureLoss,
} as const;

/** Name of a part. */
export type Part = keyof typeof MEASURE;

/** All of them, in the order they are measured. */
export const PARTS: readonly Part[] = Object.keys(MEASURE) as Part[];

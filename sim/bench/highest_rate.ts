/**
 * The highest rate of MESSAGEs that one process sends without a loss: no failure, and at most one retransmission in ten
 * thousand. Each tool against the same kind of answering side, by doubling and then halving the distance.
 */
import { startSippAnswering, startSippCalling } from "../e2e/peers/sipp.ts";
import { ImstormRun } from "./imstorm.ts";
import { startResponder } from "./own_answering.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { imstormScenario } from "./peers.ts";

/** Who sends: SIPp with its own socket buffers, or with raised ones; imstorm with one worker, or with two. */
export type Sender = "sipp_as_shipped" | "sipp" | "imstorm" | "imstorm_two_workers";
/** Who answers. */
export type Answerer = "sipp" | "own";

/** The rates that were tried, and what came of them. */
export interface HighestRate {
  readonly sender: Sender;
  readonly answerer: Answerer;
  /** MESSAGEs a second; 0: not even the lowest rate. */
  readonly rate: number;
  readonly tried: readonly (readonly [rate: number, lossFree: boolean])[];
}

const MOST_RETRANSMISSIONS = 1e-4;
const FIRST_RATE = 8000;
/** No sender is asked for more. */
const LAST_RATE = 256_000;
/** Steps between the highest rate held and the lowest one not held. */
const HALVINGS = 3;
const CLIENTS = 1000;
/** Seconds sent in each trial, and of them those before the rest is judged: V8 compiles. */
const SECONDS = 14;
const FIRST_SECONDS = 8;
/** SIPp may be so much below its rate. */
const LEAST_SHARE = 0.97;

/** Searches, from a little below `last`, what was found before, if given; `tell` hears of each trial. */
export async function measureHighestRate(
  sender: Sender,
  answerer: Answerer,
  tell: (text: string) => void,
  last?: HighestRate,
): Promise<HighestRate> {
  const tried: [number, boolean][] = [];
  const holds = async (rate: number): Promise<boolean> => {
    // one trial may be disturbed by what else the machine does
    const lossFree = await isLossFree(sender, answerer, rate) || await isLossFree(sender, answerer, rate);
    tried.push([rate, lossFree]);
    tell(`${sender} against ${answerer}: ${rate}/s ${lossFree ? "without a loss" : "not held"}`);
    return lossFree;
  };
  const rate = await highestNear(holds, last?.rate, { first: FIRST_RATE, last: LAST_RATE, halvings: HALVINGS });
  return { sender, answerer, rate, tried };
}

/** The highest rate that holds: doubled from `first` while it does, then the distance is halved; 0: not even `first`. */
export async function highest(
  holds: (rate: number) => Promise<boolean>,
  first: number,
  last: number,
  halvings: number,
): Promise<number> {
  let low = 0;
  let high = first;
  while (high <= last && await holds(high)) {
    low = high;
    high *= 2;
  }
  if (low === 0 || high > last) return low;
  for (let step = 0; step < halvings; step++) {
    const middle = Math.round((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** As `highest`, but from three quarters of what was found before: fewer trials, where it is still so. */
export async function highestNear(
  holds: (rate: number) => Promise<boolean>,
  found: number | undefined,
  { first, last, halvings }: { readonly first: number; readonly last: number; readonly halvings: number },
): Promise<number> {
  const near = Math.round((found ?? 0) * 0.75);
  const rate = near <= first ? 0 : await highest(holds, near, Math.min(last, 2 * near), halvings);
  return rate > 0 ? rate : await highest(holds, first, last, halvings);
}

async function isLossFree(sender: Sender, answerer: Answerer, rate: number): Promise<boolean> {
  if (answerer === "own") {
    await using answering = await startResponder();
    return await sendTo(answering.address, sender, rate);
  }
  const answering = await startSippAnswering("message");
  try {
    return await sendTo(answering.address, sender, rate);
  } finally {
    await answering.stop();
  }
}

function sendTo(target: string, sender: Sender, rate: number): Promise<boolean> {
  if (sender === "sipp" || sender === "sipp_as_shipped") return sendBySipp(target, sender, rate);
  return sendByImstorm(target, rate, sender === "imstorm" ? 1 : 2);
}

async function sendBySipp(target: string, sender: "sipp" | "sipp_as_shipped", rate: number): Promise<boolean> {
  const seconds = SECONDS - FIRST_SECONDS;
  const calls = rate * seconds;
  const users = Array.from({ length: CLIENTS }, (_, index) => ({ user: `user${index}`, receiver: "bob" }));
  await using calling = await startSippCalling("message", {
    target,
    users,
    calls,
    rate,
    contentSize: 140,
    within: seconds * 1000 * 3,
    ...(sender === "sipp_as_shipped" && { bufferSize: 0 }),
  });
  const { failed, retransmissions, duration, successful } = await calling.end();
  const inTime = duration * LEAST_SHARE <= seconds * 1000 + 500;
  return failed === 0 && successful === calls && inTime && retransmissions <= calls * MOST_RETRANSMISSIONS;
}

/** The rate is reached within the first seconds, which are not judged: V8 compiles what it sees often. */
async function sendByImstorm(target: string, rate: number, workers: number): Promise<boolean> {
  const [first, judged] = [FIRST_SECONDS, SECONDS - FIRST_SECONDS];
  const scenario: ScenarioInput = {
    ...imstormScenario(target, { rate, contentSize: 140, from: 0, to: 0 }),
    phases: [
      { executor: "ramping-arrival-rate", stages: [{ target: `${rate}/s`, duration: `${first}s` }], stir: true },
      { executor: "constant-arrival-rate", rate: `${rate}/s`, duration: `${judged}s` },
    ],
  };
  await using run = await ImstormRun.start(scenario, "batched", {}, workers);
  const { summary, snapshots } = await run.end();
  const { attempted, accepted_200: accepted } = summary.messages;
  const retransmissions = snapshots.filter(({ at }) => at >= first * 1000)
    .reduce((sum, { counters }) => sum + (counters["retransmissions.MESSAGE"] ?? 0), 0);
  return accepted === attempted && attempted === rate * judged &&
    retransmissions <= rate * judged * MOST_RETRANSMISSIONS && summary.generator.validity !== "invalid";
}

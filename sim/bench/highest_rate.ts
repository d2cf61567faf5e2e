/**
 * The highest rate of MESSAGEs that one process sends without a loss: no failure, and at most one retransmission in ten
 * thousand. Each tool against the same kind of answering side, by doubling and then halving the distance.
 */
import { startSippAnswering, startSippCalling } from "../e2e/peers/sipp.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { ImstormRun } from "./imstorm.ts";
import { startResponder } from "./own_answering.ts";
import { imstormScenario, SIPP_USERS } from "./peers.ts";
import { type FoundRate, hasHeld, MOST_RETRANSMISSIONS, type RateRange, searchRate } from "./rate_search.ts";

/** Who sends: SIPp with its own socket buffers, or with raised ones; imstorm with one worker, or with two. */
export type Sender = "sipp_as_shipped" | "sipp" | "imstorm" | "imstorm_two_workers";
/** Who answers. */
export type Answerer = "sipp" | "own";

/** MESSAGEs a second, and the rates that were tried. */
export interface HighestRate extends FoundRate {
  readonly sender: Sender;
  readonly answerer: Answerer;
}

const RANGE: RateRange = { first: 8000, last: 256_000, halvings: 3 };
/** Seconds sent in each trial, and of them those before the rest is judged: V8 compiles. */
const SECONDS = 14;
const FIRST_SECONDS = 8;

/** Searches, from a little below `last`, what was found before, if given; `tell` hears of each trial. */
export async function measureHighestRate(
  sender: Sender,
  answerer: Answerer,
  tell: (text: string) => void,
  last?: HighestRate,
): Promise<HighestRate> {
  const found = await searchRate(
    (rate) => isLossFree(sender, answerer, rate),
    RANGE,
    (text) => tell(`${sender} against ${answerer}: ${text}`),
    last,
  );
  return { sender, answerer, ...found };
}

async function isLossFree(sender: Sender, answerer: Answerer, rate: number): Promise<boolean> {
  if (answerer === "own") {
    await using answering = await startResponder();
    return await sendTo(answering.address, sender, rate);
  }
  await using answering = await startSippAnswering("message");
  return await sendTo(answering.address, sender, rate);
}

function sendTo(target: string, sender: Sender, rate: number): Promise<boolean> {
  if (sender === "sipp" || sender === "sipp_as_shipped") return sendBySipp(target, sender, rate);
  return sendByImstorm(target, rate, sender === "imstorm" ? 1 : 2);
}

async function sendBySipp(target: string, sender: "sipp" | "sipp_as_shipped", rate: number): Promise<boolean> {
  const seconds = SECONDS - FIRST_SECONDS;
  const calls = rate * seconds;
  await using calling = await startSippCalling("message", {
    target,
    users: SIPP_USERS,
    calls,
    rate,
    contentSize: 140,
    within: seconds * 1000 * 3,
    ...(sender === "sipp_as_shipped" && { bufferSize: 0 }),
  });
  return await hasHeld(calling, calls, seconds, 500);
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

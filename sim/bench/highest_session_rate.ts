/**
 * The highest rate of sessions that one process calls without a loss, as `highest_rate.ts` does it for MESSAGEs: SIPp's
 * bare INVITE…BYE against an answering SIPp, our large messages of 4 KiB against an answering client of our own.
 */
import { startSippAnswering, startSippCalling } from "../e2e/peers/sipp.ts";
import { highestNear } from "./highest_rate.ts";
import { ImstormRun } from "./imstorm.ts";
import { startOwnAnswering } from "./own_answering.ts";
import { sessionScenario } from "./sessions.ts";

/** The rates that were tried, and what came of them. */
export interface HighestSessionRate {
  readonly sender: "sipp" | "imstorm";
  /** Sessions a second; 0: not even the lowest rate. */
  readonly rate: number;
  readonly tried: readonly (readonly [rate: number, lossFree: boolean])[];
}

const MOST_RETRANSMISSIONS = 1e-4;
const FIRST_RATE = 200;
/** No sender is asked for more. */
const LAST_RATE = 25_600;
const CLIENTS = 1000;
/** Seconds of each trial; ours begins with those in which V8 compiles. */
const SECONDS = 6;
const COMPILING = 8;
/** SIPp may be so much below its rate; the last call takes 100 ms more. */
const LEAST_SHARE = 0.97;

/** Searches, from a little below `last`, what was found before, if given; `tell` hears of each trial. */
export async function measureHighestSessionRate(
  sender: "sipp" | "imstorm",
  halvings: number,
  tell: (text: string) => void,
  last?: HighestSessionRate,
): Promise<HighestSessionRate> {
  const tried: [number, boolean][] = [];
  const holds = async (rate: number): Promise<boolean> => {
    const isLossFree = sender === "sipp" ? callBySipp : callByImstorm;
    // one trial may be disturbed by what else the machine does
    const lossFree = await isLossFree(rate) || await isLossFree(rate);
    tried.push([rate, lossFree]);
    tell(`sessions of ${sender}: ${rate}/s ${lossFree ? "without a loss" : "not held"}`);
    return lossFree;
  };
  const rate = await highestNear(holds, last?.rate, { first: FIRST_RATE, last: LAST_RATE, halvings });
  return { sender, rate, tried };
}

async function callBySipp(rate: number): Promise<boolean> {
  const calls = rate * SECONDS;
  const answering = await startSippAnswering("invite");
  try {
    await using calling = await startSippCalling("invite", {
      target: answering.address,
      users: Array.from({ length: CLIENTS }, (_, index) => ({ user: `user${index}`, receiver: "bob" })),
      calls,
      rate,
      within: SECONDS * 3000,
    });
    const { failed, retransmissions, duration, successful } = await calling.end();
    return failed === 0 && successful === calls && duration * LEAST_SHARE <= SECONDS * 1000 + 600 &&
      retransmissions <= calls * MOST_RETRANSMISSIONS;
  } finally {
    await answering.stop();
  }
}

async function callByImstorm(rate: number): Promise<boolean> {
  await using answering = await startOwnAnswering();
  const phase = { executor: "constant-arrival-rate", rate: `${rate}/s` } as const;
  const phases = [{ ...phase, duration: `${COMPILING}s` }, { ...phase, duration: `${SECONDS}s` }];
  await using run = await ImstormRun.start(sessionScenario(answering.address, CLIENTS, {}, phases), "batched");
  const { summary: { messages, sessions, generator }, snapshots } = await run.end();
  const judged = snapshots.filter(({ at }) => at >= COMPILING * 1000);
  const retransmissions = judged.reduce((sum, { counters }) => {
    const again = Object.entries(counters).filter(([name]) => name.startsWith("retransmissions."));
    return sum + again.reduce((each, [, count]) => each + count, 0);
  }, 0);
  return messages.attempted === rate * (COMPILING + SECONDS) && messages.accepted_200 === messages.attempted &&
    sessions.released === sessions.invited && retransmissions <= rate * SECONDS * MOST_RETRANSMISSIONS &&
    generator.validity !== "invalid";
}

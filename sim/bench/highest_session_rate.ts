/**
 * The highest rate of sessions that one process calls without a loss, as `highest_rate.ts` does it for MESSAGEs: SIPp's
 * bare INVITE…BYE against an answering SIPp, our large messages of 4 KiB against an answering client of our own.
 */
import { startSippAnswering, startSippCalling } from "../e2e/peers/sipp.ts";
import { ImstormRun } from "./imstorm.ts";
import { startOwnAnswering } from "./own_answering.ts";
import { CLIENTS, SIPP_USERS } from "./peers.ts";
import { type FoundRate, hasHeld, MOST_RETRANSMISSIONS, searchRate } from "./rate_search.ts";
import { sessionScenario } from "./sessions.ts";

/** Sessions a second, and the rates that were tried. */
export interface HighestSessionRate extends FoundRate {
  readonly sender: "sipp" | "imstorm";
}

const RANGE = { first: 200, last: 25_600 };
/** Seconds of each trial; ours begins with those in which V8 compiles. */
const SECONDS = 6;
const COMPILING = 8;

/** Searches, from a little below `last`, what was found before, if given; `tell` hears of each trial. */
export async function measureHighestSessionRate(
  sender: "sipp" | "imstorm",
  halvings: number,
  tell: (text: string) => void,
  last?: HighestSessionRate,
): Promise<HighestSessionRate> {
  const isLossFree = sender === "sipp" ? callBySipp : callByImstorm;
  const hear = (text: string): void => tell(`sessions of ${sender}: ${text}`);
  return { sender, ...await searchRate(isLossFree, { ...RANGE, halvings }, hear, last) };
}

async function callBySipp(rate: number): Promise<boolean> {
  const calls = rate * SECONDS;
  await using answering = await startSippAnswering("invite");
  await using calling = await startSippCalling("invite", {
    target: answering.address,
    users: SIPP_USERS,
    calls,
    rate,
    within: SECONDS * 3000,
  });
  // a call takes 100 ms
  return await hasHeld(calling, calls, SECONDS, 600);
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

/** The measures of RFC 6076 computed a second time, from what went over the sockets, beside those of the summary. */
import { assert, assertEquals } from "@std/assert";
import { summarise, type Summary } from "../../report/summary.ts";
import { sampleManifest } from "../../testing/sample_run.ts";
import { type Logged, Stand } from "./stand.ts";

/** One SIP message of the log, read with expressions of its own. */
interface Seen {
  readonly sent: boolean;
  readonly at: number;
  readonly status: number;
  readonly method: string;
  readonly callId: string;
}

function seenIn(log: readonly Logged[]): Seen[] {
  return log.filter(({ text }) => !text.startsWith("MSRP ")).map(({ direction, text, at }) => ({
    sent: direction === "sent",
    at,
    status: Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0),
    method: /\r\nCSeq: \d+ ([A-Z]+)/.exec(text)![1]!,
    callId: /\r\nCall-ID: (\S+)/.exec(text)![1]!,
  }));
}

/** Measures in milliseconds, as lists; ratios as shares. */
function measuresOf(log: readonly Logged[]) {
  const all = seenIn(log);
  const calls = Map.groupBy(all.filter(({ method }) => method === "INVITE"), ({ callId }) => callId);
  const setup: number[] = [];
  const setupFailed: number[] = [];
  const answered: Map<string, number> = new Map();
  const finals: number[] = [];
  for (const [callId, messages] of calls) {
    const start = messages.find(({ sent, status }) => sent && status === 0)!.at;
    const ringing = messages.find(({ status }) => status > 100 && status < 200)?.at;
    const final = messages.find(({ status }) => status >= 200);
    finals.push(final?.status ?? 408);
    if (final === undefined) continue;
    if (final.status < 300) {
      setup.push((ringing ?? final.at) - start);
      answered.set(callId, final.at);
    } else if (final.status >= 400) setupFailed.push((ringing ?? final.at) - start);
  }
  const byes = Map.groupBy(all.filter(({ method }) => method === "BYE"), ({ callId }) => callId);
  const teardown = [...byes.values()].map((messages) => {
    const [first, answer] = [messages[0]!, messages.find(({ status }) => status === 200)!];
    return answer.at - first.at;
  });
  const duration = [...byes].map(([callId, messages]) => messages[0]!.at - answered.get(callId)!);
  const registers = [
    ...Map.groupBy(all.filter(({ method }) => method === "REGISTER"), ({ callId }) => callId).values(),
  ];
  const registered = registers.map((messages) => ({ first: messages[0]!, last: messages.at(-1)! }));
  const count = (...statuses: number[]): number => finals.filter((status) => statuses.includes(status)).length;
  const redirected = finals.filter((status) => status >= 300 && status < 400).length;
  return {
    RRD: registered.filter(({ last }) => last.status === 200).map(({ first, last }) => last.at - first.at),
    IRA: registered.filter(({ last }) => last.status >= 400 && ![401, 402, 407].includes(last.status)).length /
      registered.length,
    SRD: setup,
    SRD_failed: setupFailed,
    SDD: teardown,
    SDT: duration,
    SER: count(200) / (finals.length - redirected),
    SEER: count(200, 480, 486, 600, 603) / (finals.length - redirected),
    ISA: count(408, 500, 503, 504) / finals.length,
    SCR: byes.size / finals.length,
  };
}

function assertNear(actual: number, expected: number, within: number, what: string): void {
  assert(Math.abs(actual - expected) <= within, `${what}: ${actual}, not ${expected}`);
}

function summaryOf(stand: Stand): Summary["rfc6076"] {
  return summarise(sampleManifest(), [stand.snapshot()]).rfc6076;
}

/** What comes of each attempt, by a seed: minimal standard generator. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = this.#state * 48271 % 2147483647;
    return this.#state % limit;
  }
}

const FINALS = [200, 200, 200, 200, 486, 480, 603, 302, 500, 503, 504, 404, 0];

/** One large message with an outcome and delays by chance. */
async function attempt(stand: Stand, chance: Chance): Promise<void> {
  const { peer } = stand;
  stand.sendLarge();
  const invite = await peer.next("INVITE");
  await stand.pass(10 * chance.below(40));
  const status = FINALS[chance.below(FINALS.length)]!;
  if (status === 0) return await stand.pass(33_000);
  if (chance.below(2) === 0) {
    peer.answer(invite, 180);
    await stand.pass(10 * chance.below(100));
  }
  if (status !== 200) {
    peer.answer(invite, status);
    return await stand.pass(100);
  }
  peer.accept(invite);
  const send = await peer.nextChunk("SEND");
  await stand.pass(10 * chance.below(300));
  peer.answerChunk(send, 200);
  const bye = await peer.next("BYE");
  await stand.pass(10 * chance.below(40));
  peer.answer(bye, 200);
  await stand.quiet();
}

Deno.test("T60 the measures of RFC 6076 come out of the event log as out of the summary (RFC 6076 §4)", async () => {
  await using stand = new Stand({ registerExpires: 1_000_000 });
  const { peer } = stand;
  const chance = new Chance(2026);
  peer.onSend = () => {};
  peer.on("BYE", () => {});
  for (const status of [200, 200, 403, 200, 500, 401, 200, 503]) {
    stand.register();
    const register = await peer.next("REGISTER");
    await stand.pass(10 * chance.below(45));
    peer.answer(register, status, status === 200 ? { headers: [`Contact: ${register.header("Contact")}`] } : {});
    await stand.quiet();
  }
  for (let k = 0; k < 40; k++) await attempt(stand, chance);

  const log = measuresOf(stand.log);
  const summary = summaryOf(stand);
  for (const name of ["IRA", "SER", "SEER", "ISA", "SCR"] as const) {
    assertNear(summary[name]!, log[name], 1e-9, name);
  }
  for (const name of ["RRD", "SRD", "SRD_failed", "SDD", "SDT"] as const) {
    const latency = summary[`${name}_us`];
    assert(log[name].length > 2, name);
    assertEquals(latency.count, log[name].length, name);
    const mean = log[name].reduce((sum, value) => sum + value, 0) / log[name].length;
    // three digits of the histogram, and less than a millisecond
    assertNear(latency.mean! / 1000, mean, 1 + mean / 500, `${name} mean`);
    assertNear(latency.max! / 1000, Math.max(...log[name]), 1 + Math.max(...log[name]) / 500, `${name} max`);
  }
  stand.alice.abandon();
  await stand.end();
});

Deno.test("T60 a ratio over nothing is null, and so is a delay (RFC 6076 §3)", async () => {
  await using stand = new Stand();
  const { IRA, SER, SEER, ISA, SCR, SRD_us, SDD_us } = summaryOf(stand);
  assertEquals([IRA, SER, SEER, ISA, SCR, SRD_us.mean, SDD_us.mean], [null, null, null, null, null, null, null]);
  // redirected only: the denominator of two of them is 0 still
  stand.sendLarge();
  stand.peer.answer(await stand.peer.next("INVITE"), 302);
  await stand.quiet();
  const redirected = summaryOf(stand);
  assertEquals([redirected.SER, redirected.SEER, redirected.ISA], [null, null, 0]);
  await stand.end();
});

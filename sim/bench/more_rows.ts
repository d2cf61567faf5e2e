/** Rows of what is measured beside processor time and losses: rates, sessions, accuracy, timers, bulk. */
import { showMicros, showOctets } from "../report/units.ts";
import type { Accuracy } from "./accuracy.ts";
import type { MessageAccuracy } from "./message_accuracy.ts";
import type { Bulk } from "./bulk.ts";
import type { HighestRate } from "./highest_rate.ts";
import type { HighestSessionRate } from "./highest_session_rate.ts";
import type { RegisteredMemory } from "./memory.ts";
import { type ManyRegistered, refreshesExpected } from "./million.ts";
import type { MicroCost } from "./micro.ts";
import { median } from "./peers.ts";
import type { Punctuality } from "./punctuality.ts";
import type { EachMemory, SessionPair } from "./sessions.ts";
import type { Row } from "./table.ts";

/** The rates of one round, found one after the other against the same kind of answering side. */
export interface RateRound {
  readonly shipped: HighestRate;
  readonly raised: HighestRate;
  readonly own: HighestRate;
}

/** Our highest rate beside each of SIPp's: medians of rounds, the ratio that of each round's own. */
export function highestRateRows(rounds: readonly RateRound[]): Row[] {
  const answerer = rounds[0]!.own.answerer === "own" ? "own" : "SIPp's";
  return (["raised", "shipped"] as const).map((name) => ({
    name: `highest loss-free rate, ${answerer} answering side`,
    measured: `${medianRate(rounds.map(({ own }) => own))}/s`,
    reference: `${name === "raised" ? "SIPp with raised buffers" : "SIPp as shipped"} ${
      medianRate(rounds.map((round) => round[name]))
    }/s`,
    ratio: medianRatio(rounds.map((round) => [round.own, round[name]])),
    bar: name === "raised" ? { kind: "at_least", limit: 2 } : { kind: "none" },
    ...(name === "raised" && { aim: 3 }),
  }));
}

function medianRate(found: readonly { readonly rate: number }[]): number {
  return Math.round(median(found.map(({ rate }) => rate)));
}

/** The median of ours by theirs; null where one of theirs is 0. */
function medianRatio(pairs: readonly (readonly [{ rate: number }, { rate: number }])[]): number | null {
  if (pairs.some(([, reference]) => reference.rate === 0)) return null;
  return median(pairs.map(([own, reference]) => own.rate / reference.rate));
}

/** A large message beside a bare session of SIPp. */
export function sessionRow(pairs: readonly SessionPair[]): Row {
  const held = pairs.every((pair) => pair.held);
  return {
    name: "processor time per large message of 4 KiB, calling side",
    measured: showMicros(median(pairs.map((pair) => pair.imstorm))),
    reference: `SIPp's bare INVITE…BYE ${showMicros(median(pairs.map((pair) => pair.sipp)))}`,
    ratio: held ? median(pairs.map((pair) => pair.imstorm / pair.sipp)) : null,
    bar: { kind: "at_most", limit: 4 },
    aim: 2,
    ...(!held && { note: "not every session was established and released" }),
  };
}

/** The highest rates of sessions of one round. */
export interface SessionRateRound {
  readonly sipp: HighestSessionRate;
  readonly own: HighestSessionRate;
}

/** The highest rate of sessions of both, medians of rounds: told, not judged. */
export function sessionRateRow(rounds: readonly SessionRateRound[]): Row {
  return {
    name: "highest loss-free rate of large messages of 4 KiB",
    measured: `${medianRate(rounds.map(({ own }) => own))}/s`,
    reference: `SIPp's bare INVITE…BYE ${medianRate(rounds.map(({ sipp }) => sipp))}/s`,
    ratio: medianRatio(rounds.map(({ own, sipp }) => [own, sipp])),
    bar: { kind: "none" },
  };
}

/** Two workers beside one: told, not judged; without `two` the machine has too few cores to tell. */
export function workersRow(one: HighestRate, two: HighestRate | undefined): Row {
  const note = two === undefined ? "two workers and an answering side need three cores" : "aim: 1.8";
  return {
    name: "highest loss-free rate of two workers",
    measured: two === undefined ? "-" : `${two.rate}/s`,
    reference: `one worker ${one.rate}/s`,
    ratio: two === undefined || one.rate === 0 ? null : two.rate / one.rate,
    bar: { kind: "none" },
    note,
  };
}

/** Small parts by themselves: told, not judged. */
export function microRows(costs: readonly MicroCost[]): Row[] {
  return costs.map(({ name, mean, p99 }) => ({
    name,
    measured: `${mean.toFixed(mean < 100 ? 1 : 0)} ns`,
    reference: `p99 ${p99.toFixed(p99 < 100 ? 1 : 0)} ns`,
    ratio: null,
    bar: { kind: "none" },
  }));
}

/** Resident memory of both while they call: told, not judged. */
export function sessionResidentRow(pairs: readonly SessionPair[]): Row {
  return {
    name: "resident memory while calling",
    measured: showOctets(median(pairs.map((pair) => pair.imstormResident))),
    reference: `SIPp ${showOctets(median(pairs.map((pair) => pair.sippResident)))}`,
    ratio: median(pairs.map((pair) => pair.imstormResident / pair.sippResident)),
    bar: { kind: "none" },
  };
}

function memoryRow(name: string, each: number, bar: number, aim: number, note: string): Row {
  return {
    name,
    measured: showOctets(each),
    reference: showOctets(bar),
    ratio: each / bar,
    bar: { kind: "at_most", limit: 1 },
    aim: Math.round((aim / bar) * 100) / 100,
    note,
  };
}

/** Memory of each session held, at the calling side, at rest. */
export function heldRow({ many, few, octetsOfMany, octetsOfFew }: EachMemory): Row {
  const each = (octetsOfMany - octetsOfFew) / (many - few);
  const note = `${showOctets(octetsOfMany)} with ${many} sessions, ${showOctets(octetsOfFew)} with ${few}`;
  return memoryRow("held session with an armed timer", each, 4096, 3072, note);
}

/** Memory of each registered client at rest. */
export function idleRow({ clients, rest, restOfOne }: RegisteredMemory): Row {
  const note = `${showOctets(rest)} with ${clients} clients, ${showOctets(restOfOne)} with one`;
  return memoryRow("registered idle client", (rest - restOfOne) / (clients - 1), 1536, 1024, note);
}

/** So many clients that their refreshes are a load of their own. */
export function manyRows(many: ManyRegistered): Row[] {
  const { clients, rate, registrations, refreshes, lapsed, retransmissions } = many;
  const expected = refreshesExpected(clients);
  const most = Math.max(...refreshes);
  const steady = `${Math.min(...registrations)} to ${Math.max(...registrations)} registrations a second of ${rate}`;
  const lost = `${lapsed} lapsed, ${retransmissions} REGISTER sent again`;
  const memory = idleRow(many);
  return [
    {
      ...memory,
      name: `registered client of ${clients}, while they refresh`,
      note: `${memory.note}; ${steady}; ${lost}`,
    },
    {
      name: `refreshes of ${clients} clients, most in a second`,
      measured: `${most}/s`,
      reference: `${Math.round(expected)}/s if even`,
      ratio: lapsed > 0 ? null : most / expected,
      bar: { kind: "at_most", limit: 1.5 },
      note: `${Math.min(...refreshes)}/s at least, ${refreshes.length} s`,
    },
  ];
}

/** Recorded latency beside a capture, at one rate. */
export function accuracyRows(accuracy: Accuracy): Row[] {
  const { rate, recorded, truth, captured, messages, dropped, lagP99 } = accuracy;
  const complete = dropped === 0 && captured === messages;
  const rows = (["p50", "p99"] as const).map((quantile): Row => {
    const error = Math.abs(recorded[quantile] - truth[quantile]);
    return {
      name: `error of ${quantile} of latency at ${rate}/s`,
      measured: showMicros(error),
      reference: showMicros(100),
      ratio: complete ? error / 100 : null,
      bar: { kind: "at_most", limit: 1 },
      aim: 0.5,
      note:
        `recorded ${recorded[quantile]} µs, captured ${Math.round(truth[quantile])} µs; ${captured} of ${messages} ` +
        `messages in the capture, ${dropped} frames dropped`,
    };
  });
  if (rate < 20_000) return rows;
  const lag: Row = {
    name: `schedule lag at ${rate}/s, p99`,
    measured: showMicros(lagP99),
    reference: showMicros(2000),
    ratio: lagP99 / 2000,
    bar: { kind: "at_most", limit: 1 },
    aim: 0.5,
  };
  return [...rows, lag];
}

/** Recorded latency of single messages beside a capture: told beside the quantiles, which the bar is about. */
export function messageAccuracyRow({ rate, messages, compared, p50, p99 }: MessageAccuracy): Row {
  return {
    name: `error of a single latency at ${rate}/s, p99`,
    measured: showMicros(p99),
    reference: showMicros(100),
    bar: { kind: "none" },
    ratio: compared === messages ? p99 / 100 : null,
    note: `p50 ${Math.round(p50)} µs; ${compared} of ${messages} messages in the capture and in the event log`,
  };
}

/** How late timers fire. */
export function punctualityRow({ armed, fired, p50, p99, max }: Punctuality): Row {
  return {
    name: `refresh punctuality with ${armed} armed timers, p99`,
    measured: showMicros(p99),
    reference: showMicros(50_000),
    ratio: p99 / 50_000,
    bar: { kind: "at_most", limit: 1 },
    aim: 0.4,
    note: `${fired} fired, p50 ${showMicros(p50)}, latest ${showMicros(max)}`,
  };
}

/** MSRP on one connection beside raw TCP. */
export function bulkRow(pairs: readonly Bulk[]): Row {
  return {
    name: "MSRP bulk on one connection, octets a second",
    measured: showOctets(median(pairs.map(({ msrp }) => msrp))),
    reference: `raw TCP ${showOctets(median(pairs.map(({ raw }) => raw)))}`,
    ratio: median(pairs.map(({ msrp, raw }) => msrp / raw)),
    bar: { kind: "at_least", limit: 0.15 },
    aim: 0.3,
  };
}

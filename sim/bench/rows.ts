/** What was measured, as ratios beside their bars. */
import { showMicros, showOctets } from "../report/units.ts";
import type { LosslessRun } from "./lossless.ts";
import type { GrowthMemory, RegisteredMemory } from "./memory.ts";
import { type ClientName, median, type Pair } from "./peers.ts";
import type { Row } from "./table.ts";

/** At most so many times the processor time of SIPp, at the rate that decides. */
const CPU_BARS = { batched: { limit: 0.5, aim: 0.35 }, portable: { limit: 1, aim: 0.8 } } as const;
const DECIDING_RATE = 8000;
/** Octets that 10,000 registered clients may take: 60 MiB. */
const REGISTERED_BAR = 60 * 1024 * 1024;
/** Noise of resident memory at rest. */
const GROWTH_BAR = 1.1;

/** Medians of pairs; the ratio is the median of each pair's own. */
export function cpuRows(rate: number, pairs: readonly Pair[]): Row[] {
  const micros = (name: ClientName): number => median(pairs.map((pair) => pair[name].micros));
  return (["portable", "batched"] as const).map((name) => {
    const notHeld = (["sipp", name] as const).filter((each) => pairs.some((pair) => !pair[each].held));
    return {
      name: `processor time per MESSAGE, ${name} UDP, ${rate}/s`,
      measured: `${micros(name).toFixed(1)} µs`,
      reference: `SIPp ${micros("sipp").toFixed(1)} µs`,
      ratio: notHeld.length > 0 ? null : median(pairs.map((pair) => pair[name].micros / pair.sipp.micros)),
      ...(rate === DECIDING_RATE
        ? { bar: { kind: "at_most", limit: CPU_BARS[name].limit }, aim: CPU_BARS[name].aim }
        : { bar: { kind: "none" } }),
      ...(notHeld.length > 0 && { note: `not held by ${notHeld.join(" and ")}` }),
    };
  });
}

/** Medians of the resident memory of the clients of pairs while they send: told, not judged. */
export function residentRows(rate: number, pairs: readonly Pair[]): Row[] {
  const octets = (name: ClientName): number => median(pairs.map((pair) => pair[name].resident));
  return (["portable", "batched"] as const).map((name) => ({
    name: `resident memory while sending, ${name} UDP, ${rate}/s`,
    measured: showOctets(octets(name)),
    reference: `SIPp ${showOctets(octets("sipp"))}`,
    ratio: median(pairs.map((pair) => pair[name].resident / pair.sipp.resident)),
    bar: { kind: "none" },
  }));
}

/** The highest memory of the runs decides. */
export function registeredRow(memory: RegisteredMemory): Row {
  const more = memory.peak - memory.peakOfOne;
  return {
    name: `memory of ${memory.clients} registered clients`,
    measured: showOctets(more),
    reference: showOctets(REGISTERED_BAR),
    ratio: more / REGISTERED_BAR,
    bar: { kind: "at_most", limit: 1 },
    note:
      `the process has ${showOctets(memory.peak)} with them and ${showOctets(memory.peakOfOne)} with one at most, ` +
      `${showOctets(memory.rest)} and ${showOctets(memory.restOfOne)} at rest`,
  };
}

/** Memory at rest decides: under load it is a matter of when V8 collects. */
export function growthRow(memory: GrowthMemory): Row {
  return {
    name: `memory after ${memory.messagesAfter} messages`,
    measured: showOctets(memory.after),
    reference: `${showOctets(memory.before)} after ${memory.messagesBefore}`,
    ratio: memory.after / memory.before,
    bar: { kind: "at_most", limit: GROWTH_BAR },
    note: `highest under load ${showOctets(memory.peakAfter)}, in the first part ${showOctets(memory.peakBefore)}`,
  };
}

/** Everything delivered, and the measurement valid. */
export function losslessRow(run: LosslessRun, rate: number): Row {
  const usable = run.verdict === "passed" && run.duplicated === 0 && run.accepted === run.attempted;
  const p99 = run.p99 === null ? "" : `, p99 of delivery ${showMicros(run.p99)}`;
  return {
    name: `delivered of attempted, ${run.implementation} UDP, ${rate}/s`,
    measured: `${run.delivered}`,
    reference: `${run.attempted}`,
    ratio: usable ? run.delivered / run.attempted : null,
    bar: { kind: "exactly", limit: 1 },
    note: [`${run.retransmissions} retransmissions, ${run.verdict}, ${run.validity}${p99}`, ...run.reasons].join("; "),
  };
}

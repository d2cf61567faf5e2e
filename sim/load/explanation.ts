/** What a run would do, before it does it: for `imstorm explain`. */
import type { Millis } from "../clock/clock.ts";
import { decideMode, type Mode, sizeFor } from "../im/mode.ts";
import type { Population } from "../scenario/population.ts";
import { formatDuration, formatRate, formatSize } from "../scenario/quantity.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Arrivals, emptyArrival } from "./arrivals.ts";
import { type Plan, planOf } from "./plan.ts";

/** What is not in the scenario and still decides what happens. */
export interface ExplanationOptions {
  /** Octets of a typical MESSAGE besides its content. */
  readonly overhead: number;
  /** Workers the run would use; 1 by default. */
  readonly workers?: number;
  /** Messages looked at for sizes and modes, from the first on; a million by default. */
  readonly sample?: number;
}

/** Messages and octets of content. */
export interface Amount {
  messages: number;
  octets: number;
}

/** A stretch of time in which the rate changes linearly. */
export interface RateRow {
  /** From the start of the first phase. */
  readonly at: Millis;
  readonly duration: Millis;
  /** Messages per second at its beginning and its end. */
  readonly from: number;
  readonly to: number;
}

/** One phase in numbers. */
export interface PhaseRow {
  readonly start: Millis;
  readonly duration: Millis;
  readonly arrivals: "uniform" | "poisson";
  readonly messages: number;
  /** Messages of its warm-up, which do not count. */
  uncounted: number;
}

/** Messages of one range of sizes, octets of content in `[least, most]`. */
export interface SizeRow {
  readonly least: number;
  readonly most: number;
  pager: number;
  large: number;
}

/** What a run would do. Exact but for the fields named estimates. */
export interface Explanation {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly rates: readonly RateRow[];
  readonly phases: readonly PhaseRow[];
  /** The sampled messages by mode; the overhead is an estimate, so those near the threshold may change sides. */
  readonly modes: Readonly<Record<Mode, Amount>>;
  readonly sizes: readonly SizeRow[];
  /** Messages which `modes` and `sizes` were made from. */
  readonly sampled: number;
  /** Highest rate, messages per second. */
  readonly peakRate: number;
  /** Estimate: packets sent and received per second at the highest rate. */
  readonly peakPackets: number;
  /** Estimate: local ports in use at one time. */
  readonly ports: { readonly udp: number; readonly tcp: number };
  /** Registration, phases and the longest hold of a session, without the wait for the last outcomes. */
  readonly duration: Millis;
}

/** Packets of a pager message and its 200 at one end of it, RFC 3428 §4. */
const PAGER_PACKETS = 2;
/** Packets of INVITE, 100, 180, 200, ACK, BYE and 200 at one end of a session. */
const SESSION_PACKETS = 7;
/** Packets that open and close one TCP connection, counted at both of its ends. */
const CONNECTION_PACKETS = 14;
/** Octets of a TCP segment on Ethernet; every second one is acknowledged. */
const SEGMENT_SIZE = 1448;
/** A session without hold, from its connection to its release, in milliseconds: a guess. */
const SESSION_DURATION: Millis = 1000;
const SAMPLE = 1_000_000;

/** What a scenario would do. */
export function explain(scenario: Scenario, options: ExplanationOptions): Explanation {
  const plan = planOf(scenario);
  const { workers = 1 } = options;
  const sample = sampleArrivals(plan, scenario, options);
  const rates = plan.phases.flatMap((phase) =>
    phase.segments.filter(({ duration }) => duration > 0)
      .map(({ start, duration, from, to }) => ({ at: phase.start + start, duration, from, to }))
  );
  const peakRate = Math.max(0, ...rates.flatMap(({ from, to }) => [from, to]));
  const perMessage = peakRate / Math.max(1, sample.sampled);
  const overTcp = scenario.populations.some(({ transport }) => transport === "tcp");
  const connections = Math.min(sample.connectionEnds, Math.ceil(sample.connectionTime * (perMessage / 1000)));
  return {
    scenario,
    plan,
    rates,
    ...sample,
    peakRate,
    peakPackets: Math.ceil(sample.packets * perMessage),
    // each worker has one UDP port, listens on TCP for SIP and for MSRP, and keeps a connection to the target
    ports: { udp: workers, tcp: workers * (overTcp ? 3 : 2) + connections },
    duration: plan.registration + plan.duration + sample.longestHold,
  };
}

interface Sample {
  readonly phases: PhaseRow[];
  readonly modes: Record<Mode, Amount>;
  readonly sizes: SizeRow[];
  readonly sampled: number;
  /** Packets of all sampled messages. */
  readonly packets: number;
  /** Ends of connections that serve one session only, of all sampled messages. */
  readonly connectionEnds: number;
  /** Longest time a session is kept after delivery. */
  readonly longestHold: Millis;
  /** How long connections of their own stand, both ends, of all sampled messages together. */
  readonly connectionTime: Millis;
}

/** Goes through the messages as the run will. */
function sampleArrivals(plan: Plan, scenario: Scenario, options: ExplanationOptions): Sample {
  const modes = { pager: { messages: 0, octets: 0 }, large: { messages: 0, octets: 0 } };
  const phases: PhaseRow[] = plan.phases.map(({ start, duration, arrivals, messages }) => ({
    start,
    duration,
    arrivals,
    messages,
    uncounted: 0,
  }));
  const sizes: SizeRow[] = [];
  const senders = scenario.populations.map((population, index) => ({
    population,
    first: plan.populations[index]!.first,
  }));
  const arrivals = new Arrivals(plan, scenario);
  const arrival = emptyArrival();
  const limit = options.sample ?? SAMPLE;
  let sampled = 0;
  let packets = 0;
  let connectionEnds = 0;
  let connectionTime = 0;
  let longestHold = 0;
  while (sampled < limit && arrivals.next(arrival)) {
    sampled++;
    const { population } = senders.findLast(({ first }) => first <= arrival.sender)!;
    const content = arrival.sizeIsTotal ? Math.max(0, arrival.size - options.overhead) : arrival.size;
    const mode = modeOf(content, options.overhead, population);
    const ends = arrival.receiver < 0 ? 1 : 2;
    modes[mode].messages++;
    modes[mode].octets += content;
    sizeRow(sizes, content)[mode]++;
    if (!arrival.counted) phases[arrival.phase]!.uncounted++;
    packets += ends * (mode === "pager" ? PAGER_PACKETS : SESSION_PACKETS + segmentPackets(content));
    if (mode === "pager") continue;
    longestHold = Math.max(longestHold, population.session.hold);
    if (population.msrp.connections === "shared") continue;
    packets += CONNECTION_PACKETS;
    connectionEnds += ends;
    connectionTime += ends * (SESSION_DURATION + population.session.hold);
  }
  const rows = sizes.filter((row) => row !== undefined);
  return { phases, modes, sizes: rows, sampled, packets, connectionEnds, longestHold, connectionTime };
}

function modeOf(content: number, overhead: number, { mode }: Population): Mode {
  return decideMode(sizeFor(mode.sizeBasis, { content, body: content, request: content + overhead }), mode);
}

/** Packets of one MSRP message and its 200 at one end. */
function segmentPackets(content: number): number {
  return Math.ceil((Math.ceil((content + 300) / SEGMENT_SIZE) + 1) * 1.5);
}

/** The row of a size: 0 to 63, then from each power of two to the next. */
function sizeRow(rows: SizeRow[], content: number): SizeRow {
  const index = content < 64 ? 0 : Math.floor(Math.log2(content)) - 5;
  return rows[index] ??= {
    least: index === 0 ? 0 : 2 ** (index + 5),
    most: 2 ** (index + 6) - 1,
    pager: 0,
    large: 0,
  };
}

const BAR_WIDTH = 30;

/** The explanation for people, lines of at most 100 columns. */
export function explanationText(explanation: Explanation): string {
  const { scenario, plan, sampled, peakRate, peakPackets, ports, duration } = explanation;
  const { name, description, target, seed } = scenario;
  const lines = [
    description === "" ? name : `${name}: ${description}`,
    "",
    `target        ${target.uri} (domain ${target.domain}), seed ${seed}`,
    `takes         about ${formatDuration(duration)}, and up to ${
      formatDuration(scenario.limits.drain)
    } for the last outcomes`,
    `clients       ${plan.clients}`,
    ...scenario.populations.map(populationText),
    `messages      ${plan.messages} in ${formatDuration(plan.duration)}`,
    ...explanation.phases.map(phaseText),
    "rate",
    ...explanation.rates.map((row) => rateText(row, peakRate)),
    `modes         ${
      sampled < plan.messages ? `of the first ${sampled} messages` : "by an estimate of the size of headers"
    }`,
    modeText("pager", explanation),
    modeText("large", explanation),
    "sizes         bytes of content",
    ...sizeLines(explanation),
    `peak          ${formatRate(peakRate)} messages, about ${peakPackets} packets a second`,
    `ports         about ${ports.udp} UDP and ${ports.tcp} TCP`,
    `thresholds    ${scenario.thresholds.length === 0 ? "none" : ""}`.trimEnd(),
    ...scenario.thresholds.map((threshold) => `  ${threshold}`),
  ];
  return `${lines.join("\n")}\n`;
}

function populationText({ name, clients, transport, register, messages }: Population): string {
  const registration = register === false
    ? "not registering"
    : `registering at ${formatRate(register.rate)} in ${formatDuration((clients / register.rate) * 1000)}`;
  return `  ${name.padEnd(12)}${clients} over ${transport}, ${registration}, ${receiverText(messages?.to)}`;
}

function receiverText(to: NonNullable<Population["messages"]>["to"] | undefined): string {
  if (to === undefined) return "only receiving";
  return "uri" in to ? `sending to ${to.uri}` : `sending to ${to.population} (${to.pick})`;
}

function phaseText({ start, duration, arrivals, messages, uncounted }: PhaseRow, index: number): string {
  const warmup = uncounted === 0 ? "" : `, of which ${uncounted} are warm-up`;
  const span = `${formatDuration(start)} to ${formatDuration(start + duration)}`;
  return `  ${`phase ${index}`.padEnd(12)}${span}: ${messages}, ${arrivals}${warmup}`;
}

function rateText({ at, duration, from, to }: RateRow, peak: number): string {
  const change = from === to ? formatRate(from) : `${formatRate(from)} to ${formatRate(to)}`;
  return `  ${formatDuration(at).padEnd(12)}${formatDuration(duration).padEnd(10)}${change.padEnd(24)}${
    bar((from + to) / 2 / peak)
  }`;
}

function modeText(mode: Mode, { modes, sampled }: Explanation): string {
  const { messages, octets } = modes[mode];
  const share = sampled === 0 ? 0 : (messages / sampled) * 100;
  const mean = messages === 0 ? "" : `, mean ${formatSize(Math.round(octets / messages))}`;
  return `  ${mode.padEnd(12)}${messages} (${share.toFixed(1)}%)${mean}`;
}

function sizeLines({ sizes }: Explanation): string[] {
  const most = Math.max(1, ...sizes.map(({ pager, large }) => pager + large));
  return sizes.map(({ least, most: last, pager, large }) => {
    const range = `${least} to ${last}`.padEnd(22);
    return `  ${range}${`${pager} pager`.padEnd(16)}${`${large} large`.padEnd(16)}${bar((pager + large) / most)}`;
  });
}

function bar(share: number): string {
  return "#".repeat(Math.round(share * BAR_WIDTH) || (share > 0 ? 1 : 0));
}

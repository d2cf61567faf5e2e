/** What a run will send, looked at before it does: sizes, modes, and what they cost. */
import type { Millis } from "../clock/clock.ts";
import { decideMode, type Mode, sizeFor } from "../im/mode.ts";
import type { Population } from "../scenario/population.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Arrivals } from "./arrivals.ts";
import { VuActions } from "./closed_loop.ts";
import type { Plan } from "./plan.ts";
import { type Arrival, emptyArrival } from "./sendings.ts";

/** Messages and octets of content. */
export interface Amount {
  messages: number;
  octets: number;
}

/** Messages of one range of sizes, octets of content in `[least, most]`. */
export interface SizeRow {
  readonly least: number;
  readonly most: number;
  pager: number;
  large: number;
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

/** Octets of a MESSAGE of ours besides its content, with user names of ordinary length. */
export const TYPICAL_OVERHEAD = 560;

/** Counts messages as the run will start them. */
export class LoadSample {
  readonly modes: Record<Mode, Amount> = { pager: { messages: 0, octets: 0 }, large: { messages: 0, octets: 0 } };
  /** Actions that are no messages, and replies, by name. */
  readonly actions: Record<string, number> = {};
  /** Messages of each phase that do not count. */
  readonly uncounted: number[];
  /** Messages looked at. */
  sampled = 0;
  /** Ends of ours of these messages: the sender's, and the receiver's where it is one of our clients. */
  readonly ends: Record<Mode, number> = { pager: 0, large: 0 };
  /** Octets of content of large messages, sent and received. */
  largeOctets = 0;
  /** Refreshes of sessions that are held, at both ends; not whole. */
  refreshes = 0;
  /** Packets of all of them. */
  packets = 0;
  /** Ends of connections that serve one session only. */
  connectionEnds = 0;
  /** How long those stand, both ends, all together. */
  connectionTime: Millis = 0;
  /** Longest time a session is kept after delivery. */
  longestHold: Millis = 0;
  readonly #plan: Plan;
  readonly #scenario: Scenario;
  readonly #overhead: number;
  readonly #sizes: SizeRow[] = [];

  /** `overhead`: octets of a typical MESSAGE besides its content. */
  constructor(plan: Plan, scenario: Scenario, overhead: number) {
    this.#plan = plan;
    this.#scenario = scenario;
    this.#overhead = overhead;
    this.uncounted = plan.phases.map(() => 0);
  }

  /** Looks at the first messages of the phases with a rate, `limit` of them at most. */
  takeOpen(limit: number): void {
    const arrivals = new Arrivals(this.#plan, this.#scenario);
    const arrival = emptyArrival();
    while (this.sampled < limit && arrivals.next(arrival)) this.#take(arrival);
  }

  /** Looks at `count` iterations of the clients of a closed phase, each client in its turn. */
  takeClosed(phase: number, count: number): void {
    const actions = new VuActions(this.#plan, this.#scenario, phase);
    const arrival = emptyArrival();
    const { length } = actions.clients;
    const { shared } = this.#plan.phases[phase]!.closed!;
    for (let k = 0; k < count; k++) {
      actions.draw(arrival, k % length, shared ? k : Math.floor(k / length));
      this.#take(arrival);
    }
  }

  /** Ranges of sizes that have messages. */
  sizes(): SizeRow[] {
    return this.#sizes.filter((row) => row !== undefined);
  }

  #take(arrival: Arrival): void {
    const { doing } = arrival;
    if (doing !== "message") this.actions[doing] = (this.actions[doing] ?? 0) + 1;
    if (doing !== "message" && doing !== "reply") return;
    this.sampled++;
    const number = this.#plan.populations.findLastIndex(({ first }) => first <= arrival.sender);
    const population = this.#scenario.populations[number]!;
    const content = arrival.sizeIsTotal ? Math.max(0, arrival.size - this.#overhead) : arrival.size;
    const mode = arrival.mode ?? modeOf(content, this.#overhead, population);
    const ends = arrival.receiver < 0 && doing === "message" ? 1 : 2;
    this.modes[mode].messages++;
    this.modes[mode].octets += content;
    this.ends[mode] += ends;
    sizeRow(this.#sizes, content)[mode]++;
    if (!arrival.counted) this.uncounted[arrival.phase]!++;
    this.packets += ends * (mode === "pager" ? PAGER_PACKETS : SESSION_PACKETS + segmentPackets(content));
    if (mode === "pager") return;
    const { hold, expires, refreshAfter, refresh } = population.session;
    this.longestHold = Math.max(this.longestHold, hold);
    this.largeOctets += ends * content;
    if (refresh) this.refreshes += (ends * hold) / (expires * refreshAfter);
    if (population.msrp.connections === "shared") return;
    this.packets += CONNECTION_PACKETS;
    this.connectionEnds += ends;
    this.connectionTime += ends * (SESSION_DURATION + population.session.hold);
  }
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

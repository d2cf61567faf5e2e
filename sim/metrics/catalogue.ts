/** Every metric: name, unit, meaning and RFC term. The only place that knows them all. */
import { FAMILIES, PLAIN_COUNTERS } from "./counter_names.ts";
import { ARRIVALS, type Mode, MODES, OUTCOMES } from "./outcome.ts";

/** What a number stands for. */
export type Unit = "count" | "octets" | "share" | "per second" | "us" | "seconds";

/** What people need to know about a metric. */
export interface MetricEntry {
  readonly name: string;
  readonly unit: Unit;
  readonly meaning: string;
  /** The term of an RFC for the same thing. */
  readonly term?: string;
}

/** A counter; `of` names the counter that says how often it could have counted: 0 there is "no data" for a gate. */
export interface CounterEntry extends MetricEntry {
  readonly of: string;
}

/** A gauge; `merge` says how the values of several workers become one. */
export interface GaugeEntry extends MetricEntry {
  readonly merge: "sum" | "max";
}

/** What is counted of messages, in all and of each mode. */
export const MESSAGE_COUNTS = {
  attempted: "messages that became due and were started",
  accepted_200: "accepted with 200: for large messages, every chunk answered 200 and reported where asked for",
  accepted_202: "accepted with 202: stored or relayed, not yet delivered",
  rejected: "answered by another final response",
  failed: "ended by a fault of transport or session before an answer",
  timed_out: "ended by a timeout of the transaction or of MSRP",
  unanswered: "without an answer when the run ended",
  delivered: "arrived whole at the right client",
  lost: "accepted and not arrived within the grace",
  refused: "not accepted and not arrived",
  open: "fate not known when the run ended",
  unobserved: "sent to a receiver that is not ours",
  duplicated: "further arrivals of a message that had arrived",
  corrupted: "messages that arrived changed",
  truncated: "messages that arrived with fewer octets than were sent",
  misrouted: "messages that arrived at another client",
  late: "messages that arrived after they were counted lost or refused",
  out_of_order: "messages that arrived after one that was due later, of the same sender and receiver",
  unmarked: "deliveries too small for the mark, told apart by sender, receiver and size",
  octets_delivered: "octets of content that arrived whole",
} as const;

/** A part of `messages.*`, `messages.pager.*` and `messages.large.*`. */
export type MessageCount = keyof typeof MESSAGE_COUNTS;

type PlainName = (typeof PLAIN_COUNTERS)[number][0];
type FamilyName = `${(typeof FAMILIES)[number][0]}${string}`;

/** The name of a counter. */
export type CounterName =
  | PlainName
  | `messages.${MessageCount}`
  | `messages.${Mode}.${MessageCount}`
  | FamilyName;

/** All counters with a fixed name. */
export const COUNTERS: readonly CounterEntry[] = [...messageCounters(), ...plainCounters()];

/** All latencies: durations in whole microseconds, from the intended instant unless said otherwise. */
export const LATENCIES = [
  entry("register", "registration due until its final 200, the challenge included"),
  entry(
    "registration_request_delay",
    "first REGISTER sent until its final 200, the challenge included; removals of bindings left out",
    "registration request delay",
  ),
  entry("pager_sent", "due until the octets of the MESSAGE were first handed to the kernel"),
  entry("pager_response", "due until the final response to the MESSAGE, whatever it says"),
  entry("pager_accept", "due until the final 2xx to the MESSAGE"),
  entry("pager_accept_from_sent", "octets handed to the kernel until the final 2xx to the MESSAGE"),
  entry("pager_delivery", "due until the content arrived at the receiver"),
  entry("large_sent", "due until the first INVITE was handed to the kernel"),
  entry("large_response", "due until the final response to the INVITE, whatever it says"),
  entry("large_setup", "due until the 200 to the INVITE"),
  entry("large_connect", "ACK until the MSRP connection was ready"),
  entry("large_transfer", "first octet of content until the last response or report"),
  entry("large_accept", "due until every chunk was answered and reported"),
  entry("large_delivery", "due until the content arrived whole at the receiver"),
  entry("large_teardown", "BYE until its 2xx"),
  entry("large_whole", "due until the session was released, of messages that were delivered; the sum of all phases"),
  entry("large_phase", "one phase of `large_whole`, by its name; see LARGE_PHASES"),
  entry("refresh", "refresh of a session due until its 2xx"),
  entry("refresh_lag", "refresh of a session due until it was sent"),
  entry("refresh_margin", "2xx to a refresh until the moment at which the session would have expired"),
  entry("session_request_delay", "first INVITE until the first non-100 response, successes", "session request delay"),
  entry("session_request_delay_failed", "as session_request_delay, failures", "session request delay"),
  entry("session_disconnect_delay", "first BYE until its 2xx", "session disconnect delay"),
  entry("session_duration", "200 to the INVITE until the first BYE, which was answered", "session duration time"),
  entry("session_duration_failed", "200 to the INVITE until nobody answered the BYE", "session duration time"),
  entry("schedule_lag", "due until the generator started the arrival, without warm-up"),
] as const;

/** The name of a latency. */
export type LatencyName = (typeof LATENCIES)[number]["name"];

/** All gauges: what was true at the end of an interval. */
export const GAUGES = [
  gauge("clients.online", "count", "sum", "clients with a binding"),
  gauge("messages.under_way", "count", "sum", "attempts whose fate is open"),
  gauge("sessions.open", "count", "sum", "sessions under way at the calling side"),
  gauge("sip.transactions", "count", "sum", "live transactions"),
  gauge("msrp.sessions", "count", "sum", "MSRP sessions"),
  gauge("msrp.connections", "count", "sum", "MSRP connections"),
  gauge("load.rate", "per second", "sum", "rate of arrivals asked for"),
  gauge("load.phase", "count", "max", "phase under way, from 0"),
  gauge("generator.cpu_share", "share", "max", "share of one core that a worker used"),
  gauge("generator.memory", "octets", "max", "resident memory of the process"),
  gauge("generator.schedule_lag_p99", "us", "max", "p99 of the schedule lag in the interval"),
  gauge("generator.loop_delay", "us", "max", "longest time that an event loop stood still in the interval"),
  gauge("generator.blind_sockets", "count", "sum", "UDP sockets whose drops in the kernel cannot be known"),
  gauge("generator.descriptors", "count", "max", "open file descriptors of the process"),
  gauge("generator.descriptor_limit", "count", "max", "file descriptors that the process may open"),
  gauge("generator.steal", "share", "max", "share of processor time that the host took from this machine"),
] as const;

/** The name of a gauge. */
export type GaugeName = (typeof GAUGES)[number]["name"];

function* messageCounters(): Generator<CounterEntry> {
  for (const scope of ["", ...MODES.map((mode) => `${mode}.`)]) {
    for (const [part, meaning] of Object.entries(MESSAGE_COUNTS)) {
      const unit = part === "octets_delivered" ? "octets" : "count";
      yield { name: `messages.${scope}${part}`, unit, of: `messages.${scope}attempted`, meaning };
    }
  }
}

function* plainCounters(): Generator<CounterEntry> {
  for (const [name, unit, of, meaning] of PLAIN_COUNTERS) yield { name, unit, of, meaning };
}

function entry<Name extends string>(name: Name, meaning: string, term?: string): MetricEntry & { readonly name: Name } {
  return { name, unit: "us", meaning, ...(term !== undefined && { term }) };
}

function gauge<Name extends string>(
  name: Name,
  unit: Unit,
  merge: "sum" | "max",
  meaning: string,
): GaugeEntry & { readonly name: Name } {
  return { name, unit, merge, meaning };
}

const COUNTERS_BY_NAME: ReadonlyMap<string, CounterEntry> = new Map(COUNTERS.map((each) => [each.name, each]));

/** What is known of a counter, members of families included; undefined when there is none of that name. */
export function counterEntry(name: string): CounterEntry | undefined {
  const fixed = COUNTERS_BY_NAME.get(name);
  if (fixed !== undefined) return fixed;
  const family = FAMILIES.find(([prefix]) => name.startsWith(prefix) && name.length > prefix.length);
  return family && { name, unit: "count", of: family[1], meaning: family[2] };
}

/** The family of a counter and what of its name tells the member; undefined for a counter with a fixed name. */
export function counterFamily(name: string): { readonly prefix: string; readonly member: string } | undefined {
  if (COUNTERS_BY_NAME.has(name)) return undefined;
  const prefix = FAMILIES.find(([each]) => name.startsWith(each) && name.length > each.length)?.[0];
  return prefix && { prefix, member: name.slice(prefix.length) };
}

/** Whether a latency of that name exists. */
export function isLatencyName(name: string): name is LatencyName {
  return LATENCIES.some((each) => each.name === name);
}

/** How gauges of that name are merged; `max` for an unknown one, as of a newer format. */
export function gaugeMerge(name: string): "sum" | "max" {
  return GAUGES.find((each) => each.name === name)?.merge ?? "max";
}

/** The six counts of senders and the five of receivers, each adding up to `attempted`. */
export const SENDER_COUNTS: readonly MessageCount[] = OUTCOMES;
/** See `SENDER_COUNTS`. */
export const RECEIVER_COUNTS: readonly MessageCount[] = ARRIVALS;
/** Counted beside the two sums: a message may be in several of them, or in none. */
export const BESIDE_COUNTS: readonly MessageCount[] = [
  "duplicated",
  "corrupted",
  "truncated",
  "misrouted",
  "late",
  "out_of_order",
  "unmarked",
];

/** Every metric: name, unit, meaning and RFC term. The only place where names of metrics live. */
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

const PLAIN_COUNTERS = [
  ["messages.unknown", "count", "messages.attempted", "arrivals that no attempt explains"],
  ["ledger.unbalanced", "count", "messages.attempted", "ledgers whose counts did not add up when they were closed"],
  ["clients.configured", "count", "clients.configured", "clients of all populations"],
  ["clients.registered", "count", "clients.configured", "clients that registered at least once"],
  ["clients.failed", "count", "clients.configured", "clients that could not register"],
  ["clients.unregistered", "count", "clients.configured", "clients that removed their binding at the end"],
  ["clients.refreshed", "count", "clients.configured", "registrations refreshed before they expired"],
  ["clients.lapsed", "count", "clients.configured", "registrations that could not be refreshed"],
  ["clients.flow_lost", "count", "clients.configured", "registrations whose connection was lost"],
  [
    "clients.registered_again",
    "count",
    "clients.configured",
    "registrations made again after their connection was lost",
  ],
  ["decisions.pager", "count", "messages.attempted", "messages that were decided to be pager mode"],
  ["decisions.large", "count", "messages.attempted", "messages that were decided to be large"],
  ["decisions.at_boundary", "count", "messages.attempted", "messages of exactly the threshold's size"],
  [
    "decisions.switched_after_auth",
    "count",
    "messages.attempted",
    "pager messages that grew over the threshold by credentials",
  ],
  ["sessions.invited", "count", "sessions.invited", "sessions asked for, at the calling side"],
  ["sessions.established", "count", "sessions.invited", "sessions answered 200"],
  ["sessions.released", "count", "sessions.invited", "sessions ended by our BYE"],
  ["sessions.release_unanswered", "count", "sessions.invited", "sessions ended by our BYE, to which no answer came"],
  ["sessions.released_by_peer", "count", "sessions.invited", "sessions ended by the peer's BYE"],
  ["sessions.failed", "count", "sessions.invited", "sessions not established, or broken off"],
  ["sessions.leaked", "count", "sessions.invited", "sessions still open after the run released them"],
  ["session_timer.started", "count", "sessions.invited", "sessions with a session timer"],
  ["session_timer.refreshes_sent", "count", "sessions.invited", "refresh requests we sent"],
  ["session_timer.refreshes_received", "count", "sessions.invited", "refresh requests we answered"],
  ["session_timer.refreshes_failed", "count", "sessions.invited", "refresh requests without a 200"],
  ["session_timer.interval_too_small_422", "count", "sessions.invited", "answers 422 to our interval"],
  ["session_timer.expired", "count", "sessions.invited", "sessions ended because no refresh came"],
  ["audit.sessions_without_bye", "count", "sessions.invited", "sessions from callers that never sent BYE"],
  ["audit.bye_unanswered", "count", "sessions.invited", "BYE requests of ours without any answer"],
  ["audit.bye_before_last_report", "count", "sessions.invited", "BYE of the peer before a message was reported whole"],
  [
    "audit.refresh_late",
    "count",
    "sessions.invited",
    "refreshes of the peer after 60 % of the interval, ours by over 1 s",
  ],
  ["audit.refresh_missing", "count", "sessions.invited", "sessions ended because the peer did not refresh them"],
  ["audit.expired_alive", "count", "sessions.invited", "sessions past their interval that the other side let live"],
  ["audit.dialogs_left", "count", "sessions.invited", "dialogs that were open when everything had been released"],
  ["audit.msrp_sessions_left", "count", "sessions.invited", "MSRP sessions that were open then"],
  ["audit.connections_left", "count", "sessions.invited", "MSRP connections that were open then"],
  ["msrp.chunks_sent", "count", "sessions.invited", "SEND requests we sent"],
  ["msrp.chunks_received", "count", "sessions.invited", "SEND requests we received"],
  ["msrp.reports_sent", "count", "sessions.invited", "REPORT requests we sent"],
  ["msrp.reports_received", "count", "sessions.invited", "REPORT requests we received"],
  ["msrp.connections_opened", "count", "sessions.invited", "connections we opened for MSRP"],
  ["msrp.connections_accepted", "count", "sessions.invited", "connections we accepted for MSRP"],
  ["msrp.connections_reused", "count", "sessions.invited", "sessions of ours that joined others on an open connection"],
  ["msrp.connections_failed", "count", "sessions.invited", "MSRP connections that could not be opened or broke"],
  ["msrp.timed_out", "count", "sessions.invited", "chunks without a response for 30 s"],
  ["msrp.malformed", "count", "sessions.invited", "MSRP octets that could not be read"],
  ["msrp.stray_responses", "count", "sessions.invited", "MSRP responses that match no chunk under way"],
  ["msrp.stray_reports", "count", "sessions.invited", "REPORT requests about no message under way"],
  ["authentication.challenged", "count", "clients.configured", "requests answered 401 or 407"],
  ["authentication.refused", "count", "clients.configured", "challenges that our credentials did not satisfy"],
  ["redirects.followed", "count", "messages.attempted", "3xx to MESSAGE or INVITE that led to another request"],
  [
    "redirects.not_followed",
    "count",
    "messages.attempted",
    "3xx that led nowhere we may go, or not for the first time",
  ],
  ["retry_after.asked", "count", "messages.attempted", "answers 503 that named a time to stay away"],
  ["retry_after.held", "count", "messages.attempted", "messages that waited for that time to pass"],
  ["retry_after.registrations", "count", "clients.configured", "registrations tried again after that time"],
  ["sip.malformed", "count", "clients.configured", "SIP octets that could not be read"],
  ["sip.stray_responses", "count", "clients.configured", "responses that match no transaction"],
  ["sip.absorbed", "count", "clients.configured", "retransmitted requests we answered again without the user"],
  ["transport.switched_to_tcp", "count", "messages.attempted", "requests too large for UDP that went over TCP"],
  ["transport.sent", "count", "clients.configured", "datagrams and stream writes handed to the kernel"],
  ["transport.received", "count", "clients.configured", "datagrams and framed messages received"],
  ["transport.octets_sent", "octets", "clients.configured", "octets handed to the kernel"],
  ["transport.octets_received", "octets", "clients.configured", "octets received"],
  ["transport.send_failed", "count", "clients.configured", "sends that the kernel refused"],
  ["transport.connections_opened", "count", "clients.configured", "SIP connections we opened"],
  ["transport.connections_accepted", "count", "clients.configured", "SIP connections we accepted"],
  ["transport.connections_failed", "count", "clients.configured", "SIP connections that could not be opened or broke"],
  ["transport.pings_sent", "count", "clients.configured", "keep-alives of connections we sent (RFC 5626 §4.4.1)"],
  ["transport.pings_received", "count", "clients.configured", "keep-alives of connections we answered"],
  ["transport.pongs_received", "count", "clients.configured", "answers to our keep-alives"],
  ["generator.arrivals", "count", "generator.arrivals", "messages that became due, warm-up included"],
  ["generator.late_arrivals", "count", "generator.arrivals", "arrivals started later than the limit"],
  [
    "generator.dropped_arrivals",
    "count",
    "generator.arrivals",
    "arrivals never started, because too many were under way",
  ],
  [
    "generator.queued_arrivals",
    "count",
    "generator.arrivals",
    "arrivals that waited for room, because too many were under way",
  ],
  ["generator.iterations", "count", "generator.iterations", "actions that clients began in closed phases"],
  ["actions.replied", "count", "generator.arrivals", "replies to messages that had arrived"],
  ["actions.unanswerable", "count", "generator.arrivals", "replies not sent, as nothing arrived in their patience"],
  ["actions.reregistered", "count", "clients.configured", "bindings made again by an action"],
  ["actions.deregistered", "count", "clients.configured", "bindings removed for a while by an action"],
  ["actions.returned", "count", "clients.configured", "bindings made again after that while"],
  ["actions.failed", "count", "clients.configured", "actions on bindings that the server refused or left unanswered"],
  ["actions.skipped", "count", "clients.configured", "actions on bindings that did not stand or were busy"],
  [
    "generator.queued_messages",
    "count",
    "messages.attempted",
    "messages that waited for an earlier one to the same URI",
  ],
  ["generator.socket_drops", "count", "clients.configured", "datagrams that our kernel dropped at our sockets"],
  [
    "generator.send_buffer_full",
    "count",
    "clients.configured",
    "datagrams that our kernel refused because a send buffer was full",
  ],
  ["generator.latency_overflows", "count", "messages.attempted", "latencies outside 0 to 1 h, recorded at the bound"],
  ["evidence.kept", "count", "messages.attempted", "failures kept with their messages"],
  ["evidence.dropped", "count", "messages.attempted", "failures beyond the bound, counted only"],
] as const;

/** Counters of a family; the rest of the name is a method, a status or a fault. */
const FAMILIES = [
  ["requests.", "messages.attempted", "new requests sent, by method; without retransmissions, ACK and CANCEL"],
  ["retransmissions.", "messages.attempted", "requests sent again by a transaction, by method"],
  ["responses.", "messages.attempted", "final responses received, by method (re-INVITE apart) and status"],
  ["timeouts.", "messages.attempted", "requests without a final response, by method (re-INVITE apart)"],
  ["sip.malformed.", "clients.configured", "SIP octets that could not be read, by fault"],
  ["msrp.malformed.", "sessions.invited", "MSRP octets that could not be read, by fault"],
  ["transport.faults.", "clients.configured", "faults of flows that carry SIP, by fault; no_pong: a dead connection"],
  ["violations.", "clients.configured", "rules that the peer broke in its responses, warm-up included, by rule"],
  ["failures.", "messages.attempted", "attempts and sessions that failed, by reason"],
] as const;

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
  entry("schedule_lag", "due until the generator started the arrival"),
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

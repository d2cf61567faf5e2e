/** Ratios of counters: delivery, success, and the ratios of RFC 6076. */
import type { MetricEntry } from "./catalogue.ts";
import { MODES } from "./outcome.ts";

/**
 * A ratio: the sum of some counters over the sum of others.
 *
 * A name may end in a class of statuses (`responses.REGISTER.5xx`); a name after `-` is subtracted.
 */
export interface RatioEntry extends MetricEntry {
  readonly numerator: readonly string[];
  readonly denominator: readonly string[];
}

/** A ratio's value: a share of 1, null when its denominator is 0; `samples` is the denominator. */
export interface RatioValue {
  readonly share: number | null;
  readonly samples: number;
}

// what a session ended in, not what was on the wire: neither challenges, nor re-INVITEs, nor a warm-up are in these
const refusedBy = (...statuses: (number | "3xx")[]) => statuses.map((status) => `failures.invite_rejected_${status}`);
const INVITES = ["sessions.invited", ...refusedBy("3xx").map((name) => `-${name}`)];
const SUCCESSES = ["sessions.established"];

/** All ratios. */
export const RATIOS: readonly RatioEntry[] = [
  ...["messages", ...MODES].flatMap((scope) => [...messageRatios(scope, scope === "messages" ? "" : `${scope}.`)]),
  ratio(
    "pager.retransmission_ratio",
    "MESSAGE requests sent again over messages attempted",
    ["retransmissions.MESSAGE"],
    ["messages.pager.attempted"],
  ),
  ratio("register.success_ratio", "clients registered over clients", ["clients.registered"], ["clients.configured"]),
  ratio(
    "generator.dropped_ratio",
    "arrivals never started over arrivals",
    ["generator.dropped_arrivals"],
    ["generator.arrivals"],
  ),
  ratio(
    "rfc6076.IRA",
    "REGISTER requests that failed, challenges apart, over all REGISTER requests (RFC 6076 §4.2)",
    [
      "responses.REGISTER.4xx",
      "-responses.REGISTER.401",
      "-responses.REGISTER.402",
      "-responses.REGISTER.407",
      "responses.REGISTER.5xx",
      "responses.REGISTER.6xx",
      "timeouts.REGISTER",
    ],
    ["requests.REGISTER"],
    "ineffective registration attempts",
  ),
  ratio(
    "rfc6076.SER",
    "sessions answered 200 over sessions asked for and not redirected (RFC 6076 §4.6)",
    SUCCESSES,
    INVITES,
    "session establishment ratio",
  ),
  ratio(
    "rfc6076.SEER",
    "sessions answered 200, 480, 486, 600 or 603 over sessions asked for and not redirected (RFC 6076 §4.7)",
    [...SUCCESSES, ...refusedBy(480, 486, 600, 603)],
    INVITES,
    "session establishment effectiveness ratio",
  ),
  ratio(
    "rfc6076.ISA",
    "sessions that failed by 408, 500, 503, 504 or a timeout over sessions asked for (RFC 6076 §4.8)",
    [...refusedBy(408, 500, 503, 504), "failures.invite_timed_out"],
    ["sessions.invited"],
    "ineffective session attempts",
  ),
  ratio(
    "rfc6076.SCR",
    "sessions released by either side, no response missing, over sessions asked for (RFC 6076 §4.9)",
    ["sessions.released", "sessions.released_by_peer", "-sessions.release_unanswered"],
    ["sessions.invited"],
    "session completion ratio",
  ),
];

const RATIOS_BY_NAME: ReadonlyMap<string, RatioEntry> = new Map(RATIOS.map((each) => [each.name, each]));

/** The ratio of that name. */
export function ratioEntry(name: string): RatioEntry | undefined {
  return RATIOS_BY_NAME.get(name);
}

/** The value of a ratio; throws on a name that `RATIOS` does not have. */
export function ratioOf(name: string, counters: Readonly<Record<string, number>>): RatioValue {
  const entry = RATIOS_BY_NAME.get(name);
  if (entry === undefined) throw new TypeError(`Cannot compute ratio "${name}": not in metrics/ratio.ts`);
  const samples = sumOf(entry.denominator, counters);
  return { share: samples > 0 ? sumOf(entry.numerator, counters) / samples : null, samples: Math.max(samples, 0) };
}

/** The sum of counters named as in `RatioEntry`. */
export function sumOf(names: readonly string[], counters: Readonly<Record<string, number>>): number {
  return names.reduce(
    (sum, name) => sum + (name.startsWith("-") ? -one(name.slice(1), counters) : one(name, counters)),
    0,
  );
}

function one(name: string, counters: Readonly<Record<string, number>>): number {
  if (!/[._][1-6]xx$/.test(name)) return counters[name] ?? 0;
  const prefix = name.slice(0, -2);
  let sum = 0;
  for (const [each, count] of Object.entries(counters)) {
    if (each.length === name.length && each.startsWith(prefix)) sum += count;
  }
  return sum;
}

function* messageRatios(scope: string, part: string): Generator<RatioEntry> {
  const of = (name: string): string => `messages.${part}${name}`;
  const attempted = of("attempted");
  const which = scope === "messages" ? "messages" : `${scope} messages`;
  const accepted = [of("accepted_200"), of("accepted_202")];
  yield ratio(`${scope}.success_ratio`, `${which} accepted over attempted`, accepted, [attempted]);
  yield ratio(
    `${scope}.delivery_ratio`,
    `${which} delivered over attempted to receivers of ours`,
    [of("delivered")],
    [attempted, `-${of("unobserved")}`],
  );
}

function ratio(
  name: string,
  meaning: string,
  numerator: readonly string[],
  denominator: readonly string[],
  term?: string,
): RatioEntry {
  return { name, unit: "share", meaning, numerator, denominator, ...(term !== undefined && { term }) };
}

// deno-lint-ignore-file camelcase -- fields are named as in summary.json
/** The measures of RFC 6076 of a run. Delays are in microseconds, ratios are shares of 1 where the RFC has percent. */
import { Histogram, type LatencySummary } from "../metrics/histogram.ts";
import { ratioOf } from "../metrics/ratio.ts";
import type { Totals } from "../metrics/snapshot.ts";

/** Every measure, undefined ones as null. */
export interface Rfc6076Sheet {
  /** Registration Request Delay (RFC 6076 §4.1): of successful registrations only. */
  readonly RRD_us: LatencySummary;
  /** Ineffective Registration Attempts (RFC 6076 §4.2). */
  readonly IRA: number | null;
  /** Session Request Delay of successes (RFC 6076 §4.3.1). */
  readonly SRD_us: LatencySummary;
  /** Session Request Delay of failures (RFC 6076 §4.3.2), never mixed with that of successes. */
  readonly SRD_failed_us: LatencySummary;
  /** Session Disconnect Delay (RFC 6076 §4.4); a BYE that nobody answered has none. */
  readonly SDD_us: LatencySummary;
  /** Session Duration Time of sessions that ended with an answered BYE (RFC 6076 §4.5.1). */
  readonly SDT_us: LatencySummary;
  /** Session Duration Time of sessions whose BYE nobody answered (RFC 6076 §4.5.2). */
  readonly SDT_failed_us: LatencySummary;
  /** Session Establishment Ratio (RFC 6076 §4.6). */
  readonly SER: number | null;
  /** Session Establishment Effectiveness Ratio (RFC 6076 §4.7). */
  readonly SEER: number | null;
  /** Ineffective Session Attempts (RFC 6076 §4.8). */
  readonly ISA: number | null;
  /** Session Completion Ratio (RFC 6076 §4.9). */
  readonly SCR: number | null;
  /** Measures that are not taken, and why. */
  readonly excluded: Readonly<Record<string, string>>;
}

const EXCLUDED: Rfc6076Sheet["excluded"] = {
  HPR: "hops per request is in drafts of the RFC only: an end of the path does not see who forwards by which rule",
};

const NOTHING = new Histogram().summary();

/** The sheet of a run, at the calling side. */
export function rfc6076Of(totals: Totals): Rfc6076Sheet {
  const delay = (name: string): LatencySummary => totals.latencies.get(name)?.summary() ?? NOTHING;
  const ratio = (name: string): number | null => ratioOf(`rfc6076.${name}`, totals.counters).share;
  return {
    RRD_us: delay("registration_request_delay"),
    IRA: ratio("IRA"),
    SRD_us: delay("session_request_delay"),
    SRD_failed_us: delay("session_request_delay_failed"),
    SDD_us: delay("session_disconnect_delay"),
    SDT_us: delay("session_duration"),
    SDT_failed_us: delay("session_duration_failed"),
    SER: ratio("SER"),
    SEER: ratio("SEER"),
    ISA: ratio("ISA"),
    SCR: ratio("SCR"),
    excluded: EXCLUDED,
  };
}

// deno-lint-ignore-file camelcase -- fields are named as in summary.json
/** What RFC 7501 and the test report of RFC 7502 §5 ask a benchmark to say of itself: its set-up, and its rates. */
import type { Totals } from "../metrics/snapshot.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { TransportName } from "../transport/flow.ts";

/** 64*T1 of RFC 3261 §17.1.1.2 (Timer B) and §17.1.2.2 (Timer F). */
const TIMER_B_IN_T1 = 64;
const DEFAULT_T1 = 500;

/** The set-up of a run and its rates without failures; null: not defined, or not tried in this run. */
export interface Rfc7501Sheet {
  /** SIP Transport Protocol (RFC 7501 §3.2.3): as the clients were told; requests over 1300 octets leave UDP for TCP. */
  readonly transports: readonly TransportName[];
  /** Session Attempt Rate (§3.3.1): INVITE sessions a second of load, challenged ones counted once. */
  readonly session_attempt_rate_sps: number | null;
  /** Establishment Threshold Time (§3.3.2): Timer B and Timer F. */
  readonly establishment_threshold_s: number;
  /** Session Duration (§3.3.3): the shortest and the longest time that a session is held after its message. */
  readonly session_duration_least_s: number;
  readonly session_duration_most_s: number;
  /** Associated media (§3.1.4): one MSRP message for each session; §3.3.4 and §3.3.5 are of RTP. */
  readonly media: "MSRP";
  readonly media_streams_per_session: 1;
  /** Whether REGISTER, MESSAGE or INVITE were challenged (§1.1). */
  readonly challenged: boolean;
  /** Session Attempts (§3.1.6), Established Sessions (§3.1.7) and Session Attempt Failures (§3.1.8), of INVITE. */
  readonly session_attempts: number;
  readonly established_sessions: number;
  readonly session_attempt_failures: number;
  /** The same of registrations. */
  readonly registration_attempts: number;
  readonly registrations: number;
  readonly registration_attempt_failures: number;
  /**
   * Session Establishment Rate (§3.4.1): the attempt rate of this run when not one failed. It is a lower bound: the
   * highest such rate is found by a search over runs (RFC 7502 §4.10).
   */
  readonly session_establishment_rate_sps: number | null;
  /** Registration Rate (§3.4.2): the rate asked for when not one failed; a lower bound as well. */
  readonly registration_rate_rps: number | null;
  /** Messages a second when each arrived once and whole; not of the RFC, whose drafts had an IM Rate. */
  readonly im_rate_zero_loss: number | null;
}

/** The sheet of a run; `seconds`: length of the load without warm-up. */
export function rfc7501Of({ populations, timers }: Scenario, totals: Totals, seconds: number): Rfc7501Sheet {
  const count = (name: string): number => totals.counter(name);
  const holds = populations.map(({ session }) => session.hold / 1000);
  const registering = populations.filter(({ register }) => register !== false);
  const rate = (attempts: number): number | null =>
    attempts > 0 && seconds > 0 ? Number((attempts / seconds).toFixed(3)) : null;
  const attempts = count("sessions.invited");
  const established = count("sessions.established");
  const registrations = count("clients.registered");
  const registrationAttempts = registrations + count("clients.failed");
  const registrationRate = registering.reduce((sum, { register }) => sum + (register === false ? 0 : register.rate), 0);
  const messages = count("messages.attempted");
  const isWhole = count("messages.delivered") + count("messages.unobserved") === messages &&
    count("messages.duplicated") === 0;
  return {
    transports: [...new Set(populations.map(({ transport }) => transport))],
    session_attempt_rate_sps: rate(attempts),
    establishment_threshold_s: TIMER_B_IN_T1 * (timers.t1 ?? DEFAULT_T1) / 1000,
    session_duration_least_s: Math.min(...holds),
    session_duration_most_s: Math.max(...holds),
    media: "MSRP",
    media_streams_per_session: 1,
    challenged: count("authentication.challenged") > 0,
    session_attempts: attempts,
    established_sessions: established,
    session_attempt_failures: attempts - established,
    registration_attempts: registrationAttempts,
    registrations,
    registration_attempt_failures: registrationAttempts - registrations,
    session_establishment_rate_sps: established === attempts ? rate(attempts) : null,
    registration_rate_rps: registrations > 0 && registrations === registrationAttempts ? registrationRate : null,
    im_rate_zero_loss: isWhole ? rate(messages) : null,
  };
}

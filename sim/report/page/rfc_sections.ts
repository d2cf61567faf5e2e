/** The sheets that standards ask for: the measures of RFC 6076, and what RFC 7501 asks of a benchmark. */
import type { LatencySummary } from "../../metrics/histogram.ts";
import type { Summary } from "../summary.ts";
import { showCount, showMicros, showRate, showSeconds, showShare } from "../units.ts";
import type { Insertion, Markup } from "./markup.ts";
import { section, tableOf } from "./tables.ts";

/** The measures of RFC 6076; what has no denominator is not shown as 0. */
export function rfc6076Section({ rfc6076: sheet }: Summary): Markup {
  const delay = (latency: LatencySummary): Insertion[] =>
    latency.mean === null || latency.p99 === null || latency.max === null
      ? ["not defined", showCount(latency.count), "", ""]
      : [showMicros(latency.mean), showCount(latency.count), showMicros(latency.p99), showMicros(latency.max)];
  const ratio = (share: number | null): Insertion[] => [share === null ? "not defined" : showShare(share), "", "", ""];
  const rows: Insertion[][] = [
    ["RRD", "Registration Request Delay (§4.1)", ...delay(sheet.RRD_us)],
    ["IRA", "Ineffective Registration Attempts (§4.2)", ...ratio(sheet.IRA)],
    ["SRD", "Session Request Delay, successful (§4.3.1)", ...delay(sheet.SRD_us)],
    ["SRD", "Session Request Delay, failed (§4.3.2)", ...delay(sheet.SRD_failed_us)],
    ["SDD", "Session Disconnect Delay (§4.4)", ...delay(sheet.SDD_us)],
    ["SDT", "Session Duration Time, successful (§4.5.1)", ...delay(sheet.SDT_us)],
    ["SDT", "Session Duration Time, failed (§4.5.2)", ...delay(sheet.SDT_failed_us)],
    ["SER", "Session Establishment Ratio (§4.6)", ...ratio(sheet.SER)],
    ["SEER", "Session Establishment Effectiveness Ratio (§4.7)", ...ratio(sheet.SEER)],
    ["ISA", "Ineffective Session Attempts (§4.8)", ...ratio(sheet.ISA)],
    ["SCR", "Session Completion Ratio (§4.9)", ...ratio(sheet.SCR)],
    ...Object.entries(sheet.excluded).map(([name, why]) => [name, why, "not taken", "", "", ""]),
  ];
  const table = tableOf({
    caption: "Measures of RFC 6076",
    head: ["measure", "name", "value (delays: mean)", "samples", "p99", "max"],
    rows,
    texts: [1],
    isQuiet: true,
  });
  return section("rfc6076", "RFC 6076 sheet", "A ratio without attempts is not defined, and not 0.", table);
}

/** The set-up and the rates of RFC 7501; a rate with failures is not defined. */
export function rfc7501Section({ rfc7501: sheet }: Summary): Markup {
  const rate = (value: number | null): string => value === null ? "not defined" : showRate(value);
  const { session_duration_least_s: least, session_duration_most_s: most } = sheet;
  const rows: Insertion[][] = [
    ["transport of SIP (§3.2.3)", sheet.transports.join(", ")],
    ["session attempt rate (§3.3.1)", rate(sheet.session_attempt_rate_sps)],
    ["establishment threshold time (§3.3.2)", showSeconds(sheet.establishment_threshold_s)],
    [
      "session duration (§3.3.3), as the scenario holds them",
      least === most ? showSeconds(most) : `${showSeconds(least)} to ${showSeconds(most)}`,
    ],
    ["associated media (§3.1.4)", `${sheet.media}, ${sheet.media_streams_per_session} for each session`],
    ["authentication", sheet.challenged ? "challenged" : "not challenged"],
    ["session attempts (§3.1.6)", showCount(sheet.session_attempts)],
    ["established sessions (§3.1.7)", showCount(sheet.established_sessions)],
    ["session attempt failures (§3.1.8)", showCount(sheet.session_attempt_failures)],
    [
      "registration attempts and failures",
      `${showCount(sheet.registration_attempts)}, ${showCount(sheet.registration_attempt_failures)} failed`,
    ],
    ["session establishment rate (§3.4.1)", rate(sheet.session_establishment_rate_sps)],
    ["registration rate (§3.4.2)", rate(sheet.registration_rate_rps)],
    ["messages without loss, not of the RFC", rate(sheet.im_rate_zero_loss)],
  ];
  const table = tableOf({ caption: "Measures of RFC 7501", head: ["measure", "value"], rows, isQuiet: true });
  const lead = "Rates are those of this run when nothing failed: lower bounds, and not defined with failures.";
  return section("rfc7501", "RFC 7501 sheet", lead, table);
}

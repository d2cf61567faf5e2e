/** The sheets of RFC 6076 and RFC 7501 in the report for a terminal. */
import type { LatencySummary } from "../metrics/histogram.ts";
import type { Summary } from "./summary.ts";
import { labelled } from "./table.ts";
import { showCount, showMicros, showRate, showSeconds, showShare } from "./units.ts";

/** The measures of RFC 6076 that are defined. */
export function rfc6076Lines({ rfc6076: sheet }: Summary): string[] {
  const delay = (latency: LatencySummary): string => latency.mean === null ? "n/a" : showMicros(latency.mean);
  const rows: [string, string, string][] = [
    ["RRD", delay(sheet.RRD_us), "registration request delay, mean"],
    ["IRA", showShare(sheet.IRA), "ineffective registration attempts"],
    ["SRD", delay(sheet.SRD_us), "session request delay of successes, mean"],
    ["SRD", delay(sheet.SRD_failed_us), "session request delay of failures, mean"],
    ["SDD", delay(sheet.SDD_us), "session disconnect delay, mean"],
    ["SDT", delay(sheet.SDT_us), "session duration time, mean"],
    ["SDT", delay(sheet.SDT_failed_us), "session duration time of those whose BYE was not answered, mean"],
    ["SER", showShare(sheet.SER), "session establishment ratio"],
    ["SEER", showShare(sheet.SEER), "session establishment effectiveness ratio"],
    ["ISA", showShare(sheet.ISA), "ineffective session attempts"],
    ["SCR", showShare(sheet.SCR), "session completion ratio"],
  ];
  const known = rows.filter(([, value]) => value !== "n/a");
  const width = Math.max(...known.map(([, value]) => value.length), 0);
  return known.map(([name, value, meaning]) => `  ${name.padEnd(6)}${value.padStart(width)}  ${meaning}`);
}

/** The rates of RFC 7501 and the set-up they were measured with; nothing for a run without any attempt. */
export function rfc7501Lines({ rfc7501: sheet }: Summary): string[] {
  const { session_duration_least_s: least, session_duration_most_s: most } = sheet;
  const rates = [
    ["sessions established", sheet.session_establishment_rate_sps],
    ["registrations", sheet.registration_rate_rps],
    ["messages", sheet.im_rate_zero_loss],
  ].flatMap(([what, rate]) => typeof rate === "number" ? [`${what} ${showRate(rate)}`] : []);
  if (sheet.session_attempts === 0 && sheet.registration_attempts === 0) return [];
  const held = least === most ? showSeconds(most) : `${showSeconds(least)} to ${showSeconds(most)}`;
  return [
    ...labelled(
      "set-up",
      `${sheet.transports.join(", ")}, threshold ${showSeconds(sheet.establishment_threshold_s)}, ` +
        `sessions held ${held}, ${sheet.challenged ? "challenged" : "not challenged"}`,
    ),
    ...labelled(
      "attempts",
      `${showCount(sheet.session_attempts)} sessions, ` +
        `${showCount(sheet.session_attempt_failures)} failed; ${
          showCount(sheet.registration_attempts)
        } registrations, ` +
        `${showCount(sheet.registration_attempt_failures)} failed`,
    ),
    ...labelled("no failures", rates.length === 0 ? "at no rate" : `${rates.join(", ")} (lower bounds)`),
  ];
}

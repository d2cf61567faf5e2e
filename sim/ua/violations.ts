// deno-lint-ignore-file camelcase -- keys are names of faults and counters
/** Rules that a peer broke in its responses: counted and kept as evidence, whatever else becomes of the exchange. */
import { toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { Attempt } from "../metrics/attempt.ts";
import type { SdpFault } from "../sdp/msrp_media.ts";
import { headerIdOf } from "../sip/header_name.ts";
import type { Message } from "../sip/message.ts";
import { parseSessionExpires } from "../sip/session_timer.ts";
import { isSuccess } from "../sip/status.ts";
import { keepEvidence } from "./failures.ts";
import type { UserAgent } from "./user_agent.ts";

const CONTACT = headerIdOf("Contact");

/** What a peer did, as it is counted under `violations.`, and the rule against it. */
export const VIOLATIONS = {
  message_2xx_with_body: "a 2xx to MESSAGE has no body (RFC 3428 §7)",
  message_2xx_with_contact: "a 2xx to MESSAGE has no Contact (RFC 3428 §7)",
  response_without_to_tag: "a response other than 100 has a To tag (RFC 3261 §8.2.6.2)",
  invite_2xx_without_contact: "a 2xx to INVITE has a Contact (RFC 3261 §12.1.1)",
  challenge_missing: "401 and 407 bring a challenge (RFC 3261 §22.2, §22.3)",
  min_expires_missing: "423 names the least expiry (RFC 3261 §10.3)",
  min_se_missing: "422 names the least interval (RFC 4028 §6)",
  session_expires_above_asked: "a 2xx does not raise the session interval (RFC 4028 §9)",
  session_expires_without_refresher: "Session-Expires of a 2xx names the refresher (RFC 4028 §9)",
  answer_unreadable: "an answer is a session description (RFC 3264 §6)",
  answer_without_message_media: "an answer has an m-line for each of the offer (RFC 3264 §6)",
  answer_without_connection: "a session description has a c-line (RFC 8866 §5.7)",
  answer_without_path: "an answer has a path (RFC 4975 §8.1)",
  answer_with_bad_path: "a path is made of MSRP URIs (RFC 4975 §8.1)",
  answer_without_accept_types: "an answer has accept-types (RFC 4975 §8.6)",
  answer_with_bad_max_size: "max-size is a number of octets (RFC 4975 §8.6)",
} as const;

/** The name of a violation. */
export type Violation = keyof typeof VIOLATIONS;

/** What is wrong with an answer that cannot be used; port 0 is a refusal and breaks no rule. */
export const ANSWER_VIOLATIONS: Readonly<Record<SdpFault, Violation | undefined>> = {
  bad_sdp: "answer_unreadable",
  no_message_media: "answer_without_message_media",
  rejected: undefined,
  no_connection: "answer_without_connection",
  no_path: "answer_without_path",
  bad_path: "answer_with_bad_path",
  no_accept_types: "answer_without_accept_types",
  bad_max_size: "answer_with_bad_max_size",
};

/** Counts what a response breaks, in a warm-up too, and keeps the response while there is room. */
export function reportViolation(
  agent: UserAgent,
  violation: Violation,
  response: Message,
  at: Millis,
  attempt?: Attempt,
): void {
  agent.settings.recorder.count(`violations.${violation}`);
  keepEvidence(agent.settings, {
    kind: `violation_${violation}`,
    at,
    sender: agent.index,
    attempt,
    detail: () => `${response.status} to ${response.method} of ${agent.aor} breaks a rule: ${VIOLATIONS[violation]}`,
    messages: () => [{ direction: "received", at, text: toText(response.octets) }],
  });
}

/** Reports a final response to MESSAGE that has what it must not have, or lacks its tag. */
export function inspectMessageResponse(agent: UserAgent, response: Message, at: Millis, attempt: Attempt): void {
  if (isSuccess(response.status)) {
    if (response.bodyTo > response.bodyFrom) reportViolation(agent, "message_2xx_with_body", response, at, attempt);
    if (response.lineOf(CONTACT) >= 0) reportViolation(agent, "message_2xx_with_contact", response, at, attempt);
  }
  inspectToTag(agent, response, at, attempt);
}

/** Reports a response other than 100 without a To tag. */
export function inspectToTag(agent: UserAgent, response: Message, at: Millis, attempt?: Attempt): void {
  if (response.status === 100 || response.hasToTag()) return;
  reportViolation(agent, "response_without_to_tag", response, at, attempt);
}

/** Reports a 2xx to INVITE or UPDATE that answers `asked`, the interval we asked for in seconds, as it must not. */
export function inspectTimerAnswer(agent: UserAgent, response: Message, asked: number, at: Millis): void {
  const granted = parseSessionExpires(response.header("Session-Expires") ?? "");
  if (granted === undefined) return;
  if (granted.seconds > asked) reportViolation(agent, "session_expires_above_asked", response, at);
  if (granted.refresher === undefined) reportViolation(agent, "session_expires_without_refresher", response, at);
}

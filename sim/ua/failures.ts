/** Keeps what went wrong, with its messages, for people to look at. */
import { toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { Attempt } from "../metrics/attempt.ts";
import type { UserAgentSettings } from "./settings.ts";

/**
 * Counts a failure by its kind and keeps its texts, made only then, while there is room; `at` is on the endpoint's clock.
 * What fails in a warm-up is in no count, so neither is it kept.
 */
export function keepFailure(
  settings: UserAgentSettings,
  kind: string,
  attempt: Attempt,
  at: Millis,
  request?: () => Uint8Array,
  response?: Uint8Array,
): void {
  if (!attempt.counted) return;
  settings.recorder.count(`failures.${kind}`);
  if (!settings.evidence.wants(kind)) {
    settings.recorder.count("evidence.dropped");
    return;
  }
  settings.recorder.count("evidence.kept");
  settings.evidence.add({
    at,
    kind,
    sender: attempt.sender,
    receiver: attempt.receiver,
    sequence: attempt.sequence,
    mode: attempt.mode,
    detail: `${attempt.mode} message ${attempt.sequence} of ${attempt.size} octets: ${kind.replaceAll("_", " ")}`,
    messages: [
      ...(request === undefined ? [] : [{ direction: "sent" as const, at: attempt.sentAt, text: toText(request()) }]),
      ...(response === undefined ? [] : [{ direction: "received" as const, at, text: toText(response) }]),
    ],
  });
}

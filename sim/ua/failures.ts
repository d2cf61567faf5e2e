/** Keeps what went wrong, with its messages, for people to look at. */
import { toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { CounterName } from "../metrics/catalogue.ts";
import type { EvidenceMessage } from "../metrics/evidence.ts";
import type { Attempt } from "../metrics/attempt.ts";
import type { UserAgentSettings } from "./settings.ts";

/** What is known of a failure besides its attempt. */
export interface FailureTraces {
  /** Makes the request as last sent. */
  readonly request?: (() => Uint8Array) | undefined;
  readonly response?: Uint8Array | undefined;
  /** Call-ID and MSRP URIs of its session. */
  readonly names?: readonly string[];
}

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
  names: readonly string[] = [],
): void {
  if (!attempt.counted) return;
  settings.recorder.count(`failures.${kind}`);
  const detail = () =>
    `${attempt.mode} message ${attempt.sequence} of ${attempt.size} octets: ${kind.replaceAll("_", " ")}`;
  const messages = () => messagesOf(settings, attempt, at, { request, response, names });
  keepEvidence(settings, { kind, at, sender: attempt.sender, attempt, detail, messages });
}

/** Counts what the audit of sessions found, and keeps the messages of the session while there is room. */
export function keepAudit(
  settings: UserAgentSettings,
  name: CounterName & `audit.${string}`,
  at: Millis,
  found: { readonly client: number; readonly detail: string; readonly names: readonly string[] },
): void {
  settings.recorder.count(name);
  const kind = name.replace(".", "_");
  const messages = () => messagesOf(settings, undefined, at, { names: found.names });
  keepEvidence(settings, { kind, at, sender: found.client, detail: () => found.detail, messages });
}

/** Keeps what went wrong with a message, or with a client, while there is room; its texts are made only then. */
export function keepEvidence(
  { evidence, recorder }: Pick<UserAgentSettings, "evidence" | "recorder">,
  found: {
    readonly kind: string;
    readonly at: Millis;
    readonly sender: number;
    readonly attempt?: Attempt | undefined;
    readonly detail: () => string;
    readonly messages: () => EvidenceMessage[];
  },
): void {
  const { kind, at, sender, attempt, detail, messages } = found;
  if (!evidence.wants(kind)) {
    recorder.count("evidence.dropped");
    return;
  }
  recorder.count("evidence.kept");
  evidence.add({
    at,
    kind,
    sender,
    receiver: attempt?.receiver ?? -1,
    sequence: attempt?.sequence ?? -1,
    mode: attempt?.mode,
    detail: detail(),
    messages: messages(),
  });
}

const CALL_ID_REGEXP = /^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)/im;

/** The whole exchange where it is still in the transcript, else what is at hand. */
function messagesOf(
  { transcript }: UserAgentSettings,
  attempt: Attempt | undefined,
  at: Millis,
  { request, response, names = [] }: FailureTraces,
): EvidenceMessage[] {
  const sentAt = attempt?.sentAt ?? at;
  const atHand: EvidenceMessage[] = [
    ...(request === undefined ? [] : [{ direction: "sent" as const, at: sentAt, text: toText(request()) }]),
    ...(response === undefined ? [] : [{ direction: "received" as const, at, text: toText(response) }]),
  ];
  if (transcript === undefined) return atHand;
  const calls = atHand.flatMap(({ text }) => CALL_ID_REGEXP.exec(text)?.[1] ?? []);
  const whole = transcript.around([...calls, ...names], attempt === undefined ? -Infinity : attempt.dueAt - 1);
  // a request sent half a minute ago may be gone from it
  const isWhole = whole.length >= atHand.length &&
    (request === undefined || whole.some(({ direction }) => direction === "sent"));
  return isWhole ? whole : [...atHand, ...whole].toSorted((a, b) => a.at - b.at);
}

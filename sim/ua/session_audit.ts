/** The audit of sessions: what must not be when they end and are refreshed, counted and kept with their messages. */
import type { Millis } from "../clock/clock.ts";
import type { CounterName } from "../metrics/catalogue.ts";
import { keepAudit } from "./failures.ts";
import type { Session } from "./session.ts";

/** Milliseconds that a refresh of ours may leave after its moment: later is the generator's fault. */
const LATEST_REFRESH: Millis = 1000;
/** Share of the interval at which the peer has to have refreshed: half of it (RFC 4028 §10), and a tenth for the way. */
const PEER_SHARE = 0.6;

type AuditName = CounterName & `audit.${string}`;

/** What is found, as people read it. */
const DETAILS = {
  "audit.sessions_without_bye": "the caller never ended its session: we did, on its behalf",
  "audit.bye_unanswered": "our BYE got no answer",
  "audit.bye_before_last_report": "BYE came before the whole message was acknowledged and reported",
  "audit.refresh_late": "a refresh came or left late",
  "audit.refresh_missing": "no refresh came before the session had to be ended (RFC 4028 §10)",
  "audit.expired_alive":
    "the interval was over and the other side still took our BYE with 2xx: it let the session live",
  "audit.dialogs_left": "the dialog was still open when the run had released everything",
} as const satisfies Partial<Record<AuditName, string>>;

/** Counts a finding of a counted session, and keeps its messages while there is room. */
export function auditSession(session: Session, name: keyof typeof DETAILS, at: Millis, more = ""): void {
  if (!session.counted) return;
  const { agent, dialog } = session;
  const detail = `${session.caller ? "session to" : "session from"} ${dialog.remoteUri}: ${DETAILS[name]}${more}`;
  keepAudit(agent.settings, name, at, { client: agent.index, detail, names: [dialog.callId] });
}

/** Judges a refresh of ours by when it left. */
export function auditOwnRefresh(session: Session, dueAt: Millis, at: Millis): void {
  const lag = at - dueAt;
  if (lag > LATEST_REFRESH) auditSession(session, "audit.refresh_late", at, `: ours, by ${(lag / 1000).toFixed(1)} s`);
}

/** Judges a refresh of the peer by when it came; `interval` in seconds. */
export function auditPeerRefresh(session: Session, startedAt: Millis, interval: number, at: Millis): void {
  const share = (at - startedAt) / (interval * 1000);
  if (share <= PEER_SHARE) return;
  auditSession(session, "audit.refresh_late", at, `: the peer's, after ${Math.round(share * 100)} % of ${interval} s`);
}

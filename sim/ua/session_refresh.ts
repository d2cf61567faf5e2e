/**
 * The session timer of one session: refreshes it, obeys the peer's refreshes, and ends it when nobody does (RFC 4028).
 *
 * The refresher sends UPDATE where the peer's Allow names it, else re-INVITE with the description unchanged (§7.4);
 * the other side sends BYE a little before the interval ends (§10).
 */
import { toOctets } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due } from "../clock/wheel.ts";
import type { CounterName } from "../metrics/catalogue.ts";
import type { AnsweredChallenges } from "../sip/client_digest.ts";
import type { Message } from "../sip/message.ts";
import { afterRefreshFailure, glareDelay, refreshMethodFor, refreshOffer } from "../sip/session_refresh.ts";
import {
  acceptSessionTimer,
  answerSessionTimer,
  expiryDelay,
  MinSeMemory,
  parseMinSe,
  refreshDelay,
  refresherOf,
  type SessionTimer,
  type SessionTimerAnswer,
  sessionTimerHeaders,
} from "../sip/session_timer.ts";
import { isProvisional, isSuccess } from "../sip/status.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import type { TransportFault } from "../transport/flow.ts";
import { answerChallenges } from "./authentication.ts";
import type { Outgoing, OutgoingUser } from "./outgoing.ts";
import { nameInside, type Session } from "./session.ts";
import { auditOwnRefresh, auditPeerRefresh, auditSession } from "./session_audit.ts";
import { inspectTimerAnswer, reportViolation } from "./violations.ts";

/** How often one refresh is tried again after 401, 407 or 422. */
const MOST_TRIES = 5;
const NONE_MET = new MinSeMemory();

/** The timer of one session; idle until `start`. */
export class SessionRefresh implements Due, OutgoingUser {
  /** Whether the whole interval went by without a refresh, which was ours to send. */
  hasRunOut = false;
  readonly #session: Session;
  /** Largest Min-SE this session has met (RFC 4028 §7.4); undefined: none yet. */
  #minSe: MinSeMemory | undefined;
  #agreed: SessionTimer | undefined;
  /** Of the interval: the refresh while it is to come, then the end. */
  #alarm: Alarm | undefined;
  /** Another try of a refresh that met one of the peer. */
  #again: Alarm | undefined;
  #dueAt: Millis = 0;
  /** When the interval began. */
  #startedAt: Millis = 0;
  /** Seconds that the last refresh asked for. */
  #askedExpires = 0;
  #tries = 0;
  /** By the present refresh, once it was challenged. */
  #answered: AnsweredChallenges | undefined;
  #pending: Outgoing | undefined;

  /** Belongs to one session; `minSe`: what its invitation met. */
  constructor(session: Session, minSe: MinSeMemory | undefined) {
    this.#session = session;
    if (minSe?.value() !== undefined) this.#minSe = minSe;
  }

  /** The timer in force, undefined when the session does not expire. */
  agreed(): SessionTimer | undefined {
    return this.#agreed;
  }

  /** Takes a Min-SE that the peer named, in seconds; undefined: its message had none. False when it changes nothing. */
  raiseMinSe(minSe: number | undefined): boolean {
    if (minSe === undefined) return false;
    this.#minSe ??= new MinSeMemory();
    return this.#minSe.raise(minSe);
  }

  /** Starts or restarts the interval at the moment of a 2xx; `undefined` switches the timer off. */
  start(agreed: SessionTimer | undefined, at: Millis): void {
    this.stop();
    this.#agreed = agreed;
    this.#startedAt = at;
    if (agreed === undefined) return;
    const { endpoint, session } = this.#session.agent.settings;
    if (agreed.refresher === "us" && session.refresh !== false) {
      this.#alarm = endpoint.wheel.arm(refreshDelay(agreed.expires, session.refreshAfter), this, "refresh", at);
    } else this.#alarm = this.#armExpiry(agreed);
  }

  /** Disarms; the session is ending. */
  stop(): void {
    const { wheel } = this.#session.agent.settings.endpoint;
    if (this.#alarm !== undefined) wheel.cancel(this.#alarm);
    if (this.#again !== undefined) wheel.cancel(this.#again);
  }

  /** From the wheel. */
  due(timer: string, now: Millis): void {
    if (timer === "expiry") {
      this.#count("session_timer.expired");
      this.hasRunOut = this.#agreed?.refresher === "us";
      if (!this.hasRunOut) auditSession(this.#session, "audit.refresh_missing", now);
      this.#session.release("expired");
      return;
    }
    if (timer === "refresh") {
      this.#tries = 0;
      this.#answered = undefined;
      this.#dueAt = this.#alarm?.at ?? now;
      this.#alarm = this.#agreed && this.#armExpiry(this.#agreed);
      this.#count("session_timer.refreshes_due");
      auditOwnRefresh(this.#session, this.#dueAt, now);
      if (this.#session.counted) this.#session.agent.settings.recorder.latency("refresh_lag", now - this.#dueAt);
    }
    this.#send();
  }

  /** A re-INVITE or UPDATE of the peer: refreshes the session whatever its purpose (RFC 4028 §7.4). */
  receive(message: Message, transaction: ServerTransaction, at: Millis): void {
    const { endpoint, session } = this.#session.agent.settings;
    const hasOffer = message.method === "INVITE" || message.body().length > 0;
    if (hasOffer && this.#pending?.content.method === "INVITE") {
      endpoint.respond(transaction, message, 491);
      return;
    }
    this.raiseMinSe(parseMinSe(message.header("Min-SE") ?? ""));
    const answer = answerSessionTimer(message, { minSe: session.minSe });
    if (answer.status === 422) {
      endpoint.respond(transaction, message, 422, { headers: [["Min-SE", String(answer.minSe)]] });
      return;
    }
    this.#count("session_timer.refreshes_received");
    if (this.#agreed?.refresher === "peer") {
      auditPeerRefresh(this.#session, this.#startedAt, this.#agreed.expires, at);
    }
    this.#session.accept(transaction, message, answer, hasOffer ? toOctets(this.#session.description()) : undefined);
    this.start(timerOfAnswer(answer), at);
  }

  /** To our refresh. */
  onResponse(message: Message, outgoing: Outgoing, at: Millis): void {
    const status = message.status;
    const session = this.#session;
    // every later list replaces the one of the initial request: it decides the method of the next refresh
    if (message.header("Allow") !== undefined) session.allow = message.headerValues("Allow");
    if (isProvisional(status)) return;
    const { recorder } = session.agent.settings;
    const method = outgoing.content.method;
    recorder.count(`responses.${nameInside(method)}.${status}`);
    if (isSuccess(status)) {
      // a retransmitted 2xx to a re-INVITE is acknowledged again, and changes nothing else
      if (method === "INVITE") session.acknowledge(message.cseq()!.sequenceNumber);
      if (this.#pending !== outgoing || !session.isConfirmed()) return;
      this.#pending = undefined;
      if (session.counted) this.#recordLatencies(at);
      inspectTimerAnswer(session.agent, message, this.#askedExpires, at);
      if (method === "INVITE" && message.contact() === undefined) {
        reportViolation(session.agent, "invite_2xx_without_contact", message, at);
      }
      session.dialog.refreshTarget(message);
      this.start(this.#accepted(message), at);
      return;
    }
    this.#pending = undefined;
    if (session.isConfirmed()) this.#refused(message, status);
  }

  /** To our refresh: no answer ends the session (RFC 4028 §10). */
  onTimeout(outgoing: Outgoing): void {
    this.#session.agent.settings.recorder.count(`timeouts.${nameInside(outgoing.content.method)}`);
    this.#failed(true);
  }

  /** To our refresh: as a 503, which leaves the session its interval (RFC 3261 §8.1.3.1, RFC 4028 §10). */
  onTransportFault(_outgoing: Outgoing, _fault: TransportFault): void {
    this.#failed(false);
  }

  #recordLatencies(at: Millis): void {
    const { recorder } = this.#session.agent.settings;
    recorder.latency("refresh", at - this.#dueAt);
    // the interval that this answer ends
    if (this.#agreed !== undefined) recorder.latency("refresh_margin", Math.max(0, this.#expiresAt(this.#agreed) - at));
  }

  #accepted(message: Message): SessionTimer | undefined {
    const { session } = this.#session.agent.settings;
    const asked = this.#agreed?.expires;
    return acceptSessionTimer(message, {
      ...(asked === undefined ? {} : { expires: asked }),
      soloRefresh: session.soloRefresh && this.#session.caller,
    });
  }

  #send(): void {
    const session = this.#session;
    if (!session.isConfirmed() || this.#agreed === undefined) return;
    const { session: settings } = session.agent.settings;
    const offer = refreshOffer(this.#agreed, this.#minSe ?? NONE_MET);
    const fields = sessionTimerHeaders(offer);
    this.#askedExpires = offer.expires;
    this.#count("session_timer.refreshes_sent");
    this.#pending = refreshMethodFor(session.allow, settings.refreshMethod) === "UPDATE"
      ? session.request("UPDATE", fields, this)
      : session.request("INVITE", [...fields, ["Content-Type", "application/sdp"]], this, session.description());
  }

  #refused(message: Message, status: number): void {
    const { endpoint } = this.#session.agent.settings;
    const mayTry = ++this.#tries < MOST_TRIES;
    const next = afterRefreshFailure(status);
    if (next === "interval_too_small") {
      if (message.header("Min-SE") === undefined) {
        reportViolation(this.#session.agent, "min_se_missing", message, endpoint.clock.now());
      }
      this.#count("session_timer.interval_too_small_422");
      if (mayTry && this.raiseMinSe(parseMinSe(message.header("Min-SE") ?? ""))) return this.#send();
    } else if (next === "authenticate" && mayTry) {
      this.#answered ??= new Map();
      if (answerChallenges(this.#session.agent, message, this.#answered)) return this.#send();
    } else if (next === "glare" && mayTry) {
      this.#again = endpoint.wheel.arm(glareDelay(this.#session.caller, endpoint.random), this, "again");
      return;
    }
    this.#failed(next === "release");
  }

  #failed(ends: boolean): void {
    this.#pending = undefined;
    this.#count("session_timer.refreshes_failed");
    // 500 and the like do not extend the interval; the expiry alarm ends the session in time (RFC 4028 §10)
    if (ends) this.#session.release("expired");
  }

  /** The refresher ends with its interval, the other side a little before (RFC 4028 §10). */
  #expiresAt({ expires, refresher }: SessionTimer): Millis {
    return this.#startedAt + (refresher === "us" ? expires * 1000 : expiryDelay(expires));
  }

  #armExpiry(agreed: SessionTimer): Alarm {
    const { wheel } = this.#session.agent.settings.endpoint;
    return wheel.arm(this.#expiresAt(agreed) - this.#startedAt, this, "expiry", this.#startedAt);
  }

  #count(name: CounterName): void {
    if (this.#session.counted) this.#session.agent.settings.recorder.count(name);
  }
}

/** The timer that our answer as user agent server began. */
export function timerOfAnswer(answer: SessionTimerAnswer): SessionTimer | undefined {
  if (answer.status !== 200 || answer.expires === undefined) return undefined;
  return { expires: answer.expires, refresher: refresherOf(answer.refresher ?? "uas", "uas") };
}

/**
 * Large mode: one message as a session of its own, released by itself (change request I585 §9).
 *
 * | state      | next                                                                       |
 * | inviting   | 2xx: connecting; refused, timed out: done                                  |
 * | connecting | bound to a connection: sending; refused: releasing                         |
 * | sending    | every chunk acknowledged, reported if asked: holding; failed: releasing    |
 * | holding    | hold time over: releasing                                                  |
 * | releasing  | BYE answered or given up: done                                             |
 */
import { toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due } from "../clock/wheel.ts";
import type { CounterName, LatencyName } from "../metrics/catalogue.ts";
import type { Attempt } from "../metrics/attempt.ts";
import type { Outcome } from "../metrics/outcome.ts";
import type { MsrpSession } from "../msrp/session.ts";
import type { MsrpFailure, MsrpProgress, MsrpSessionUser } from "../msrp/user.ts";
import { connector, isSdpFault, parseMsrpMedia } from "../sdp/msrp_media.ts";
import type { Message } from "../sip/message.ts";
import { acceptSessionTimer } from "../sip/session_timer.ts";
import { classOf } from "../sip/status.ts";
import type { TransportFault } from "../transport/flow.ts";
import { kindSent } from "./content_kinds.ts";
import { keepFailure } from "./failures.ts";
import { Invitation, type InvitationFailure, type InvitationUser } from "./invitation.ts";
import { faultOfAnswer, isFailedRequest, outcomeOf } from "./large_outcome.ts";
import { recordRelease } from "./large_release.ts";
import { LargeTiming } from "./large_timing.ts";
import { closeMsrp, describeMsrp, flowToPath, openMsrp } from "./msrp_offer.ts";
import type { Release, Session } from "./session.ts";
import { auditSession } from "./session_audit.ts";
import type { UserAgent } from "./user_agent.ts";
import { ANSWER_VIOLATIONS, reportViolation } from "./violations.ts";

/** Milliseconds the MSRP connection may take to stand. */
const CONNECT_GUARD: Millis = 5000;
const NO_CONTENT = new Uint8Array(0);
/** The phase that each step of MSRP ends. */
const PHASE_ENDS = { first_octet: "first_octet", last_octet: "transfer", last_ack: "last_ack" } as const;

/** One large message at its sender. */
export class LargeMessage implements InvitationUser, MsrpSessionUser, Due {
  readonly caller = true;
  readonly #agent: UserAgent;
  readonly #counted: boolean;
  /** Until it is settled. */
  #attempt: Attempt | undefined;
  /** Until it is delivered. */
  #content: Uint8Array;
  /** Until it is answered; its transaction keeps it for what may still come. */
  #invitation: Invitation | undefined;
  readonly #msrp: MsrpSession;
  #state: "inviting" | "connecting" | "sending" | "holding" | "releasing" | "done" = "inviting";
  #session: Session | undefined;
  #answeredAt: Millis = 0;
  /** When the MSRP connection stood; the 2xx where it stood already. */
  #readyAt: Millis | undefined;
  #provisionalAt: Millis | undefined;
  readonly #timing: LargeTiming;
  #isDelivered = false;
  #alarm: Alarm | undefined;
  /** Whether the MSRP connection is one that we asked for. */
  #hasConnected = false;

  /** Sends the INVITE at once. */
  constructor(agent: UserAgent, attempt: Attempt, uri: string, content: Uint8Array, anonymous: boolean) {
    this.#agent = agent;
    this.#counted = attempt.counted;
    this.#attempt = attempt;
    this.#content = content;
    const { settings } = agent;
    agent.exchanges.add(this);
    this.#timing = new LargeTiming(attempt.dueAt);
    this.#msrp = openMsrp(settings, this, settings.msrp.setup);
    this.#count("sessions.invited");
    const invitation = new Invitation(agent, { uri, anonymous, counted: attempt.counted, user: this });
    this.#invitation = invitation;
    attempt.transport = invitation.transport();
    settings.ledger.sent(attempt, invitation.sentAt);
  }

  /** Ends early: CANCEL or BYE, whatever the state asks for. */
  abandon(): void {
    if (this.#state === "inviting") this.#invitation?.cancel();
    else this.#release();
  }

  /** From the invitation and the session. */
  description(): string {
    const { settings } = this.#agent;
    return describeMsrp(settings, this.#msrp, { setup: settings.msrp.setup, direction: "sendonly" });
  }

  /** From the invitation. */
  onProvisional(at: Millis): void {
    this.#provisionalAt ??= at;
  }

  /** From the invitation. */
  onAnswered(session: Session, message: Message, at: Millis): void {
    const { settings } = this.#agent;
    this.#session = session;
    this.#answeredAt = at;
    this.#count("sessions.established");
    const { sentAt, askedExpires } = this.#invitation!;
    this.#invitation = undefined;
    this.#latency("session_request_delay", (this.#provisionalAt ?? at) - sentAt);
    this.#latency("large_setup", at - this.#attempt!.dueAt);
    this.#answered(message.status, at);
    this.#timing.end("setup", at);
    const timer = acceptSessionTimer(message, { expires: askedExpires, soloRefresh: settings.session.soloRefresh });
    if (timer !== undefined) this.#count("session_timer.started");
    session.refresh.start(timer, at);
    this.#connect(message, at);
  }

  /** From the invitation. */
  onRefused(failure: InvitationFailure, at: Millis, message: Message | undefined, request: () => Uint8Array): void {
    const kind = failure.kind === "rejected" ? `invite_rejected_${failure.status}` : `invite_${failure.kind}`;
    this.#count("sessions.failed");
    if (message !== undefined) this.#answered(message.status, at);
    if (failure.kind === "rejected" && isFailedRequest(failure.status)) {
      this.#latency("session_request_delay_failed", (this.#provisionalAt ?? at) - this.#invitation!.sentAt);
    }
    keepFailure(this.#agent.settings, kind, this.#attempt!, at, request, message?.octets);
    this.#settle(outcomeOf(failure), at);
    this.#end();
  }

  /** From the wheel. */
  due(timer: string, now: Millis): void {
    if (timer === "guard") this.#fail("msrp_connect_failed", "failed", now);
    else if (this.#state === "holding") this.#release();
  }

  /** From MSRP: the answerer connected to us. */
  onBound(): void {
    if (this.#state !== "connecting") return;
    this.#agent.settings.endpoint.wheel.cancel(this.#alarm!);
    this.#connectedAt(this.#agent.settings.endpoint.clock.now());
    this.#transfer();
  }

  /** From MSRP: our connection stands. */
  onConnected(_session: MsrpSession, at: Millis): void {
    this.#connectedAt(at);
  }

  /** From MSRP. */
  onProgress(_session: MsrpSession, _messageId: string, event: MsrpProgress, at: Millis): void {
    this.#timing.end(PHASE_ENDS[event], at);
  }

  /** From MSRP: all of it was acknowledged. */
  onDelivered(_session: MsrpSession, _messageId: string, at: Millis): void {
    const { session, endpoint } = this.#agent.settings;
    this.#latency("large_transfer", at - (this.#readyAt ?? this.#answeredAt));
    this.#settle("accepted_200", at);
    this.#timing.end("report", at);
    this.#isDelivered = true;
    this.#content = NO_CONTENT;
    this.#state = "holding";
    if (session.hold > 0) this.#alarm = endpoint.wheel.arm(session.hold, this, "hold");
    else this.#release();
  }

  /** From MSRP. */
  onFailed(_session: MsrpSession, _messageId: string, failure: MsrpFailure, at: Millis): void {
    // `onConnectionLost` follows, and knows why
    if (failure === "connection_lost") return;
    if (typeof failure === "object") this.#fail(`msrp_${failure.status}`, "rejected", at);
    else this.#fail(`msrp_${failure}`, failure === "stalled" ? "failed" : "timed_out", at);
    if (failure === "timeout") this.#agent.settings.recorder.count("msrp.timed_out");
  }

  /** From MSRP: a sendonly session gets no content; what comes all the same is counted. */
  onReceived(): void {
    this.#count("failures.msrp_unexpected_content");
  }

  /** From MSRP. */
  onConnectionLost(_session: MsrpSession, fault: TransportFault, at: Millis): void {
    if (this.#state === "connecting" || this.#state === "sending") this.#fail(`msrp_${fault}`, "failed", at);
  }

  /** From the session. */
  onReleased(session: Session, by: Release, at: Millis, teardown: Millis | undefined): void {
    if (this.#state === "connecting" || this.#state === "sending") {
      if (by === "peer") auditSession(session, "audit.bye_before_last_report", at);
      this.#keep(by === "peer" ? "peer_bye_early" : "session_timer_expired", at);
      this.#settle("failed", at);
    }
    if (this.#counted) {
      recordRelease(this.#agent.settings.recorder, { session, by, at, teardown, answeredAt: this.#answeredAt });
    }
    this.#released(by, at, teardown);
    this.#end();
  }

  /** A final response to the INVITE ended its transaction for good. */
  #answered(status: number, at: Millis): void {
    if (!this.#counted) return;
    const latency = at - this.#attempt!.dueAt;
    this.#agent.settings.recorder.latencyBy("large_response", "response", classOf(status), latency);
  }

  /** Phases are those of messages that were delivered and whose session ended as it should. */
  #released(by: Release, at: Millis, teardown: Millis | undefined): void {
    if (!this.#isDelivered || (by !== "peer" && teardown === undefined)) return;
    this.#timing.end("hold", at - (teardown ?? 0));
    this.#timing.end("release", at);
    if (this.#counted) this.#timing.record(this.#agent.settings.recorder);
  }

  #connect(message: Message, at: Millis): void {
    const { settings } = this.#agent;
    this.#state = "connecting";
    const answer = parseMsrpMedia(toText(message.body()));
    const fault = isSdpFault(answer) ? answer : faultOfAnswer(answer, this.#content.length, kindSent(settings));
    const violation = isSdpFault(answer) ? ANSWER_VIOLATIONS[answer] : undefined;
    if (violation !== undefined) reportViolation(this.#agent, violation, message, at, this.#attempt);
    if (isSdpFault(answer) || fault !== undefined) {
      this.#fail(`answer_${fault}`, "failed", at, message.octets);
      return;
    }
    this.#msrp.remotePath = answer.path;
    if (connector(settings.msrp.setup, answer.setup) === "answerer") {
      this.#alarm = settings.endpoint.wheel.arm(CONNECT_GUARD, this, "guard");
      return;
    }
    const flow = flowToPath(settings, answer.path[0]!);
    if (flow === undefined) {
      this.#fail("answer_bad_path", "failed", at, message.octets);
      return;
    }
    this.#hasConnected = true;
    this.#msrp.attach(flow);
    this.#transfer();
  }

  #connectedAt(at: Millis): void {
    if (this.#readyAt !== undefined) return;
    this.#readyAt = at;
    this.#latency("large_connect", at - this.#answeredAt);
    this.#timing.end("connect", at);
  }

  #transfer(): void {
    this.#state = "sending";
    const { settings } = this.#agent;
    const { successReport, failureReport, chunking } = settings.msrp;
    const [messageId, contentType] = [this.#agent.newMessageId(), kindSent(settings)];
    this.#msrp.send({ messageId, contentType, content: this.#content, successReport, failureReport, chunking });
  }

  #fail(kind: string, outcome: Outcome, at: Millis, response?: Uint8Array): void {
    if (this.#state !== "connecting" && this.#state !== "sending") return;
    this.#keep(kind, at, response);
    this.#settle(outcome, at);
    this.#release();
  }

  #keep(kind: string, at: Millis, response?: Uint8Array): void {
    keepFailure(this.#agent.settings, kind, this.#attempt!, at, undefined, response, [this.#msrp.localUri]);
  }

  #count(name: CounterName): void {
    if (this.#counted) this.#agent.settings.recorder.count(name);
  }

  #latency(name: LatencyName, value: Millis): void {
    if (this.#counted) this.#agent.settings.recorder.latency(name, value);
  }

  #settle(outcome: Outcome, at: Millis): void {
    this.#agent.settings.ledger.settle(this.#attempt!, outcome, at);
    this.#attempt = undefined;
  }

  #release(): void {
    if (this.#state === "done" || this.#state === "releasing") return;
    this.#state = "releasing";
    this.#session?.release();
  }

  /** Forgets the MSRP session; a connection nobody uses any more closes after BYE was sent (RFC 4975 §5.4). */
  #end(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    if (this.#alarm !== undefined) this.#agent.settings.endpoint.wheel.cancel(this.#alarm);
    // transactions and cancelled alarms know this object for a while longer
    this.#content = NO_CONTENT;
    closeMsrp(this.#agent.settings, this.#msrp, this.#hasConnected);
    this.#agent.exchanges.delete(this);
  }
}

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
import type { Due } from "../clock/wheel.ts";
import type { Attempt } from "../metrics/ledger.ts";
import type { Outcome } from "../metrics/outcome.ts";
import type { MsrpSession } from "../msrp/session.ts";
import type { MsrpFailure, MsrpSessionUser } from "../msrp/user.ts";
import { parseMsrpUri } from "../msrp/uri.ts";
import { acceptsType, connector, isSdpFault, parseMsrpMedia, writeMsrpOffer } from "../sdp/msrp_media.ts";
import type { Message } from "../sip/message.ts";
import { acceptSessionTimer } from "../sip/session_timer.ts";
import type { TransportFault } from "../transport/flow.ts";
import { keepFailure } from "./failures.ts";
import { Invitation, type InvitationFailure, type InvitationUser } from "./invitation.ts";
import { CONTENT_KIND, openMsrp } from "./msrp_offer.ts";
import type { Release, Session } from "./session.ts";
import type { UserAgent } from "./user_agent.ts";

/** Milliseconds the MSRP connection may take to stand. */
const CONNECT_GUARD = 5000;

/** One large message at its sender. */
export class LargeMessage implements InvitationUser, MsrpSessionUser, Due {
  readonly attempt: Attempt;
  readonly #agent: UserAgent;
  readonly #content: Uint8Array;
  readonly #invitation: Invitation;
  readonly #msrp: MsrpSession;
  #state: "inviting" | "connecting" | "sending" | "holding" | "releasing" | "done" = "inviting";
  #session: Session | undefined;
  #answeredAt: Millis = 0;
  /** When the MSRP connection stood; the 2xx where it stood already. */
  #readyAt: Millis | undefined;
  #provisionalAt: Millis | undefined;

  /** Sends the INVITE at once. */
  constructor(agent: UserAgent, attempt: Attempt, uri: string, content: Uint8Array, anonymous: boolean) {
    this.#agent = agent;
    this.attempt = attempt;
    this.#content = content;
    const { settings } = agent;
    agent.exchanges.add(this);
    attempt.sentAt = settings.endpoint.clock.now();
    const local = openMsrp(settings, this, settings.msrp.setup, "sendonly");
    this.#msrp = local.session;
    settings.recorder.count("sessions.invited");
    this.#invitation = new Invitation(agent, {
      uri,
      description: writeMsrpOffer(local.media),
      anonymous,
      user: this,
    });
  }

  /** Ends early: CANCEL or BYE, whatever the state asks for. */
  abandon(): void {
    if (this.#state === "inviting") this.#invitation.cancel();
    else this.#release();
  }

  /** From the invitation. */
  onProvisional(at: Millis): void {
    this.#provisionalAt ??= at;
  }

  /** From the invitation. */
  onAnswered(session: Session, message: Message, at: Millis): void {
    const { settings } = this.#agent;
    const { recorder } = settings;
    this.#session = session;
    this.#answeredAt = at;
    recorder.count("sessions.established");
    recorder.latency("session_request_delay", (this.#provisionalAt ?? at) - this.#invitation.sentAt());
    if (this.attempt.counted) recorder.latency("large_setup", at - this.attempt.dueAt);
    const timer = acceptSessionTimer(message, {
      expires: settings.session.expires,
      soloRefresh: settings.session.soloRefresh,
    });
    if (timer !== undefined) recorder.count("session_timer.started");
    session.refresh.start(timer, at);
    this.#connect(message, at);
  }

  /** From the invitation. */
  onRefused(failure: InvitationFailure, at: Millis, message: Message | undefined, request: Uint8Array): void {
    const kind = failure.kind === "rejected" ? `invite_rejected_${failure.status}` : `invite_${failure.kind}`;
    this.#agent.settings.recorder.count("sessions.failed");
    const outcome = message !== undefined && failure.kind !== "bad_answer" && failure.kind !== "cancelled"
      ? "rejected"
      : failure.kind === "timed_out"
      ? "timed_out"
      : failure.kind === "cancelled"
      ? "unanswered"
      : "failed";
    keepFailure(this.#agent.settings, kind, this.attempt, at, request, message?.octets);
    this.#settle(outcome, at);
    this.#end();
  }

  /** From the wheel. */
  due(timer: string, now: Millis): void {
    if (timer === "guard") {
      if (this.#state === "connecting") this.#fail("msrp_connect_failed", "failed", now);
    } else if (this.#state === "holding") {
      this.#release();
    }
  }

  /** From MSRP: the answerer connected to us. */
  onBound(): void {
    if (this.#state !== "connecting") return;
    this.#connectedAt(this.#agent.settings.endpoint.clock.now());
    this.#transfer();
  }

  /** From MSRP: our connection stands. */
  onConnected(_session: MsrpSession, at: Millis): void {
    this.#connectedAt(at);
  }

  /** From MSRP: all of it was acknowledged. */
  onDelivered(_session: MsrpSession, _messageId: string, at: Millis): void {
    const { recorder, session, endpoint } = this.#agent.settings;
    if (this.attempt.counted) recorder.latency("large_transfer", at - (this.#readyAt ?? this.#answeredAt));
    this.#settle("accepted_200", at);
    this.#state = "holding";
    if (session.hold > 0) endpoint.wheel.arm(session.hold, this, "hold");
    else this.#release();
  }

  /** From MSRP. */
  onFailed(_session: MsrpSession, _messageId: string, failure: MsrpFailure, at: Millis): void {
    if (typeof failure === "object") this.#fail(`msrp_${failure.status}`, "rejected", at);
    else {this.#fail(
        `msrp_${failure}`,
        failure === "timeout" || failure === "report_missing" ? "timed_out" : "failed",
        at,
      );}
  }

  /** From MSRP: a sendonly session gets no content; what comes all the same is counted. */
  onReceived(): void {
    this.#agent.settings.recorder.count("failures.msrp_unexpected_content");
  }

  /** From MSRP. */
  onConnectionLost(_session: MsrpSession, fault: TransportFault, at: Millis): void {
    if (this.#state === "connecting" || this.#state === "sending") this.#fail(`msrp_${fault}`, "failed", at);
  }

  /** From the session. */
  onReleased(_session: Session, by: Release, at: Millis, teardown: Millis | undefined): void {
    const { recorder } = this.#agent.settings;
    if (this.#state === "connecting" || this.#state === "sending") {
      keepFailure(this.#agent.settings, by === "peer" ? "peer_bye_early" : "session_timer_expired", this.attempt, at);
      this.#settle("failed", at);
    }
    recorder.count(by === "peer" ? "sessions.released_by_peer" : "sessions.released");
    if (teardown !== undefined) {
      recorder.latency("session_disconnect_delay", teardown);
      if (this.attempt.counted) recorder.latency("large_teardown", teardown);
    }
    this.#end();
  }

  #connect(message: Message, at: Millis): void {
    const { settings } = this.#agent;
    const answer = parseMsrpMedia(toText(message.body()));
    if (isSdpFault(answer) || !acceptsType(answer, CONTENT_KIND)) {
      const kind = `answer_${isSdpFault(answer) ? answer : "type"}`;
      keepFailure(settings, kind, this.attempt, at, undefined, message.octets);
      this.#settle("failed", at);
      this.#release();
      return;
    }
    this.#state = "connecting";
    this.#msrp.remotePath = answer.path;
    settings.endpoint.wheel.arm(CONNECT_GUARD, this, "guard");
    if (connector(settings.msrp.setup, answer.setup) === "answerer") return;
    const first = parseMsrpUri(answer.path[0]!);
    if (first === undefined || first.port === undefined) {
      this.#fail("answer_bad_path", "failed", at);
      return;
    }
    const remote = { host: first.host.replace(/^\[|\]$/g, ""), port: first.port };
    const { transports } = settings.endpoint;
    this.#msrp.attach(
      settings.msrp.connections === "shared" ? transports.msrpFlowTo(remote) : transports.openMsrp(remote),
    );
    this.#transfer();
  }

  #connectedAt(at: Millis): void {
    if (this.#readyAt !== undefined) return;
    this.#readyAt = at;
    if (this.attempt.counted) this.#agent.settings.recorder.latency("large_connect", at - this.#answeredAt);
  }

  #transfer(): void {
    this.#state = "sending";
    const { msrp } = this.#agent.settings;
    this.#msrp.send({
      messageId: this.#agent.newMessageId(),
      contentType: CONTENT_KIND,
      content: this.#content,
      successReport: msrp.successReport,
      failureReport: msrp.failureReport,
      chunking: msrp.chunking,
    });
  }

  #fail(kind: string, outcome: Outcome, at: Millis): void {
    if (this.#state !== "connecting" && this.#state !== "sending") return;
    keepFailure(this.#agent.settings, kind, this.attempt, at);
    this.#settle(outcome, at);
    this.#release();
  }

  #settle(outcome: Outcome, at: Millis): void {
    this.#agent.settings.ledger.settle(this.attempt, outcome, at);
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
    this.#agent.closeMsrp(this.#msrp);
    this.#agent.exchanges.delete(this);
  }
}

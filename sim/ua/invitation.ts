/**
 * The initial INVITE of a large-message session (change request I585 §9.1.1): all its header fields, its challenges, its
 * 422 loop, its cancellation, and what every response teaches.
 */
import type { Millis } from "../clock/clock.ts";
import type { AnsweredChallenges } from "../sip/client_digest.ts";
import { Dialog, reversedRouteSet } from "../sip/dialog/dialog.ts";
import { headerIdOf } from "../sip/header_name.ts";
import type { Message } from "../sip/message.ts";
import type { NameAddr } from "../sip/name_addr.ts";
import { MinSeMemory, parseMinSe } from "../sip/session_timer.ts";
import { linesOf } from "../sip/request.ts";
import { sharedValues } from "../sip/shared_values.ts";
import { isProvisional, isSuccess } from "../sip/status.ts";
import type { TransportFault, TransportName } from "../transport/flow.ts";
import { answerChallenges, authorizationFields } from "./authentication.ts";
import { type HeaderFields, type NextHop, Outgoing, type OutgoingUser, type RequestContent } from "./outgoing.ts";
import { ANONYMOUS_FROM, ANONYMOUS_URI, routeLines } from "./pager_form.ts";
import { type Redirection, redirectionOf } from "./redirection.ts";
import { Session, type SessionUser } from "./session.ts";
import { standingLines } from "./standing_lines.ts";
import type { UserAgent } from "./user_agent.ts";
import { inspectTimerAnswer, inspectToTag, reportViolation } from "./violations.ts";

/** How often one INVITE is tried again after 401, 407 or 422 (domain rule: endless 422 must end). */
const MOST_TRIES = 5;
const ALLOW = headerIdOf("Allow");
const NO_SESSIONS: readonly Session[] = [];

/** Why an invitation led to no session. */
export type InvitationFailure =
  | { readonly kind: "rejected"; readonly status: number }
  | { readonly kind: "session_interval_too_small" }
  | { readonly kind: "timed_out" }
  | { readonly kind: "bad_answer" }
  | { readonly kind: "cancelled" }
  | { readonly kind: TransportFault };

/** What hears how an invitation ended; exactly one of both, once. */
export interface InvitationUser extends SessionUser {
  /** The first provisional response other than 100, and each later one. */
  onProvisional(at: Millis): void;
  /** A 2xx arrived and was acknowledged; `message` carries the answer. */
  onAnswered(session: Session, message: Message, at: Millis): void;
  /** No session. `message`: the response that refused, if any. */
  onRefused(failure: InvitationFailure, at: Millis, message: Message | undefined, request: () => Uint8Array): void;
}

/** One initial INVITE, tried again where the answer asks for it. */
export class Invitation implements OutgoingUser, RequestContent {
  readonly method = "INVITE";
  /** Request-URI as last sent. */
  uri: string;
  /** Methods of the latest Allow of any response (change request I585 §9.1.1); undefined before any. */
  allow: readonly string[] | undefined;
  /** The Session Identity by the latest response that had a Contact (change request I585 §9.1.1). */
  identity: Session["identity"];
  /** When the first INVITE was handed down. */
  readonly sentAt: Millis;
  /** Session-Expires of the INVITE as last sent, in seconds. */
  askedExpires: number;
  readonly #agent: UserAgent;
  readonly #uri: string;
  readonly #anonymous: boolean;
  readonly #counted: boolean;
  readonly #user: InvitationUser;
  readonly #callId: string;
  readonly #localTag: string;
  #answered: AnsweredChallenges | undefined;
  #minSe: MinSeMemory | undefined;
  /** Those of all branches that answered 2xx; the first one is the user's. */
  #sessions: readonly Session[] = NO_SESSIONS;
  #sequence = 0;
  #tries = 0;
  #credentials: HeaderFields = [];
  #redirection: Redirection | undefined;
  #outgoing: Outgoing;
  #ended = false;
  #cancelled = false;

  /** Sends at once. `counted`: false in a warm-up. */
  constructor(
    agent: UserAgent,
    call: { uri: string; anonymous: boolean; counted: boolean; user: InvitationUser },
  ) {
    this.#agent = agent;
    this.#uri = this.uri = call.uri;
    this.#anonymous = call.anonymous;
    this.#counted = call.counted;
    this.#user = call.user;
    this.#callId = agent.newCallId();
    this.#localTag = agent.newTag();
    this.askedExpires = agent.settings.session.expires;
    this.#outgoing = this.#send();
    this.sentAt = this.#outgoing.sentAt;
  }

  /** What the INVITE travels over, as last sent. */
  transport(): TransportName {
    return this.#outgoing.transaction.flow.transport;
  }

  /** As `RequestContent`: items 1 to 7 of change request I585 §9.1.1, among what RFC 3261 §8.1.1 asks of every request. */
  lines(): string {
    const agent = this.#agent;
    const { profile, session } = agent.settings;
    const wanted = {
      expires: session.expires,
      ...(session.offeredMinSe === undefined ? {} : { minSe: session.offeredMinSe }),
      ...(session.refresher === "omit" ? {} : { refresher: session.refresher }),
    };
    const offer = this.#minSe?.applyTo(wanted) ?? wanted;
    this.askedExpires = offer.expires;
    const routes = agent.serviceRoute.length === 0 ? "" : routeLines(agent.serviceRoute);
    return `${routes}Max-Forwards: 70\r\n` +
      `From: ${this.#anonymous ? ANONYMOUS_FROM : `<${agent.aor}>`};tag=${this.#localTag}\r\nTo: <${this.#uri}>\r\n` +
      `Call-ID: ${this.#callId}\r\nCSeq: ${this.#sequence} INVITE\r\nContact: ${agent.contact()}\r\n` +
      `Accept-Contact: ${profile.acceptContactLarge}\r\nUser-Agent: ${profile.userAgent}\r\n` +
      `P-Preferred-Identity: <${agent.identity}>\r\n${this.#anonymous ? "Privacy: id\r\n" : ""}` +
      standingLines(profile, offer) + linesOf(this.#credentials) + "Content-Type: application/sdp\r\n";
  }

  /** As `RequestContent`. */
  body(): string {
    return this.#user.description();
  }

  /** Gives up: CANCEL before the final response; a 2xx that crosses is acknowledged and released (RFC 3261 §9.1). */
  cancel(): void {
    if (this.#ended || this.#cancelled) return;
    this.#cancelled = true;
    this.#agent.settings.endpoint.transactions.cancel(this.#outgoing.transaction);
  }

  /** From the transaction. */
  onResponse(message: Message, outgoing: Outgoing, at: Millis): void {
    const status = message.status;
    this.#learn(message);
    if (!isSuccess(status)) inspectToTag(this.#agent, message, at);
    if (isProvisional(status)) {
      if (status !== 100) this.#user.onProvisional(at);
      return;
    }
    if (isSuccess(status)) {
      this.#accepted(message, at);
      return;
    }
    this.#agent.settings.recorder.countBy("responses.INVITE", status);
    if (outgoing !== this.#outgoing || this.#ended) return;
    if (this.#triesAgain(message, at)) {
      this.#outgoing = this.#send();
      return;
    }
    if (status === 503) this.#agent.heedRetryAfter(message, at);
    if (this.#cancelled) this.#refuse({ kind: "cancelled" }, at, message);
    else if (status === 422) this.#refuse({ kind: "session_interval_too_small" }, at, message);
    else this.#refuse({ kind: "rejected", status }, at, message);
  }

  /** From the transaction: Timer B. */
  onTimeout(_outgoing: Outgoing): void {
    this.#agent.settings.recorder.count("timeouts.INVITE");
    this.#refuse({ kind: "timed_out" }, this.#agent.settings.endpoint.clock.now(), undefined);
  }

  /** From the transaction. */
  onTransportFault(_outgoing: Outgoing, fault: TransportFault): void {
    this.#refuse({ kind: fault }, this.#agent.settings.endpoint.clock.now(), undefined);
  }

  #send(): Outgoing {
    const { settings } = this.#agent;
    this.#sequence++;
    settings.recorder.count("requests.INVITE");
    this.uri = this.#redirection?.uri ?? this.#uri;
    this.#credentials = authorizationFields(this.#agent, "INVITE", this.uri);
    return new Outgoing(settings.endpoint, this, this.#hop(), this, this.#agent.source());
  }

  #hop(): NextHop {
    const { target: remote, transport } = this.#agent.settings;
    return this.#redirection?.hop ?? { remote, transport };
  }

  /** Stores Allow and Session Identity of any response to the initial request. */
  #learn(message: Message): void {
    if (message.lineOf(ALLOW) >= 0) this.allow = sharedValues(message, "Allow");
    const contact = message.contact();
    if (contact !== undefined && !(message.status >= 300 && message.status < 400)) {
      this.identity = identityOf(contact);
    }
  }

  #triesAgain(message: Message, at: Millis): boolean {
    if (this.#cancelled || ++this.#tries >= MOST_TRIES) return false;
    switch (message.status) {
      case 401:
      case 407:
        return answerChallenges(this.#agent, message, this.#answered ??= new Map());
      case 422:
        if (this.#counted) this.#agent.settings.recorder.count("session_timer.interval_too_small_422");
        if (message.header("Min-SE") === undefined) reportViolation(this.#agent, "min_se_missing", message, at);
        this.#minSe ??= new MinSeMemory();
        return this.#minSe.raise(parseMinSe(message.header("Min-SE") ?? ""));
      default:
        return this.#follow(message);
    }
  }

  /** Goes where a redirection leads: another Request-URI, and everything else as before (RFC 3261 §8.1.3.4). */
  #follow(message: Message): boolean {
    const found = redirectionOf(this.#agent, message, this.#redirection !== undefined);
    if (found !== undefined) this.#redirection = found;
    return found !== undefined;
  }

  #accepted(message: Message, at: Millis): void {
    const sequence = message.cseq()!.sequenceNumber;
    const known = this.#sessions.find((session) => session.dialog.remoteTag === message.toTag());
    if (known !== undefined) {
      known.acknowledge(sequence);
      return;
    }
    const dialog = this.#dialogOf(message);
    if (dialog === undefined && this.#ended) return;
    this.#agent.settings.recorder.countBy("responses.INVITE", message.status);
    inspectToTag(this.#agent, message, at);
    inspectTimerAnswer(this.#agent, message, this.askedExpires, at);
    if (message.contact() === undefined) reportViolation(this.#agent, "invite_2xx_without_contact", message, at);
    const isUsable = dialog !== undefined && message.contact() !== undefined;
    const isWanted = isUsable && !this.#ended && !this.#cancelled;
    if (dialog !== undefined) {
      const session = this.#confirm(dialog, isWanted);
      this.#sessions = [...this.#sessions, session];
      session.acknowledge(sequence);
      // a branch of a fork beside the first, a 2xx that crossed our CANCEL, or one without Contact: release it (RFC 3261 §13.2.2.4)
      if (!isWanted) session.release();
      else {
        this.#ended = true;
        this.#user.onAnswered(session, message, at);
      }
    }
    if (!isWanted) this.#refuse({ kind: this.#cancelled ? "cancelled" : "bad_answer" }, at, message);
  }

  /** The dialog of a 2xx; one without Contact is addressed as its INVITE was, so that the peer is not left with it. */
  #dialogOf(message: Message): Dialog | undefined {
    const [callId, localTag, remoteUri] = [this.#callId, this.#localTag, this.#uri];
    const localUri = this.#anonymous ? ANONYMOUS_URI : this.#agent.aor;
    const request = { callId, localTag, localUri, remoteUri, sequenceNumber: this.#sequence };
    const dialog = Dialog.fromAnswer(request, message);
    const remoteTag = message.toTag();
    if (dialog !== undefined || remoteTag === "") return dialog;
    const routeSet = reversedRouteSet(message);
    const identity = { callId, localTag, remoteTag, localUri, remoteUri };
    const numbers = { local: this.#sequence, remote: undefined };
    return new Dialog(identity, { remoteTarget: this.#redirection?.uri ?? this.#uri, routeSet }, numbers, "confirmed");
  }

  #confirm(dialog: Dialog, isWanted: boolean): Session {
    const session = new Session({
      agent: this.#agent,
      dialog,
      caller: true,
      counted: this.#counted,
      hop: this.#redirection?.hop,
      credentials: this.#credentials,
      user: isWanted ? this.#user : IGNORED,
      ...(this.#minSe === undefined ? {} : { minSe: this.#minSe }),
    });
    session.learn({ allow: this.allow, identity: this.identity });
    return session;
  }

  #refuse(failure: InvitationFailure, at: Millis, message: Message | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#user.onRefused(failure, at, message, () => this.#outgoing.octets());
  }
}

/** Nobody asks how a surplus branch of a fork ends. */
const IGNORED: SessionUser = { onReleased: () => {}, description: () => "" };

/** Many peers send the same Contact, which is one object then: so is what is kept of it. */
const identities: WeakMap<NameAddr, NonNullable<Session["identity"]>> = new WeakMap();

function identityOf(contact: NameAddr): Session["identity"] {
  const known = identities.get(contact);
  if (known !== undefined) return known;
  const identity = { uri: contact.uri, isFocus: contact.parameters.has("isfocus") };
  identities.set(contact, identity);
  return identity;
}

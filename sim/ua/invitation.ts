/**
 * The initial INVITE of a large-message session (change request I585 §9.1.1): all its header fields, its challenges, its
 * 422 loop, its cancellation, and what every response teaches.
 */
import { toOctets } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { AnsweredChallenges } from "../sip/client_digest.ts";
import { Dialog } from "../sip/dialog/dialog.ts";
import type { Message } from "../sip/message.ts";
import { MinSeMemory, parseMinSe, sessionTimerHeaders } from "../sip/session_timer.ts";
import { isProvisional, isSuccess } from "../sip/status.ts";
import type { TransportFault } from "../transport/flow.ts";
import { answerChallenges, authorizationFields } from "./authentication.ts";
import { type HeaderFields, Outgoing, type OutgoingUser } from "./outgoing.ts";
import { ANONYMOUS_FROM, ANONYMOUS_URI } from "./pager.ts";
import { Session, type SessionUser } from "./session.ts";
import type { UserAgent } from "./user_agent.ts";

/** How often one INVITE is tried again after 401, 407 or 422 (domain rule: endless 422 must end). */
const MOST_TRIES = 5;

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
  onRefused(failure: InvitationFailure, at: Millis, message: Message | undefined, request: Uint8Array): void;
}

/** One initial INVITE, tried again where the answer asks for it. */
export class Invitation implements OutgoingUser {
  readonly #agent: UserAgent;
  readonly #uri: string;
  readonly #description: string;
  readonly #anonymous: boolean;
  readonly #user: InvitationUser;
  readonly #callId: string;
  readonly #localTag: string;
  readonly #answered: AnsweredChallenges = new Map();
  readonly #minSe = new MinSeMemory();
  readonly #forks: Session[] = [];
  #sequence = 0;
  #tries = 0;
  #allow: readonly string[] | undefined;
  #identity: Session["identity"];
  #credentials: HeaderFields = [];
  #outgoing: Outgoing;
  #session: Session | undefined;
  #ended = false;
  #cancelled = false;

  /** Sends at once. */
  constructor(
    agent: UserAgent,
    call: { uri: string; description: string; anonymous: boolean; user: InvitationUser },
  ) {
    this.#agent = agent;
    this.#uri = call.uri;
    this.#description = call.description;
    this.#anonymous = call.anonymous;
    this.#user = call.user;
    this.#callId = agent.newCallId();
    this.#localTag = agent.newTag();
    this.#outgoing = this.#send();
  }

  /** When the first INVITE was handed down. */
  sentAt(): Millis {
    return this.#outgoing.sentAt;
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
    if (isProvisional(status)) {
      if (status !== 100) this.#user.onProvisional(at);
      return;
    }
    this.#agent.settings.recorder.count(`responses.INVITE.${status}`);
    if (isSuccess(status)) {
      this.#accepted(message, at);
      return;
    }
    if (outgoing !== this.#outgoing || this.#ended) return;
    if (this.#triesAgain(message)) {
      this.#outgoing = this.#send();
      return;
    }
    if (this.#cancelled) this.#refuse({ kind: "cancelled" }, at, message);
    else if (status === 422) this.#refuse({ kind: "session_interval_too_small" }, at, message);
    else this.#refuse({ kind: "rejected", status }, at, message);
  }

  /** From the transaction: Timer B. */
  onTimeout(_outgoing: Outgoing): void {
    this.#refuse({ kind: "timed_out" }, this.#agent.settings.endpoint.clock.now(), undefined);
  }

  /** From the transaction. */
  onTransportFault(_outgoing: Outgoing, fault: TransportFault): void {
    this.#refuse({ kind: fault }, this.#agent.settings.endpoint.clock.now(), undefined);
  }

  #send(): Outgoing {
    const { settings } = this.#agent;
    this.#sequence++;
    this.#credentials = authorizationFields(this.#agent, "INVITE", this.#uri);
    const content = {
      method: "INVITE",
      uri: this.#uri,
      headers: () => this.#fields(),
      body: toOctets(this.#description),
    };
    return new Outgoing(settings.endpoint, content, { remote: settings.target, transport: settings.transport }, this);
  }

  /** Items 1 to 7 of change request I585 §9.1.1, among what RFC 3261 §8.1.1 asks of every request. */
  #fields(): HeaderFields {
    const { settings, aor } = this.#agent;
    const { profile, session } = settings;
    const offer = this.#minSe.applyTo({
      expires: session.expires,
      ...(session.offeredMinSe === undefined ? {} : { minSe: session.offeredMinSe }),
      ...(session.refresher === "omit" ? {} : { refresher: session.refresher }),
    });
    return [
      ["Max-Forwards", "70"],
      ["From", `${this.#anonymous ? ANONYMOUS_FROM : `<${aor}>`};tag=${this.#localTag}`],
      ["To", `<${this.#uri}>`],
      ["Call-ID", this.#callId],
      ["CSeq", `${this.#sequence} INVITE`],
      ["Contact", this.#agent.contact()],
      ["Accept-Contact", profile.acceptContactLarge],
      ["User-Agent", profile.userAgent],
      ["P-Preferred-Identity", `<${aor}>`],
      ...(this.#anonymous ? [["Privacy", "id"] as const] : []),
      ["Allow", profile.allow],
      ["Supported", "timer"],
      ...sessionTimerHeaders(offer),
      ...profile.extraLarge,
      ...this.#credentials,
      ["Content-Type", "application/sdp"],
    ];
  }

  /** Stores Allow and Session Identity of any response to the initial request. */
  #learn(message: Message): void {
    if (message.header("Allow") !== undefined) this.#allow = message.headerValues("Allow");
    const contact = message.contact();
    if (contact !== undefined && !(message.status >= 300 && message.status < 400)) {
      this.#identity = { uri: contact.uri, isFocus: contact.parameters.has("isfocus") };
    }
    this.#session?.learn({ allow: this.#allow, identity: this.#identity });
  }

  #triesAgain(message: Message): boolean {
    if (this.#cancelled || ++this.#tries >= MOST_TRIES) return false;
    switch (message.status) {
      case 401:
      case 407:
        return answerChallenges(this.#agent, message, this.#answered);
      case 422:
        this.#agent.settings.recorder.count("session_timer.interval_too_small_422");
        return this.#minSe.raise(parseMinSe(message.header("Min-SE") ?? ""));
      default:
        return false;
    }
  }

  #accepted(message: Message, at: Millis): void {
    if (this.#session !== undefined && message.toTag() === this.#session.dialog.remoteTag) {
      this.#session.acknowledge();
      return;
    }
    const known = this.#forks.find((fork) => fork.dialog.remoteTag === message.toTag());
    if (known !== undefined) {
      known.acknowledge();
      return;
    }
    const session = this.#confirm(message);
    if (session === undefined) {
      this.#refuse({ kind: "bad_answer" }, at, message);
      return;
    }
    session.acknowledge();
    if (this.#ended || this.#cancelled) {
      // another branch of a fork answered too, or the 2xx crossed our CANCEL: release it (RFC 3261 §13.2.2.4)
      this.#forks.push(session);
      session.release();
      if (!this.#ended) this.#refuse({ kind: "cancelled" }, at, message);
      return;
    }
    this.#ended = true;
    this.#session = session;
    this.#user.onAnswered(session, message, at);
  }

  #confirm(message: Message): Session | undefined {
    const { settings, aor } = this.#agent;
    const dialog = Dialog.fromAnswer({
      callId: this.#callId,
      localTag: this.#localTag,
      localUri: this.#anonymous ? ANONYMOUS_URI : aor,
      remoteUri: this.#uri,
      sequenceNumber: this.#sequence,
    }, message);
    if (dialog === undefined) return undefined;
    const first = !this.#ended && !this.#cancelled;
    const session = new Session({
      agent: this.#agent,
      dialog,
      description: this.#description,
      caller: true,
      hop: { remote: settings.target, transport: settings.transport },
      credentials: this.#credentials,
      user: first ? this.#user : IGNORED,
      minSe: this.#minSe,
    });
    session.learn({ allow: this.#allow, identity: this.#identity });
    return session;
  }

  #refuse(failure: InvitationFailure, at: Millis, message: Message | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#user.onRefused(failure, at, message, this.#outgoing.transaction.octets);
  }
}

/** Nobody asks how a surplus branch of a fork ends. */
const IGNORED: SessionUser = { onReleased: () => {} };

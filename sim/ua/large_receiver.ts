/**
 * Large mode at the receiver: accepts the session by itself, takes the content, waits for BYE (domain: OMA 9.2,
 * RFC 4975 §8.8).
 */
import { toOctets, toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due } from "../clock/wheel.ts";
import type { CounterName } from "../metrics/catalogue.ts";
import type { MsrpSession } from "../msrp/session.ts";
import type { MsrpSessionUser } from "../msrp/user.ts";
import { acceptsType, answerSetup, connector, isSdpFault, type MsrpMedia, parseMsrpMedia } from "../sdp/msrp_media.ts";
import { Dialog } from "../sip/dialog/dialog.ts";
import type { Message } from "../sip/message.ts";
import { answerSessionTimer, parseMinSe } from "../sip/session_timer.ts";
import { sharedValues } from "../sip/shared_values.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import type { TransportFault } from "../transport/flow.ts";
import { TEXT_KIND } from "./content_kinds.ts";
import { ENCODINGS_TAKEN, isEncoded } from "./content_encoding.ts";
import { closeMsrp, describeMsrp, flowToPath, openMsrp } from "./msrp_offer.ts";
import { nextHopOf } from "./outgoing.ts";
import { type Release, Session, type SessionUser } from "./session.ts";
import { auditSession } from "./session_audit.ts";
import type { AgreedAnswer } from "./session_messages.ts";
import { timerOfAnswer } from "./session_refresh.ts";
import type { UserAgent } from "./user_agent.ts";

/** Milliseconds that the sender gets to connect, and to release a session whose connection was lost. */
const SENDER_GUARD: Millis = 30_000;

const OFFER_TYPE_REGEXP = /^application\/sdp\s*(?:;|$)/i;

/** Answers an INVITE outside every dialog: a session, or the response that says why not. */
export function receiveInvite(agent: UserAgent, message: Message, transaction: ServerTransaction, at: Millis): void {
  const { endpoint, recorder, session: settings, warmup } = agent.settings;
  const refuse = (status: number, headers: readonly (readonly [string, string])[] = []): void =>
    endpoint.respond(transaction, message, status, { toTag: agent.newTag(), headers });
  if (endpoint.isMerged(message, transaction, at)) {
    refuse(482);
    return;
  }
  const unfit = (): void => {
    if (warmup?.on !== true) recorder.count("failures.offer_refused");
  };
  const type = message.header("Content-Type");
  const isOther = type !== undefined && !OFFER_TYPE_REGEXP.test(type);
  if (isOther || isEncoded(message)) {
    unfit();
    refuse(415, isOther ? [["Accept", "application/sdp"]] : ENCODINGS_TAKEN);
    return;
  }
  const offer = parseMsrpMedia(toText(message.body()));
  if (isSdpFault(offer) || !acceptsType(offer, TEXT_KIND)) {
    unfit();
    refuse(488);
    return;
  }
  const answer = answerSessionTimer(message, { minSe: settings.minSe });
  if (answer.status === 422) {
    refuse(422, [["Min-SE", String(answer.minSe)]]);
    return;
  }
  const dialog = Dialog.fromRequest(message, agent.newTag());
  if (dialog === undefined) {
    refuse(400);
    return;
  }
  new LargeReceiver(agent, dialog, offer, message, transaction, answer, at);
}

/** One large-message session at its receiver. */
class LargeReceiver implements SessionUser, MsrpSessionUser, Due {
  readonly caller = false;
  readonly #agent: UserAgent;
  readonly #msrp: MsrpSession;
  readonly #session: Session;
  readonly #from: string;
  readonly #setup: "active" | "passive";
  #guard: Alarm;
  /** Whether the MSRP connection is one that we asked for. */
  #hasConnected = false;

  constructor(
    agent: UserAgent,
    dialog: Dialog,
    offer: MsrpMedia,
    message: Message,
    transaction: ServerTransaction,
    answer: AgreedAnswer,
    at: Millis,
  ) {
    this.#agent = agent;
    this.#from = message.from()?.uri ?? "";
    const { settings } = agent;
    agent.exchanges.add(this);
    this.#setup = answerSetup(offer.setup, "passive");
    this.#msrp = openMsrp(settings, this, this.#setup);
    this.#msrp.remotePath = offer.path;
    this.#session = new Session({
      agent,
      dialog,
      caller: false,
      counted: settings.warmup?.on !== true,
      hop: nextHopOf(dialog.remoteTarget, { remote: settings.target, transport: settings.transport }),
      credentials: [],
      user: this,
    });
    this.#session.learn({
      allow: message.header("Allow") === undefined ? undefined : sharedValues(message, "Allow"),
      identity: undefined,
    });
    this.#session.refresh.raiseMinSe(parseMinSe(message.header("Min-SE") ?? ""));
    this.#session.accept(transaction, message, answer, toOctets(this.description()));
    this.#session.refresh.start(timerOfAnswer(answer), at);
    this.#guard = this.#armGuard();
    if (connector(offer.setup, this.#setup) === "answerer") this.#connect(offer);
  }

  /** From the wheel: nobody connected, or nobody released the session after its connection was lost. */
  due(): void {
    this.#count("failures.sender_vanished");
    this.#session.release();
  }

  /** From the session. */
  description(): string {
    return describeMsrp(this.#agent.settings, this.#msrp, { setup: this.#setup, direction: "recvonly" });
  }

  /** The run ends before the caller released it. */
  abandon(): void {
    this.#session.release();
  }

  /** From MSRP: from here on the connection says whether the sender is there, and then the session timer. */
  onBound(): void {
    this.#agent.settings.endpoint.wheel.cancel(this.#guard);
  }

  /** From MSRP: nothing is sent but the greeting, which is not told. */
  onDelivered(): void {}

  /** From MSRP: an unanswered greeting; the guard goes on. */
  onFailed(): void {}

  /** From MSRP. */
  onReceived(_session: MsrpSession, received: { content: Uint8Array }, at: Millis): void {
    const { settings, index } = this.#agent;
    this.#agent.settings.endpoint.wheel.cancel(this.#guard);
    settings.onDelivery({ receiver: index, from: this.#from, content: received.content, at });
  }

  /** From MSRP. */
  onConnectionLost(_session: MsrpSession, _fault: TransportFault): void {
    this.#count("failures.msrp_connection_lost");
    this.#agent.settings.endpoint.wheel.cancel(this.#guard);
    this.#guard = this.#armGuard();
  }

  /** From the session. */
  onReleased(session: Session, by: Release, at: Millis): void {
    if (by === "us" || by === "expired") auditSession(session, "audit.sessions_without_bye", at);
    this.#agent.settings.endpoint.wheel.cancel(this.#guard);
    closeMsrp(this.#agent.settings, this.#msrp, this.#hasConnected);
    this.#agent.exchanges.delete(this);
  }

  #count(name: CounterName): void {
    if (this.#session.counted) this.#agent.settings.recorder.count(name);
  }

  #armGuard(): Alarm {
    return this.#agent.settings.endpoint.wheel.arm(SENDER_GUARD, this, "guard");
  }

  #connect(offer: MsrpMedia): void {
    const flow = flowToPath(this.#agent.settings, offer.path[0]!);
    if (flow === undefined) return;
    this.#hasConnected = true;
    this.#msrp.attach(flow);
    this.#msrp.greet();
  }
}

/** Large mode at the receiver: accepts the session by itself, takes the content, waits for BYE (domain: OMA 9.2, RFC 4975 §8.8). */
import { toOctets, toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { MsrpSession } from "../msrp/session.ts";
import type { MsrpSessionUser } from "../msrp/user.ts";
import { parseMsrpUri } from "../msrp/uri.ts";
import {
  acceptsType,
  answerSetup,
  connector,
  isSdpFault,
  type MsrpMedia,
  parseMsrpMedia,
  writeMsrpOffer,
} from "../sdp/msrp_media.ts";
import { Dialog } from "../sip/dialog/dialog.ts";
import type { Message } from "../sip/message.ts";
import { answerSessionTimer, parseMinSe, type SessionTimerAnswer } from "../sip/session_timer.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import type { TransportFault } from "../transport/flow.ts";
import { CONTENT_KIND, openMsrp } from "./msrp_offer.ts";
import { nextHopOf } from "./outgoing.ts";
import { Session, type SessionUser } from "./session.ts";
import { timerOfAnswer } from "./session_refresh.ts";
import type { UserAgent } from "./user_agent.ts";

/** Answers an INVITE outside every dialog: a session, or the response that says why not. */
export function receiveInvite(agent: UserAgent, message: Message, transaction: ServerTransaction, at: Millis): void {
  const { endpoint, recorder, session: settings } = agent.settings;
  const refuse = (status: number, headers: readonly (readonly [string, string])[] = []): void =>
    endpoint.respond(transaction, message, status, { toTag: agent.newTag(), headers });
  const offer = parseMsrpMedia(toText(message.body()));
  if (isSdpFault(offer) || !acceptsType(offer, CONTENT_KIND)) {
    recorder.count("failures.offer_refused");
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
class LargeReceiver implements SessionUser, MsrpSessionUser {
  readonly #agent: UserAgent;
  readonly #msrp: MsrpSession;
  readonly #session: Session;
  readonly #from: string;

  constructor(
    agent: UserAgent,
    dialog: Dialog,
    offer: MsrpMedia,
    message: Message,
    transaction: ServerTransaction,
    answer: Extract<SessionTimerAnswer, { status: 200 }>,
    at: Millis,
  ) {
    this.#agent = agent;
    this.#from = message.from()?.uri ?? "";
    const { settings } = agent;
    agent.exchanges.add(this);
    const setup = answerSetup(offer.setup, "passive");
    const local = openMsrp(settings, this, setup, "recvonly");
    this.#msrp = local.session;
    this.#msrp.remotePath = offer.path;
    const description = writeMsrpOffer(local.media);
    this.#session = new Session({
      agent,
      dialog,
      description,
      caller: false,
      hop: nextHopOf(dialog.remoteTarget, { remote: settings.target, transport: settings.transport }),
      credentials: [],
      user: this,
    });
    this.#session.learn({
      allow: message.header("Allow") === undefined ? undefined : message.headerValues("Allow"),
      identity: undefined,
    });
    this.#session.refresh.minSe.raise(parseMinSe(message.header("Min-SE") ?? ""));
    agent.respondInSession(this.#session, transaction, message, answer, toOctets(description));
    this.#session.refresh.start(timerOfAnswer(answer), at);
    if (connector(offer.setup, setup) === "answerer") this.#connect(offer);
  }

  /** The run ends before the caller released it. */
  abandon(): void {
    this.#session.release();
  }

  onBound(): void {}

  onDelivered(): void {}

  onFailed(): void {}

  onReceived(
    _session: MsrpSession,
    received: { content: Uint8Array },
    at: Millis,
  ): void {
    const { settings, index } = this.#agent;
    settings.onDelivery({ receiver: index, from: this.#from, content: received.content, at });
  }

  onConnectionLost(_session: MsrpSession, _fault: TransportFault): void {
    this.#agent.settings.recorder.count("failures.msrp_connection_lost");
  }

  onReleased(): void {
    this.#agent.closeMsrp(this.#msrp);
    this.#agent.exchanges.delete(this);
  }

  #connect(offer: MsrpMedia): void {
    const first = parseMsrpUri(offer.path[0] ?? "");
    if (first?.port === undefined) return;
    const { endpoint, msrp } = this.#agent.settings;
    const remote = { host: first.host.replace(/^\[|\]$/g, ""), port: first.port };
    const { transports } = endpoint;
    this.#msrp.attach(msrp.connections === "shared" ? transports.msrpFlowTo(remote) : transports.openMsrp(remote));
    this.#msrp.greet();
  }
}

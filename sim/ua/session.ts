/**
 * An established session of a client: its dialog, its session timer and its release (RFC 3261 §12, §15; RFC 4028).
 *
 * | state     | release()  | BYE received | 2xx, 408, 481 or no answer to our BYE |
 * | confirmed | releasing  | released     | –                                     |
 * | releasing | –          | released     | released                              |
 */
import type { Millis } from "../clock/clock.ts";
import type { DialogUser } from "../endpoint/endpoint.ts";
import type { AnsweredChallenges } from "../sip/client_digest.ts";
import type { Dialog } from "../sip/dialog/dialog.ts";
import type { Message } from "../sip/message.ts";
import { writeRequestText } from "../sip/request.ts";
import type { MinSeMemory } from "../sip/session_timer.ts";
import { isProvisional, isSuccess } from "../sip/status.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import type { Flow, TransportFault } from "../transport/flow.ts";
import { AnswerRetransmission } from "./answer_retransmission.ts";
import { answerChallenges, authorizationFields } from "./authentication.ts";
import { type HeaderFields, type NextHop, nextHopOf, Outgoing, type OutgoingUser, uriOfRoute } from "./outgoing.ts";
import { type AgreedAnswer, dialogLines, writeAnswer } from "./session_messages.ts";
import { auditSession } from "./session_audit.ts";
import { SessionRefresh } from "./session_refresh.ts";
import type { UserAgent } from "./user_agent.ts";

/** Why a session ended: we sent BYE, the peer did, its timer ran out, or our 2xx was never acknowledged. */
export type Release = "us" | "peer" | "expired" | "unacknowledged";

/** What hears of a session's end. */
export interface SessionUser {
  /** The session is over; called once. `teardown`: milliseconds from our first BYE to its 2xx, undefined without one. */
  onReleased(session: Session, by: Release, at: Millis, teardown: Millis | undefined): void;
  /** Our session description, the same each time: every refresh repeats it (RFC 4975 §8.4). */
  description(): string;
}

/** What a session is made of. */
export interface SessionParts {
  readonly agent: UserAgent;
  readonly dialog: Dialog;
  /** Whether we sent the INVITE that began it: owner of the Call-ID. */
  readonly caller: boolean;
  /** False in a warm-up: in no count of sessions and their timers. */
  readonly counted: boolean;
  /** Where requests go when the dialog's own addresses are not numeric; absent: where all go. */
  readonly hop?: NextHop | undefined;
  /** Credentials the INVITE carried, repeated in ACK (RFC 3261 §22.1). */
  readonly credentials: HeaderFields;
  readonly user: SessionUser;
  /** What 422 responses taught before the dialog stood. */
  readonly minSe?: MinSeMemory;
}

/** One session, from its confirmation to its release; kept small, as thousands may be held. */
export class Session implements DialogUser, OutgoingUser {
  readonly agent: UserAgent;
  readonly dialog: Dialog;
  readonly caller: boolean;
  readonly counted: boolean;
  readonly refresh: SessionRefresh;
  /** Methods the peer said it supports, from the latest Allow (change request I585 §9.1.1). */
  allow: readonly string[] | undefined;
  /** Contact of the latest response: the Session Identity (RFC 4579 §5.2). */
  identity: { readonly uri: string; readonly isFocus: boolean } | undefined;
  /** When our first BYE was sent; undefined before. */
  byeAt: Millis | undefined;
  /** Whether our BYE got a final response. */
  isByeAnswered = false;
  #state: "confirmed" | "releasing" | "released" = "confirmed";
  #cause: Release = "us";
  /** By our BYE, once it was challenged. */
  #answered: AnsweredChallenges | undefined;
  readonly #hop: NextHop | undefined;
  #credentials: HeaderFields;
  /** Our 2xx while it waits for its ACK. */
  #answer: AnswerRetransmission | undefined;
  /** BYE waits for that ACK. */
  #releaseWanted: Release | undefined;
  readonly #user: SessionUser;

  /** Registers the dialog with the endpoint; send the ACK or the 2xx next. */
  constructor(parts: SessionParts) {
    this.agent = parts.agent;
    this.dialog = parts.dialog;
    this.caller = parts.caller;
    this.counted = parts.counted;
    this.#hop = parts.hop;
    this.#credentials = parts.credentials;
    this.#user = parts.user;
    this.refresh = new SessionRefresh(this, parts.minSe);
    parts.agent.settings.endpoint.dialogs.add(this);
    parts.agent.sessions.add(this);
  }

  /** Our session description. */
  description(): string {
    return this.#user.description();
  }

  /** Whether requests can still be sent inside it. */
  isConfirmed(): boolean {
    return this.#state === "confirmed";
  }

  /** Sends ACK for a 2xx to the INVITE of that CSeq number, each time one arrives (RFC 3261 §13.2.2.4). */
  acknowledge(sequence: number): void {
    const { agent, dialog } = this;
    const { endpoint } = agent.settings;
    const target = dialog.requestTarget();
    const hop = this.#nextHop(target);
    const writer = endpoint.writer.reset();
    const { uri, routes } = target;
    writeRequestText(writer, {
      method: "ACK",
      uri,
      transport: hop.transport,
      sentBy: agent.sentBy(),
      branch: endpoint.transactions.newBranch(),
      lines: dialogLines(agent, dialog, { method: "ACK", sequence, routes, further: this.#credentials }),
    });
    endpoint.flowTo(hop.transport, hop.remote, agent.source()).send(writer.view());
  }

  /** Sends a request inside the dialog. */
  request(method: string, fields: HeaderFields, user: OutgoingUser, body?: string): Outgoing {
    const { dialog, agent } = this;
    const target = dialog.requestTarget();
    const credentials = authorizationFields(agent, method, target.uri);
    if (method === "INVITE") this.#credentials = credentials;
    const sequence = dialog.nextSequenceNumber();
    agent.settings.recorder.countBy("requests", nameInside(method));
    const { uri, routes } = target;
    const further = credentials.length === 0 ? fields : [...credentials, ...fields];
    const content = {
      method,
      uri,
      lines: () => dialogLines(agent, dialog, { method, sequence, routes, further }),
      ...(body === undefined ? {} : { body: () => body }),
    };
    return new Outgoing(agent.settings.endpoint, content, this.#nextHop(target), user, agent.source());
  }

  /** Answers an INVITE, re-INVITE or UPDATE with 200; to an INVITE it is sent until its ACK arrives. */
  accept(
    transaction: ServerTransaction,
    message: Message,
    timer: AgreedAnswer,
    body: Uint8Array | undefined,
  ): void {
    const octets = writeAnswer(this, transaction, message, timer, body);
    transaction.respond(200, octets);
    if (message.method !== "INVITE") return;
    this.#answer?.stop();
    this.#answer = new AnswerRetransmission(this.agent.settings.endpoint, transaction, octets.slice(), () => {
      this.#answer = undefined;
      this.release("unacknowledged");
    });
  }

  /**
   * Ends the session with BYE; does nothing when it is ending already. The callee waits for the ACK of its 2xx, or for
   * the end of that wait (RFC 3261 §15).
   */
  release(cause: Release = "us"): void {
    if (this.#state !== "confirmed") return;
    if (this.#answer !== undefined && !this.caller) {
      this.#releaseWanted ??= cause;
      return;
    }
    this.#state = "releasing";
    this.#cause = this.#releaseWanted ?? cause;
    this.refresh.stop();
    this.byeAt = this.request("BYE", [], this).sentAt;
  }

  /** Stores what a response to an INVITE says of the peer (change request I585 §9.1.1, both lists). */
  learn(peer: { allow: readonly string[] | undefined; identity: Session["identity"] }): void {
    if (peer.allow !== undefined) this.allow = peer.allow;
    if (peer.identity !== undefined) this.identity = peer.identity;
  }

  /** From the endpoint. */
  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void {
    const { endpoint } = this.agent.settings;
    switch (message.method) {
      case "BYE":
        endpoint.respond(transaction, message, 200, { headers: this.agent.answerFields() });
        this.#released("peer", at, undefined);
        return;
      case "INVITE":
      case "UPDATE":
        if (this.#state === "confirmed") this.refresh.receive(message, transaction, at);
        else endpoint.respond(transaction, message, 481);
        return;
      default:
        this.agent.onPlainRequest(message, transaction, at);
    }
  }

  /** From the endpoint. */
  onAck(_message: Message, _at: Millis): void {
    this.#answer?.stop();
    this.#answer = undefined;
    if (this.#releaseWanted !== undefined) this.release();
  }

  /** From the endpoint: a 2xx that comes after its transaction has gone. */
  onStrayAnswer(message: Message, _flow: Flow, _at: Millis): void {
    this.acknowledge(message.cseq()!.sequenceNumber);
  }

  /** To our BYE. */
  onResponse(message: Message, _outgoing: Outgoing, at: Millis): void {
    if (isProvisional(message.status)) return;
    this.agent.settings.recorder.countBy("responses.BYE", message.status);
    if (message.status === 401 || message.status === 407) {
      this.#answered ??= new Map();
      if (answerChallenges(this.agent, message, this.#answered)) {
        this.request("BYE", [], this);
        return;
      }
    }
    if (this.refresh.hasRunOut && isSuccess(message.status)) auditSession(this, "audit.expired_alive", at);
    this.isByeAnswered = true;
    this.#released(this.#cause, at, isSuccess(message.status) ? at - this.byeAt! : undefined);
  }

  /** To our BYE: no answer ends the session as well (RFC 3261 §15.1.1). */
  onTimeout(_outgoing: Outgoing): void {
    this.agent.settings.recorder.count("timeouts.BYE");
    auditSession(this, "audit.bye_unanswered", this.agent.settings.endpoint.clock.now());
    this.#released(this.#cause, this.agent.settings.endpoint.clock.now(), undefined);
  }

  /** To our BYE. */
  onTransportFault(_outgoing: Outgoing, _fault: TransportFault): void {
    this.#released(this.#cause, this.agent.settings.endpoint.clock.now(), undefined);
  }

  #nextHop(target: { uri: string; routes: readonly string[] }): NextHop {
    const first = target.routes[0];
    const { target: remote, transport } = this.agent.settings;
    return nextHopOf(first === undefined ? target.uri : uriOfRoute(first), this.#hop ?? { remote, transport });
  }

  #released(by: Release, at: Millis, teardown: Millis | undefined): void {
    if (this.#state === "released") return;
    this.#state = "released";
    this.refresh.stop();
    this.#answer?.stop();
    this.agent.settings.endpoint.dialogs.remove(this);
    this.agent.sessions.delete(this);
    this.#user.onReleased(this, by, at, teardown);
  }
}

/** How a method is counted inside a dialog: what RFC 6076 says of INVITE is said of the first one only. */
export function nameInside(method: string): string {
  return method === "INVITE" ? "re-INVITE" : method;
}

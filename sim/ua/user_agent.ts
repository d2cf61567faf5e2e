/**
 * One simulated IM client: registers, decides each message's mode, sends and receives in both modes.
 *
 * State is kept small: what a population shares lives in its settings, and what a client rarely needs is made when needed.
 */
import { toOctets } from "../bytes/text.ts";
import type { OctetWriter } from "../bytes/writer.ts";
import type { Millis } from "../clock/clock.ts";
import { writeContent } from "../im/body.ts";
import { decideMode, type Mode } from "../im/mode.ts";
import type { MsrpSession } from "../msrp/session.ts";
import type { ClientDigest } from "../sip/client_digest.ts";
import type { Dialog } from "../sip/dialog/dialog.ts";
import type { Message } from "../sip/message.ts";
import { writeRequest } from "../sip/request.ts";
import { writeResponse } from "../sip/response.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import type { TransportName } from "../transport/flow.ts";
import { type Account, addressOfRecord, digestOf } from "./account.ts";
import { authorizationFields } from "./authentication.ts";
import { LargeMessage } from "./large_message.ts";
import { receiveInvite } from "./large_receiver.ts";
import type { HeaderFields } from "./outgoing.ts";
import { contentSizeFor, PagerMessage, pagerSize, pagerValues } from "./pager.ts";
import { Registration, type RegistrationListener } from "./registration.ts";
import type { Session } from "./session.ts";
import type { UserAgentSettings } from "./settings.ts";

/** A message to be sent, as the load model asks for it. */
export interface MessageOrder {
  /** Number of the message in its run, carried in its mark. */
  readonly sequence: number;
  /** Number of the run, carried in its mark. */
  readonly run: number;
  /** Address of record of the receiver. */
  readonly to: string;
  /** The receiver's index in the whole run; -1 when it is not ours. */
  readonly receiver: number;
  readonly size: number;
  /** Whether `size` is of the whole request rather than of the content. */
  readonly sizeIsTotal: boolean;
  /** The intended instant. */
  readonly dueAt: Millis;
  /** False in warm-up. */
  readonly counted: boolean;
  /** The content itself, instead of one of `size` octets that carries the mark. */
  readonly text?: string;
}

/** Something under way that a run's end may have to cut short. */
export interface Exchange {
  abandon(): void;
}

/** One client. */
export class UserAgent {
  /** Its number among all clients of the run. */
  readonly index: number;
  readonly account: Account;
  readonly settings: UserAgentSettings;
  /** Its address of record. */
  readonly aor: string;
  registration: Registration | undefined;
  #digest: ClientDigest | undefined;
  #sets: { sessions: Set<Session>; exchanges: Set<Exchange> } | undefined;
  /** Pager messages by target: the first of each list is pending, the others wait (RFC 3428 §8). */
  #pagers: Map<string, PagerMessage[]> | undefined;

  /** Nothing is sent before `register` or `send`. */
  constructor(index: number, account: Account, settings: UserAgentSettings) {
    this.index = index;
    this.account = account;
    this.settings = settings;
    this.aor = addressOfRecord(account.user, settings.domain);
    this.#digest = digestOf(account);
  }

  /** Credentials, or undefined for an account without a password. */
  get digest(): ClientDigest | undefined {
    return this.#digest;
  }

  /** Sessions it is part of, on either side. */
  get sessions(): Set<Session> {
    return this.#lists().sessions;
  }

  /** Large messages it is sending or receiving. */
  get exchanges(): Set<Exchange> {
    return this.#lists().exchanges;
  }

  /** Whether it takes part in a session. */
  isInSession(): boolean {
    return this.#sets !== undefined && (this.#sets.sessions.size > 0 || this.#sets.exchanges.size > 0);
  }

  /** Pager messages not answered yet, waiting ones included. */
  pendingPagers(): number {
    let pending = 0;
    for (const queue of this.#pagers?.values() ?? []) pending += queue.length;
    return pending;
  }

  /** Makes its binding; latency counts from `dueAt`. */
  register(dueAt: Millis, listener: RegistrationListener): void {
    const { registerExpires } = this.settings;
    if (registerExpires === undefined) throw new Error("Cannot register: the population does not");
    this.registration = new Registration(this, registerExpires, dueAt, listener);
  }

  /** Sends one message in the mode its size asks for (change request I585 §9). */
  send(order: MessageOrder): void {
    const { settings } = this;
    const anonymous = settings.anonymous > 0 && settings.random.uniform() < settings.anonymous;
    const values = pagerValues(this, order.to, anonymous);
    const credentials = this.digest?.size(order.to) ?? 0;
    const text = order.text === undefined ? undefined : toOctets(order.text);
    const length = text?.length ?? (order.sizeIsTotal ? contentSizeFor(values, order.size, credentials) : order.size);
    const mode = this.#decide(pagerSize(values, length, credentials), length, true);
    const content = text ?? writeContent(length, order);
    const attempt = settings.ledger.open({
      sequence: order.sequence,
      sender: this.index,
      receiver: order.receiver,
      mode,
      size: length,
      dueAt: order.dueAt,
      sentAt: order.dueAt,
      counted: order.counted,
    });
    if (mode === "large") {
      new LargeMessage(this, attempt, order.to, content, anonymous);
    } else {
      this.#queue(new PagerMessage(this, attempt, order.to, values, content));
    }
  }

  /** Decides again with credentials included; false when the message went over to large mode. */
  staysPager(pager: PagerMessage, requestSize: number, contentSize: number): boolean {
    if (this.#decide(requestSize, contentSize, false) === "pager") return true;
    const { settings } = this;
    settings.recorder.count("decisions.switched_after_auth");
    settings.ledger.switchMode(pager.attempt, "large");
    new LargeMessage(this, pager.attempt, pager.uri, pager.content(), pager.isAnonymous());
    this.pagerEnded(pager);
    return false;
  }

  /** The next message to the same target may go. */
  pagerEnded(pager: PagerMessage): void {
    const queue = this.#pagers?.get(pager.uri);
    if (queue === undefined || queue[0] !== pager) return;
    queue.shift();
    if (queue.length === 0) this.#pagers!.delete(pager.uri);
    else queue[0]!.start();
  }

  /** A request outside every dialog, addressed to this client. */
  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void {
    switch (message.method) {
      case "MESSAGE":
        this.#receiveMessage(message, transaction, at);
        return;
      case "INVITE":
        if (message.toTag() === "") receiveInvite(this, message, transaction, at);
        else this.#answer(transaction, message, 481);
        return;
      case "BYE":
      case "UPDATE":
        this.#answer(transaction, message, 481);
        return;
      default:
        this.onOtherRequest(message, transaction);
    }
  }

  /** OPTIONS, and methods we do not support (RFC 3261 §8.2.1, §11). */
  onOtherRequest(message: Message, transaction: ServerTransaction): void {
    if (message.method === "MESSAGE" || message.method === "OPTIONS") {
      this.#answer(transaction, message, 200);
      return;
    }
    this.#answer(transaction, message, 405);
  }

  /** Our Contact, with the feature tag outside the angle brackets (change request I585 §9.1.1 item 4). */
  contact(): string {
    const { endpoint, transport } = this.settings;
    const parameter = transport === "udp" ? "" : `;transport=${transport}`;
    return `<sip:${this.account.user}@${endpoint.sentBy()}${parameter}>${this.settings.profile.contactParameters}`;
  }

  /** A new tag of 32 random bits. */
  newTag(): string {
    return this.settings.endpoint.random.hexadecimal(8);
  }

  /** A new Call-ID, unique in the world by 80 random bits. */
  newCallId(): string {
    return `${this.settings.endpoint.random.hexadecimal(20)}@${this.settings.endpoint.local.host}`;
  }

  /** A new Message-ID for MSRP. */
  newMessageId(): string {
    return this.settings.endpoint.random.hexadecimal(20);
  }

  /** Credentials as whole header lines, empty before the first challenge. */
  authorizationLines(method: string, uri: string): string {
    if (this.#digest === undefined) return "";
    let lines = "";
    for (const [name, value] of authorizationFields(this, method, uri)) lines += `${name}: ${value}\r\n`;
    return lines;
  }

  /** Header fields of every answer of ours. */
  answerFields(): HeaderFields {
    const { profile } = this.settings;
    return [["Allow", profile.allow], ["Supported", "timer"], ["User-Agent", profile.userAgent]];
  }

  /** Header fields of a request inside a dialog. */
  dialogFields(dialog: Dialog, method: string, sequence: number): HeaderFields {
    const { profile } = this.settings;
    const remoteTag = dialog.remoteTag === "" ? "" : `;tag=${dialog.remoteTag}`;
    return [
      ["Max-Forwards", "70"],
      ["From", `<${dialog.localUri}>;tag=${dialog.localTag}`],
      ["To", `<${dialog.remoteUri}>${remoteTag}`],
      ["Call-ID", dialog.callId],
      ["CSeq", `${sequence} ${method}`],
      ["User-Agent", profile.userAgent],
      ...(method === "INVITE" || method === "UPDATE"
        ? [["Contact", this.contact()], ["Allow", profile.allow]] as const
        : []),
      ...(method === "ACK" ? [] : [["Supported", "timer"]] as const),
    ];
  }

  /** Writes a request inside a dialog that no transaction carries: ACK. */
  writeInDialog(
    writer: OctetWriter,
    dialog: Dialog,
    method: string,
    sequence: number,
    transport: TransportName,
    branch: string,
    fields: HeaderFields,
  ): void {
    writeRequest(writer, {
      method,
      uri: dialog.requestTarget().uri,
      transport,
      sentBy: this.settings.endpoint.sentBy(),
      branch,
      rport: true,
      headers: [...this.dialogFields(dialog, method, sequence), ...fields],
    });
  }

  /** The 2xx to INVITE, re-INVITE or UPDATE with our part of the session timer (RFC 4028 §9). */
  respondInSession(
    session: Session,
    transaction: ServerTransaction,
    message: Message,
    timer: { expires?: number; refresher?: "uac" | "uas"; requireTimer: boolean },
    body: Uint8Array | undefined,
  ): void {
    const { endpoint } = this.settings;
    const writer = endpoint.writer.reset();
    writeResponse(writer, message, 200, {
      received: transaction.flow.remote,
      toTag: session.dialog.localTag,
      recordRoute: true,
      headers: [
        ["Contact", this.contact()],
        ...this.answerFields(),
        ...(timer.requireTimer ? [["Require", "timer"] as const] : []),
        ...(timer.expires === undefined
          ? []
          : [["Session-Expires", `${timer.expires};refresher=${timer.refresher ?? "uas"}`] as const]),
        ...(body === undefined ? [] : [["Content-Type", "application/sdp"] as const]),
      ],
      ...(body === undefined ? {} : { body }),
    });
    const octets = message.method === "INVITE" ? writer.take() : writer.view();
    transaction.respond(200, octets);
    if (message.method === "INVITE") session.retransmitAnswer(transaction, octets);
  }

  /** Forgets an MSRP session, and closes its connection when no other session uses it. */
  closeMsrp(session: MsrpSession): void {
    const { flow } = session;
    session.close();
    if (flow !== undefined && this.settings.endpoint.msrp.sessionsOn(flow) === 0) flow.close();
  }

  /** Ends whatever is under way. */
  abandon(): void {
    for (const exchange of [...this.#sets?.exchanges ?? []]) exchange.abandon();
  }

  #decide(requestSize: number, contentSize: number, first: boolean): Mode {
    const { mode, recorder } = this.settings;
    const size = mode.sizeBasis === "request" ? requestSize : contentSize;
    if (first && size === mode.threshold) recorder.count("decisions.at_boundary");
    const decided = decideMode(size, mode);
    if (first) recorder.count(decided === "pager" ? "decisions.pager" : "decisions.large");
    return decided;
  }

  #queue(pager: PagerMessage): void {
    this.#pagers ??= new Map();
    const queue = this.#pagers.get(pager.uri);
    if (queue === undefined) {
      this.#pagers.set(pager.uri, [pager]);
      pager.start();
    } else {
      this.settings.recorder.count("generator.queued_messages");
      queue.push(pager);
    }
  }

  #receiveMessage(message: Message, transaction: ServerTransaction, at: Millis): void {
    const type = message.header("Content-Type") ?? "text/plain";
    if (!/^text\/plain\b/i.test(type)) {
      this.settings.endpoint.respond(transaction, message, 415, {
        toTag: this.newTag(),
        headers: [["Accept", "text/plain"]],
      });
      return;
    }
    const from = message.from()?.uri ?? "";
    const content = message.body();
    this.settings.endpoint.respond(transaction, message, 200, { toTag: this.newTag() });
    this.settings.onDelivery({ receiver: this.index, from, content, at });
  }

  #answer(transaction: ServerTransaction, message: Message, status: number): void {
    this.settings.endpoint.respond(transaction, message, status, {
      toTag: this.newTag(),
      headers: this.answerFields(),
    });
  }

  #lists(): { sessions: Set<Session>; exchanges: Set<Exchange> } {
    this.#sets ??= { sessions: new Set(), exchanges: new Set() };
    return this.#sets;
  }
}

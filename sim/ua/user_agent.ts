/**
 * One simulated IM client: registers, decides each message's mode, sends and receives in both modes.
 *
 * State is kept small, for there may be a million: what a population shares lives in its settings, what a client rarely
 * needs is made when needed, and what can be computed is not kept.
 */
import { toOctets } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import { writeContent } from "../im/body.ts";
import { decideMode, type Mode } from "../im/mode.ts";
import type { Attempt } from "../metrics/attempt.ts";
import { fixedCounterId } from "../metrics/recorder.ts";
import type { ClientDigest } from "../sip/client_digest.ts";
import { headerIdOf } from "../sip/header_name.ts";
import type { Message } from "../sip/message.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import { addressOfRecord, userOf } from "./account.ts";
import { attemptOf } from "./asked_attempt.ts";
import { kindsTaken } from "./content_kinds.ts";
import { LargeMessage } from "./large_message.ts";
import { receiveInvite } from "./large_receiver.ts";
import type { MessageOrder } from "./message_order.ts";
import { unsupportedOf } from "./option_tags.ts";
import type { HeaderFields } from "./outgoing.ts";
import { PagerMessage } from "./pager.ts";
import { type PagerFields, PagerForm } from "./pager_form.ts";
import { PagerQueues } from "./pager_queue.ts";
import { receiveMessage } from "./pager_receiver.ts";
import { Registration, type RegistrationListener } from "./registration.ts";
import { Hold, retryAfterOf } from "./retry_after.ts";
import type { Session } from "./session.ts";
import type { UserAgentSettings } from "./settings.ts";
import { TalliedSet, UnderWay } from "./under_way.ts";

const REQUIRE = headerIdOf("Require");
const DECIDED_PAGER = fixedCounterId("decisions.pager");
const DECIDED_LARGE = fixedCounterId("decisions.large");

/** No route but the next hop: shared by all clients without one. */
export const NO_ROUTES: readonly string[] = [];

/** Something under way that a run's end may have to cut short. */
export interface Exchange {
  /** Whether we began it: the side that releases it. */
  readonly caller: boolean;
  abandon(): void;
}

/** One client. */
export class UserAgent {
  /** Its number among all clients of the run. */
  readonly index: number;
  readonly settings: UserAgentSettings;
  /** Its address of record. */
  readonly aor: string;
  registration: Registration | undefined;
  /** Route values of initial requests, as the registrar asked (RFC 3608 §5.1). */
  serviceRoute: readonly string[] = NO_ROUTES;
  /** The public identity we prefer: the registrar's first one, else the address of record (RFC 3325 §9.2). */
  identity: string;
  /** Nonces for its requests, see `DigestKeeper`. */
  digest: ClientDigest | undefined;
  #sets: { sessions: TalliedSet<Session>; exchanges: TalliedSet<Exchange> } | undefined;
  #pagers: PagerQueues | undefined;
  #form: PagerForm | undefined;
  #octets: Uint8Array | undefined;
  #hold: Hold | undefined;

  /** Nothing is sent before `register` or `send`. */
  constructor(index: number, user: string, settings: UserAgentSettings) {
    this.index = index;
    this.settings = settings;
    this.aor = addressOfRecord(user, settings.domain);
    this.identity = this.aor;
  }

  /** Sessions it is part of, on either side. */
  get sessions(): TalliedSet<Session> {
    return this.#lists().sessions;
  }

  /** Large messages it is sending or receiving. */
  get exchanges(): TalliedSet<Exchange> {
    return this.#lists().exchanges;
  }

  /** Whether it takes part in a session. */
  isInSession(): boolean {
    return this.#sets !== undefined && (this.#sets.sessions.size > 0 || this.#sets.exchanges.size > 0);
  }

  /** Pager messages not answered yet, waiting ones included. */
  pendingPagers(): number {
    return this.#pagers?.size() ?? 0;
  }

  /** Makes its binding; latency counts from `dueAt`, and not at all where not `counted`. */
  register(dueAt: Millis, listener: RegistrationListener, counted = true): void {
    const { registerExpires } = this.settings;
    if (registerExpires === undefined) throw new Error("Cannot register: the population does not");
    this.registration = new Registration(this, registerExpires, dueAt, listener, counted);
  }

  /** Sends one message in the mode its size asks for (change request I585 §9). */
  send(order: MessageOrder): void {
    const { settings } = this;
    const form = this.#form ??= PagerForm.of(settings);
    const fields = form.newFields(this, order.to, order.anonymous === true);
    const credentials = this.digest?.size(order.to) ?? 0;
    const text = order.text === undefined ? undefined : toOctets(order.text);
    const length = text?.length ?? (order.sizeIsTotal ? form.contentSize(fields, order.size, credentials) : order.size);
    const size = form.size(fields, length);
    const mode = this.#decide(order.mode, size + credentials, length, order.counted);
    const attempt = settings.ledger.open(attemptOf(this, order, mode, length));
    if (!this.#isHeld()) {
      this.#start(attempt, form, fields, order, text, size, false);
      return;
    }
    settings.recorder.count("retry_after.held");
    const [keptFields, keptOrder] = [{ ...fields }, { ...order }];
    this.#hold!.add(() => this.#start(attempt, form, keptFields, keptOrder, text, size, true));
  }

  /** The server has answered 503: what follows waits for as long as it asks, where the population honours that. */
  heedRetryAfter(message: Message, at: Millis): void {
    const delay = retryAfterOf(message);
    if (delay === undefined) return;
    const { recorder, endpoint, honourRetryAfter } = this.settings;
    recorder.count("retry_after.asked");
    if (honourRetryAfter !== true) return;
    this.#hold ??= new Hold(endpoint.wheel);
    this.#hold.extend(at + delay);
  }

  /** Decides again with credentials included; false when the message went over to large mode. */
  staysPager(pager: PagerMessage, requestSize: number, contentSize: number): boolean {
    if (this.#decide(pager.askedMode(), requestSize, contentSize, false) === "pager") return true;
    const { settings } = this;
    if (pager.attempt.counted) settings.recorder.count("decisions.switched_after_auth");
    settings.ledger.switchMode(pager.attempt, "large");
    new LargeMessage(this, pager.attempt, pager.uri, pager.content(), pager.anonymous);
    this.pagerEnded(pager.uri);
    return false;
  }

  /** The next message to the same target may go. */
  pagerEnded(uri: string): void {
    const pagers = this.#pagers!;
    const next = pagers.behind(uri);
    if (next === undefined || !this.#isHeld()) {
      pagers.ended(uri);
      return;
    }
    // it counts as the messages do that came while the client waited, and once if it was one of them
    if (!next.wasHeld) this.settings.recorder.count("retry_after.held");
    next.wasHeld = true;
    this.#hold!.add(() => pagers.ended(uri));
  }

  /** A request outside every dialog, addressed to this client. */
  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void {
    const unsupported = message.lineOf(REQUIRE) < 0 ? [] : unsupportedOf(message);
    if (unsupported.length > 0) {
      this.#answer(transaction, message, 420, [["Unsupported", unsupported.join(", ")]]);
      return;
    }
    switch (message.method) {
      case "INVITE":
        if (!message.hasToTag()) receiveInvite(this, message, transaction, at);
        else this.#answer(transaction, message, 481);
        return;
      case "BYE":
      case "UPDATE":
        this.#answer(transaction, message, 481);
        return;
      default:
        this.onPlainRequest(message, transaction, at);
    }
  }

  /** MESSAGE, OPTIONS and methods that we do not support, inside a dialog or not (RFC 3428 §7, RFC 3261 §8.2.1, §11). */
  onPlainRequest(message: Message, transaction: ServerTransaction, at: Millis): void {
    if (message.method === "MESSAGE") receiveMessage(this, message, transaction, at);
    else if (message.method === "OPTIONS") {
      this.#answer(transaction, message, 200, [["Accept", `application/sdp, ${kindsTaken(this.settings).join(", ")}`]]);
    } else this.#answer(transaction, message, 405);
  }

  /** Our Contact, with the feature tag outside the angle brackets (change request I585 §9.1.1 item 4). */
  contact(): string {
    const { transport, domain, profile } = this.settings;
    const parameter = transport === "udp" ? "" : `;transport=${transport}`;
    return `<sip:${userOf(this.aor, domain)}@${this.sentBy()}${parameter}>${profile.contactParameters}`;
  }

  /** The source of the endpoint that it sends from. */
  source(): number {
    return this.settings.sources?.of(this.index) ?? 0;
  }

  /** Value of sent-by in its Via header fields; also the address in its Contact. */
  sentBy(): string {
    return this.settings.endpoint.sentBy(this.source());
  }

  /** Its address of record in octets, once it has sent a message. */
  octets(): Uint8Array {
    return this.#octets ??= toOctets(this.aor);
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

  /** Header fields of every answer of ours. */
  answerFields(): HeaderFields {
    const { profile } = this.settings;
    return [["Allow", profile.allow], ["Supported", "timer"], ["User-Agent", profile.userAgent]];
  }

  /** Ends whatever is under way; `callerOnly`: what others began is left to them. */
  abandon(callerOnly = false): void {
    this.#hold?.clear();
    if (this.#sets === undefined) return;
    for (const exchange of [...this.#sets.exchanges]) {
      if (exchange.caller || !callerOnly) exchange.abandon();
    }
  }

  #isHeld(): boolean {
    return this.#hold !== undefined && this.#hold.isOn(this.settings.endpoint.clock.now());
  }

  #start(
    attempt: Attempt,
    form: PagerForm,
    fields: PagerFields,
    order: MessageOrder,
    text: Uint8Array | undefined,
    size: number,
    wasHeld: boolean,
  ): void {
    if (attempt.mode === "large") {
      new LargeMessage(this, attempt, order.to, text ?? writeContent(attempt.size, order), fields.anonymous);
      return;
    }
    this.#pagers ??= new PagerQueues();
    const pager = form.spares.take() ?? new PagerMessage(form);
    const waits = this.#pagers.add(pager.begin(this, attempt, fields, order, text, size, wasHeld));
    if (waits) this.settings.recorder.count("generator.queued_messages");
  }

  /** `counts`: the first decision of a message outside of warm-up, as `messages.attempted` counts. */
  #decide(asked: Mode | undefined, requestSize: number, contentSize: number, counts: boolean): Mode {
    const { mode, recorder } = this.settings;
    const size = mode.sizeBasis === "request" ? requestSize : contentSize;
    if (counts && size === mode.threshold) recorder.count("decisions.at_boundary");
    const decided = asked ?? decideMode(size, mode);
    if (counts) recorder.countId(decided === "pager" ? DECIDED_PAGER : DECIDED_LARGE);
    return decided;
  }

  #answer(transaction: ServerTransaction, message: Message, status: number, fields: HeaderFields = []): void {
    this.settings.endpoint.respond(transaction, message, status, {
      toTag: this.newTag(),
      headers: [...this.answerFields(), ...fields],
    });
  }

  #lists(): { sessions: TalliedSet<Session>; exchanges: TalliedSet<Exchange> } {
    const { underWay = new UnderWay() } = this.settings;
    this.#sets ??= { sessions: new TalliedSet(underWay.sessions), exchanges: new TalliedSet(underWay.exchanges) };
    return this.#sets;
  }
}

/**
 * Pager mode: one message as one MESSAGE request (RFC 3428, change request I585 §9).
 *
 * The request is a form filled per message; a challenge is answered once, and the mode is decided again when the
 * credentials make the request grow.
 */
import type { Millis } from "../clock/clock.ts";
import { LARGEST_DATAGRAM_REQUEST } from "../endpoint/endpoint.ts";
import { appendContent, writeContent } from "../im/body.ts";
import type { ContentKind } from "../im/filler.ts";
import type { Mode } from "../im/mode.ts";
import type { Attempt } from "../metrics/attempt.ts";
import type { Outcome } from "../metrics/outcome.ts";
import type { Message } from "../sip/message.ts";
import { classOf, isProvisional, isSuccess } from "../sip/status.ts";
import type { AnsweredChallenges } from "../sip/client_digest.ts";
import type { ClientTransaction, ClientTransactionUser } from "../sip/transaction/user.ts";
import type { Departing, TransportFault, TransportName } from "../transport/flow.ts";
import { answerChallenges, authorizationLines } from "./authentication.ts";
import { keepFailure } from "./failures.ts";
import type { MessageOrder } from "./message_order.ts";
import { type Redirection, redirectionOf } from "./redirection.ts";
import type { PagerFields, PagerForm } from "./pager_form.ts";
import type { UserAgent } from "./user_agent.ts";
import { inspectMessageResponse } from "./violations.ts";

/**
 * One pager message from its first send to its outcome; one object for all that is known of it but its attempt, and when
 * it has ended, for another message of its population.
 */
export class PagerMessage implements ClientTransactionUser, Departing, PagerFields {
  attempt!: Attempt;
  uri = "";
  /** The next message to the same URI that waits as this one does. */
  next: PagerMessage | undefined;
  /** Whether it has waited for the time of a Retry-After to pass. */
  wasHeld = false;
  /** See `PagerFields`, as all that follow. */
  requestUri!: Uint8Array;
  to!: Uint8Array;
  anonymous = false;
  from!: Uint8Array;
  identity!: Uint8Array;
  tag = 0;
  call = 0;
  cseq = 1;
  sentBy!: Uint8Array;
  lines = "";
  credentials = "";
  #agent!: UserAgent;
  readonly #form: PagerForm;
  #run = 0;
  #askedMode: Mode | undefined;
  #kind: ContentKind | undefined;
  /** Octets that the whole request must have, with whatever credentials; -1: as many as it gets. */
  #total = -1;
  /** The content, where it is not made from its mark. */
  #text: Uint8Array | undefined;
  /** Octets of content. */
  #length = 0;
  /** Octets of the whole request with the present credentials. */
  #size = 0;
  /** Number of the branch last used. */
  #branch = 0;
  #transport: TransportName = "udp";
  #switched = false;
  /** Whether a transport has it, and whether it has said that it left. */
  #wasHanded = false;
  #hasDeparted = false;
  #hasEnded = false;
  #redirection: Redirection | undefined;
  #answered: AnsweredChallenges | undefined;

  /** A message of one population, which is nobody's before `begin`. */
  constructor(form: PagerForm) {
    this.#form = form;
  }

  /**
   * Becomes a message; nothing is sent before `start`. `size`: octets of the whole request without credentials; `text`:
   * the content, where it is not made from the order; `wasHeld`: whether it waited for the time of a Retry-After to pass.
   */
  begin(
    agent: UserAgent,
    attempt: Attempt,
    fields: PagerFields,
    order: MessageOrder,
    text: Uint8Array | undefined,
    size: number,
    wasHeld: boolean,
  ): this {
    this.#agent = agent;
    this.attempt = attempt;
    this.uri = order.to;
    this.next = undefined;
    this.requestUri = fields.requestUri;
    this.to = fields.to;
    this.anonymous = fields.anonymous;
    this.from = fields.from;
    this.identity = fields.identity;
    this.tag = fields.tag;
    this.call = fields.call;
    this.cseq = 1;
    this.sentBy = fields.sentBy;
    this.lines = fields.lines;
    this.credentials = "";
    this.#run = order.run;
    this.#askedMode = order.mode;
    this.#kind = order.content;
    this.#total = order.sizeIsTotal && text === undefined ? order.size : -1;
    this.#text = text;
    this.#length = attempt.size;
    this.#size = size;
    this.wasHeld = wasHeld;
    this.#transport = agent.settings.transport;
    this.#switched =
      this.#wasHanded =
      this.#hasDeparted =
      this.#hasEnded =
        false;
    this.#redirection = undefined;
    this.#answered = undefined;
    return this;
  }

  /** Sends for the first time; the transport notes when it left. */
  start(): void {
    this.#sendWithCredentials();
  }

  /** What it carries, for a switch to large mode. */
  content(): Uint8Array {
    return this.#text ??
      writeContent(this.#length, { run: this.#run, sequence: this.attempt.sequence, content: this.#kind });
  }

  /** The mode it was asked to have whatever its size. */
  askedMode(): Mode | undefined {
    return this.#askedMode;
  }

  /** From the transport, at the first send. */
  departed(at: Millis): void {
    if (this.#hasEnded) return;
    this.#hasDeparted = true;
    this.#agent.settings.ledger.sent(this.attempt, at);
  }

  /** From the transaction. */
  onResponse(message: Message, _transaction: ClientTransaction, at: Millis): void {
    const status = message.status;
    if (isProvisional(status)) return;
    const agent = this.#agent;
    this.#form.countResponse(status);
    inspectMessageResponse(agent, message, at, this.attempt);
    if ((status === 401 || status === 407) && this.#answer(message)) return;
    if (status >= 300 && status < 400 && this.#follow(message)) return;
    if (isSuccess(status)) {
      this.#settle(status === 202 ? "accepted_202" : "accepted_200", at);
      return;
    }
    if (status === 503) agent.heedRetryAfter(message, at);
    keepFailure(agent.settings, `rejected_${status}`, this.attempt, at, () => this.rewrite(), message.octets);
    if (this.attempt.counted) {
      agent.settings.recorder.latencyBy("pager_response", "response", classOf(status), at - this.attempt.dueAt);
    }
    this.#settle("rejected", at);
  }

  /** From the transaction: Timer F. */
  onTimeout(_transaction: ClientTransaction): void {
    this.#agent.settings.recorder.count("timeouts.MESSAGE");
    const now = this.#agent.settings.endpoint.clock.now();
    keepFailure(this.#agent.settings, "timed_out", this.attempt, now, () => this.rewrite());
    this.#settle("timed_out", now);
  }

  /** From the transaction. */
  onTransportFault(_transaction: ClientTransaction, fault: TransportFault): void {
    if (this.#switched && fault === "connection_refused") {
      this.#switched = false;
      this.#send("udp", false);
      return;
    }
    const now = this.#agent.settings.endpoint.clock.now();
    keepFailure(this.#agent.settings, fault, this.attempt, now, () => this.rewrite());
    this.#settle("failed", now);
  }

  /** The request as last sent: the same values give the same octets, so nothing is kept of it. */
  rewrite(): Uint8Array {
    const writer = this.#form.write(this, this.#transport, this.#branch, this.#length);
    if (this.#text === undefined) {
      appendContent(writer, this.#length, this.#run, this.attempt.sequence, this.#kind);
    } else writer.copy(this.#text);
    return writer.view();
  }

  #answer(message: Message): boolean {
    if (!answerChallenges(this.#agent, message, this.#answered ??= new Map())) return false;
    this.cseq++;
    this.#sendWithCredentials();
    return true;
  }

  /**
   * Goes where a redirection leads: another Request-URI, and everything else as before (RFC 3261 §8.1.3.4). An exact total
   * is that of the request which is answered in the end, so it is fitted to the new Request-URI as it is to credentials:
   * else a run around the threshold would count a size that nobody asked for.
   */
  #follow(message: Message): boolean {
    const found = redirectionOf(this.#agent, message, this.#redirection !== undefined);
    if (found === undefined) return false;
    this.#redirection = found;
    this.requestUri = this.#form.octetsOf(found.uri);
    this.cseq++;
    this.#fit(this.credentials);
    this.#sendWithCredentials();
    return true;
  }

  /** Sends what the size with credentials makes of it: a pager message still, or a large one. */
  #sendWithCredentials(): void {
    const agent = this.#agent;
    const credentials = authorizationLines(agent, "MESSAGE", this.#redirection?.uri ?? this.uri);
    if (credentials !== this.credentials) this.#fit(credentials);
    if (!agent.staysPager(this, this.#size, this.#length)) return;
    agent.settings.recorder.countId(this.#form.requestsId);
    this.#send(this.#redirection?.hop.transport ?? agent.settings.transport, true);
  }

  /** Takes other credentials, and less content where the whole request must have an exact size. */
  #fit(credentials: string): void {
    this.credentials = credentials;
    if (this.#total >= 0) {
      const length = this.#form.contentSize(this, this.#total);
      if (length !== this.#length) this.#agent.settings.ledger.resize(this.attempt, length);
      this.#length = length;
    }
    this.#size = this.#form.size(this, this.#length);
  }

  #send(transport: TransportName, maySwitch: boolean): void {
    const { endpoint, target } = this.#agent.settings;
    if (maySwitch && transport === "udp" && this.#size > LARGEST_DATAGRAM_REQUEST) {
      this.#switched = true;
      endpoint.switchedToTcp++;
      this.#send("tcp", false);
      return;
    }
    this.#transport = this.attempt.transport = transport;
    this.#branch = endpoint.transactions.newBranchNumber();
    const flow = endpoint.flowTo(transport, this.#redirection?.hop.remote ?? target, this.#agent.source());
    const departing = this.#wasHanded ? undefined : this;
    this.#wasHanded = true;
    endpoint.transactions.request("MESSAGE", this.#branch, this.rewrite(), flow, this, departing);
  }

  #settle(outcome: Outcome, at: Millis): void {
    this.#hasEnded = true;
    this.#agent.settings.ledger.settle(this.attempt, outcome, at);
    this.#agent.pagerEnded(this.uri);
    // a transport that still has it would tell another message that it left
    if (this.#hasDeparted) this.#form.spares.keep(this);
  }
}

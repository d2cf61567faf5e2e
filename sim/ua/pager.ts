/**
 * Pager mode: one message as one MESSAGE request (RFC 3428, change request I585 §9).
 *
 * The request is a template filled per message; a challenge is answered once, and the mode is decided again when the
 * credentials make the request grow.
 */
import type { Millis } from "../clock/clock.ts";
import { LARGEST_DATAGRAM_REQUEST } from "../endpoint/endpoint.ts";
import type { Attempt } from "../metrics/ledger.ts";
import type { Outcome } from "../metrics/outcome.ts";
import type { Message } from "../sip/message.ts";
import { isProvisional, isSuccess } from "../sip/status.ts";
import type { AnsweredChallenges } from "../sip/client_digest.ts";
import { Template } from "../sip/template.ts";
import type { ClientTransaction, ClientTransactionUser } from "../sip/transaction/user.ts";
import type { TransportFault, TransportName } from "../transport/flow.ts";
import { answerChallenges } from "./authentication.ts";
import { keepFailure } from "./failures.ts";
import type { UserAgent } from "./user_agent.ts";
import { inspectMessageResponse } from "./violations.ts";

/** Content type of what we send; the charset costs 14 octets and spares the receiver a guess. */
export const CONTENT_TYPE = "text/plain;charset=UTF-8";

const SLOTS = [
  "uri",
  "transport",
  "sentBy",
  "branch",
  "from",
  "fromTag",
  "callId",
  "sequence",
  "accept",
  "identity",
  "agent",
  "allow",
  "extra",
  "length",
] as const;

const SOURCE = `MESSAGE {uri} SIP/2.0
Via: SIP/2.0/{transport} {sentBy};branch={branch};rport
Max-Forwards: 70
From: {from};tag={fromTag}
To: <{uri}>
Call-ID: {callId}
CSeq: {sequence} MESSAGE
Accept-Contact: {accept}
P-Preferred-Identity: <{identity}>
{*extra}
User-Agent: {agent}
Allow: {allow}
Supported: timer
Content-Type: ${CONTENT_TYPE}
Content-Length: {length}

`;

const TEMPLATE = Template.compile(SOURCE, SLOTS);
/** Where each slot stands in the values. */
const FROM = SLOTS.indexOf("from");
const TRANSPORT = SLOTS.indexOf("transport");
const BRANCH = SLOTS.indexOf("branch");
const SEQUENCE = SLOTS.indexOf("sequence");
/** Place of the optional header lines among the values. */
export const EXTRA: number = SLOTS.indexOf("extra");
const LENGTH = SLOTS.indexOf("length");

/** From of a client that hides who it is (RFC 3323 §4.1). */
export const ANONYMOUS_URI = "sip:anonymous@anonymous.invalid";
/** See `ANONYMOUS_URI`. */
export const ANONYMOUS_FROM = `"Anonymous" <${ANONYMOUS_URI}>`;

/** Values of a pager request; those of transport, branch, extra and length are set again for every send. */
export function pagerValues(agent: UserAgent, uri: string, anonymous: boolean): (string | number)[] {
  const { settings } = agent;
  return [
    uri,
    "UDP",
    settings.endpoint.sentBy(),
    // as long as every branch of the transaction layer: sizes are known before it is drawn
    "z9hG4bK0123456789abcdef00000000",
    anonymous ? ANONYMOUS_FROM : `<${agent.aor}>`,
    agent.newTag(),
    agent.newCallId(),
    1,
    settings.profile.acceptContactPager,
    agent.identity,
    settings.profile.userAgent,
    settings.profile.allow,
    agent.serviceRoute.map((route) => `Route: ${route}\r\n`).join("") + (anonymous ? "Privacy: id\r\n" : "") +
    settings.profile.extraPager.map(([name, value]) => `${name}: ${value}\r\n`).join(""),
    0,
  ];
}

/** Octets of the whole request around a content of `length` octets; `further`: of header lines not among the values. */
export function pagerSize(values: (string | number)[], length: number, further = 0): number {
  values[LENGTH] = length;
  return TEMPLATE.size(values) + length + further;
}

/** The content size that makes the whole request exactly `total` octets; 0 when its header fields alone are longer. */
export function contentSizeFor(values: (string | number)[], total: number, further: number): number {
  const bare = pagerSize(values, 0, further);
  for (let digits = 1; digits <= 8; digits++) {
    const length = total - bare - (digits - 1);
    if (length < 0) return 0;
    if (String(length).length === digits) return length;
    // where one more digit overshoots (99 -> 100), the total cannot be met: one octet less is the nearest
    if (String(length).length < digits) return length;
  }
  return 0;
}

/** How a content is made again when the whole request must have an exact size. */
export interface ExactTotal {
  /** Octets of the whole request. */
  readonly total: number;
  /** A content of so many octets with the same mark. */
  readonly make: (size: number) => Uint8Array;
}

/** One pager message from its first send to its outcome. */
export class PagerMessage implements ClientTransactionUser {
  readonly attempt: Attempt;
  readonly uri: string;
  readonly #agent: UserAgent;
  readonly #values: (string | number)[];
  readonly #exact: ExactTotal | undefined;
  readonly #lines: string;
  #content: Uint8Array;
  #switched = false;
  #answered: AnsweredChallenges | undefined;

  /** Nothing is sent before `start`. */
  constructor(
    agent: UserAgent,
    attempt: Attempt,
    uri: string,
    values: (string | number)[],
    content: Uint8Array,
    exact?: ExactTotal,
  ) {
    this.#agent = agent;
    this.attempt = attempt;
    this.uri = uri;
    this.#values = values;
    this.#content = content;
    this.#exact = exact;
    this.#lines = values[EXTRA] as string;
  }

  /** Sends for the first time. */
  start(): void {
    this.attempt.sentAt = this.#agent.settings.endpoint.clock.now();
    this.#sendWithCredentials();
  }

  /** What it carries, for a switch to large mode. */
  content(): Uint8Array {
    return this.#content;
  }

  /** Whether it hides who sent it. */
  isAnonymous(): boolean {
    return this.#values[FROM] === ANONYMOUS_FROM;
  }

  /** From the transaction. */
  onResponse(message: Message, _transaction: ClientTransaction, at: Millis): void {
    const status = message.status;
    if (isProvisional(status)) return;
    const agent = this.#agent;
    agent.settings.recorder.count(`responses.MESSAGE.${status}`);
    inspectMessageResponse(agent, message, at, this.attempt);
    if ((status === 401 || status === 407) && this.#answer(message)) return;
    if (isSuccess(status)) {
      this.#settle(status === 202 ? "accepted_202" : "accepted_200", at);
      return;
    }
    keepFailure(agent.settings, `rejected_${status}`, this.attempt, at, () => this.#write(), message.octets);
    this.#settle("rejected", at);
  }

  /** From the transaction: Timer F. */
  onTimeout(_transaction: ClientTransaction): void {
    this.#agent.settings.recorder.count("timeouts.MESSAGE");
    const now = this.#agent.settings.endpoint.clock.now();
    keepFailure(this.#agent.settings, "timed_out", this.attempt, now, () => this.#write());
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
    keepFailure(this.#agent.settings, fault, this.attempt, now, () => this.#write());
    this.#settle("failed", now);
  }

  #answer(message: Message): boolean {
    if (!answerChallenges(this.#agent, message, this.#answered ??= new Map())) return false;
    this.#values[SEQUENCE] = (this.#values[SEQUENCE] as number) + 1;
    this.#sendWithCredentials();
    return true;
  }

  /** Sends what the size with credentials makes of it: a pager message still, or a large one. */
  #sendWithCredentials(): void {
    const agent = this.#agent;
    this.#values[EXTRA] = this.#lines + agent.authorizationLines("MESSAGE", this.uri);
    this.#fit();
    const size = pagerSize(this.#values, this.#content.length);
    if (!agent.staysPager(this, size, this.#content.length)) return;
    agent.settings.recorder.count("requests.MESSAGE");
    this.#send(agent.settings.transport, true);
  }

  /** Makes the content again where credentials have changed what is left of an exact total. */
  #fit(): void {
    if (this.#exact === undefined) return;
    const length = contentSizeFor(this.#values, this.#exact.total, 0);
    if (length === this.#content.length) return;
    this.#content = this.#exact.make(length);
    this.#agent.settings.ledger.resize(this.attempt, length);
  }

  #send(transport: TransportName, maySwitch: boolean): void {
    const { endpoint, target } = this.#agent.settings;
    const values = this.#values;
    const branch = endpoint.transactions.newBranch();
    values[TRANSPORT] = transport === "udp" ? "UDP" : "TCP";
    values[BRANCH] = branch;
    values[LENGTH] = this.#content.length;
    const octets = this.#write();
    if (maySwitch && transport === "udp" && octets.length > LARGEST_DATAGRAM_REQUEST) {
      this.#switched = true;
      endpoint.switchedToTcp++;
      this.#send("tcp", false);
      return;
    }
    endpoint.transactions.request("MESSAGE", branch, octets, endpoint.flowTo(transport, target), this);
  }

  /** The request as last sent: the same values give the same octets, so nothing is kept for evidence. */
  #write(): Uint8Array {
    const writer = this.#agent.settings.endpoint.writer.reset();
    TEMPLATE.fill(writer, this.#values);
    return writer.copy(this.#content).view();
  }

  #settle(outcome: Outcome, at: Millis): void {
    this.#agent.settings.ledger.settle(this.attempt, outcome, at);
    this.#agent.pagerEnded(this);
  }
}

/** One request on its way through the server, and its responses on their way back (RFC 3261 §16.6 to §16.9). */
import { OctetWriter } from "../bytes/writer.ts";
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due, Wheel } from "../clock/wheel.ts";
import { Message } from "../sip/message.ts";
import { parseMessage } from "../sip/parse.ts";
import { completeSessionTimer } from "../sip/session_timer_proxy.ts";
import type { SessionTimerOffer } from "../sip/session_timer.ts";
import { isFinal, isProvisional, isSuccess } from "../sip/status.ts";
import { countOne } from "../sip/transaction/counters.ts";
import type { TransactionLayer } from "../sip/transaction/layer.ts";
import type { Slab } from "../sip/transaction/slab.ts";
import type { ClientTransaction, ClientTransactionUser, ServerTransaction } from "../sip/transaction/user.ts";
import type { TransportFault } from "../transport/flow.ts";
import type { Answers } from "./answers.ts";
import { damageLast, withoutLastHalf } from "./damage.ts";
import type { Mishap } from "./every_nth.ts";
import type { Faults } from "./faults.ts";
import { writeForwardedResponse } from "./forwarding.ts";
import type { Departure, Destination } from "./departure.ts";

/** How long an INVITE may ring, more than 3 minutes (RFC 3261 §16.6 item 11). */
export const TIMER_C: Millis = 181_000;

/** What relays share. */
export interface RelayContext {
  readonly wheel: Wheel;
  readonly layer: TransactionLayer;
  readonly answers: Answers;
  readonly faults: Faults;
  readonly counters: Map<string, number>;
  readonly slab: Slab;
  readonly departure: Departure;
  /** A wrong destination instead of the right one. */
  astray(destination: Destination): Destination | undefined;
  /** The relay needs to be found no more. */
  onFinished(relay: Relay): void;
}

/** The session timer of a forwarded INVITE or UPDATE, for its 2xx (RFC 4028 §8.2). */
export interface RelayedTimer {
  readonly expires: number | undefined;
  readonly clientSupports: boolean;
  readonly offer: SessionTimerOffer | undefined;
}

/**
 * Forwards a request to one destination and its responses back.
 *
 * | state    | delay over        | 1xx              | final response        | no response in time    | flow fault        | CANCEL        | Timer C |
 * | -------- | ----------------- | ---------------- | --------------------- | ---------------------- | ----------------- | ------------- | ------- |
 * | held     | send, → sent      | –                | –                     | –                      | –                 | 487, finished | –       |
 * | sent     | –                 | back, C again    | back, finished        | INVITE: 408, finished  | 480, or UDP again | CANCEL        | CANCEL  |
 * | finished | –                 | –                | 2xx to INVITE: back   | –                      | –                 | –             | –       |
 *
 * 100 goes no further than one hop, and 408 to anything but INVITE does no good (RFC 4320 §4.2). A request that went by
 * TCP only for its size is tried by UDP where TCP is refused (RFC 3261 §18.1.1).
 */
export class Relay implements ClientTransactionUser, Due {
  readonly server: ServerTransaction;
  readonly #context: RelayContext;
  readonly #destination: Destination;
  readonly #timer: RelayedTimer | undefined;
  /** The request as received. */
  readonly #request: Uint8Array;
  readonly #opensDialog: boolean;
  #state: "held" | "sent" | "finished" = "held";
  #client: ClientTransaction | undefined;
  #alarm: Alarm | undefined;

  /** Keeps a copy of the request; `start` sends it. */
  constructor(
    context: RelayContext,
    request: Message,
    server: ServerTransaction,
    destination: Destination,
    timer: RelayedTimer | undefined,
  ) {
    this.server = server;
    this.#context = context;
    this.#destination = destination;
    this.#timer = timer;
    this.#opensDialog = request.toTag() === "";
    this.#request = request.method === "INVITE" ? request.octets.slice() : context.slab.keep(request.octets);
  }

  /** Sends the request, after the delay when there is one. */
  start(request: Message): void {
    const { wheel, faults } = this.#context;
    if (faults.delay > 0) this.#alarm = wheel.arm(faults.delay, this, "delay");
    else this.#begin(request);
  }

  /** The client gives its INVITE up. */
  cancel(): void {
    if (this.#state === "held") this.#answer(487);
    else if (this.#client !== undefined) this.#context.layer.cancel(this.#client);
  }

  /** From the wheel. */
  due(timer: string): void {
    if (timer === "delay") this.#begin(this.#read());
    else this.cancel();
  }

  /** From the transaction layer. */
  onResponse(message: Message, transaction: ClientTransaction): void {
    if (transaction !== this.#client) return;
    const { status } = message;
    if (status === 100) return;
    countOne(this.#context.counters, `responses.${this.server.method}.${status}`);
    if (isFinal(status) && this.#state === "sent") {
      if (isSuccess(status)) this.#countSuccess();
      this.#finish();
    } else if (isProvisional(status)) this.#armTimerC();
    const { server } = this;
    if (server.method !== "INVITE" && (status === 408 || isProvisional(status))) return;
    const timer = isSuccess(status) && this.#timer !== undefined
      ? completeSessionTimer(this.#timer, message)
      : undefined;
    const writer = WRITER.reset();
    writeForwardedResponse(writer, message, timer);
    server.respond(status, writer.view());
  }

  /** From the transaction layer. */
  onTimeout(transaction: ClientTransaction): void {
    if (transaction !== this.#client) return;
    countOne(this.#context.counters, `unanswered.${this.server.method}`);
    if (this.server.method === "INVITE") this.#answer(408);
    else this.#finish();
  }

  /** From the transaction layer. */
  onTransportFault(transaction: ClientTransaction, fault: TransportFault): void {
    if (transaction !== this.#client) return;
    countOne(this.#context.counters, `unreachable.${fault}`);
    const switched = transaction.flow.transport === "tcp" && this.#destination.transport === "udp";
    if (switched && fault === "connection_refused") this.#send(this.#read(), "udp");
    else this.#answer(480);
  }

  #begin(request: Message): void {
    const { faults } = this.#context;
    const mishap = request.method === "MESSAGE" ? faults.nextMishap() : undefined;
    if (mishap === undefined) return this.#send(request, "any");
    faults.committed(mishap);
    // as if it had been delivered
    if (mishap === "lose") this.#answer(200);
    else this.#send(request, "any", mishap);
  }

  #send(request: Message, transport: "any" | "udp", mishap?: Mishap): void {
    const { layer, departure, counters, faults, astray } = this.#context;
    const destination = mishap === "misroute" ? astray(this.#destination) ?? this.#destination : this.#destination;
    const leaving = departure.prepare(request, this.server.flow, destination, this.#timer?.offer, transport);
    if (leaving === undefined) return this.#answer(480);
    const { method } = request;
    countOne(counters, `forwarded.${method}`);
    this.#state = "sent";
    let { octets } = leaving;
    const bodyFrom = octets.length - (request.bodyTo - request.bodyFrom);
    if (method === "MESSAGE" && faults.corruptsMessage()) faults.damage(octets, bodyFrom, octets.length);
    if (mishap === "corrupt") damageLast(octets, bodyFrom);
    else if (mishap === "truncate") octets = withoutLastHalf(octets, bodyFrom);
    this.#client = layer.request(method, leaving.branch, octets, leaving.flow, this);
    this.#armTimerC();
    if (method === "MESSAGE" && (mishap === "duplicate" || faults.duplicatesMessage())) this.#sendAgain(request);
  }

  /** Delivers a MESSAGE twice; the responses to the second one go nowhere. */
  #sendAgain(request: Message): void {
    const { layer, departure } = this.#context;
    const leaving = departure.prepare(request, this.server.flow, this.#destination, undefined, "any");
    if (leaving !== undefined) layer.request(request.method, leaving.branch, leaving.octets, leaving.flow, this);
  }

  #armTimerC(): void {
    if (this.server.method !== "INVITE" || this.#state !== "sent") return;
    if (this.#alarm !== undefined) this.#alarm.live = false;
    this.#alarm = this.#context.wheel.arm(TIMER_C, this, "timerC");
  }

  #countSuccess(): void {
    const { counters } = this.#context;
    const { method } = this.server;
    if (method === "MESSAGE") countOne(counters, "delivered.MESSAGE");
    else if (method === "INVITE" && this.#opensDialog) countOne(counters, "dialogs.established");
    else if (method === "BYE") countOne(counters, "dialogs.released");
  }

  #answer(status: number): void {
    this.#finish();
    this.#context.answers.give(this.server, this.#read(), status);
  }

  #read(): Message {
    const request = new Message();
    parseMessage(this.#request, request);
    return request;
  }

  #finish(): void {
    if (this.#state === "finished") return;
    this.#state = "finished";
    if (this.#alarm !== undefined) this.#alarm.live = false;
    this.#context.onFinished(this);
  }
}

/** Shared: a response is written and sent within one call. */
const WRITER = new OctetWriter();

/**
 * The server's core: a stateful proxy with a registrar beside it (RFC 3261 §16).
 *
 * A request goes to one contact, the newest binding: it is not forked. Deviates from RFC 3261 §16.7: a 503 is passed on as
 * it is, because the clients are there to see what peers answered. Deviates from RFC 3261 §16.4 and §16.6 item 6: routers
 * of RFC 2543, without `lr`, are treated as loose ones.
 */
import type { Clock, Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { Wheel } from "../clock/wheel.ts";
import type { Message } from "../sip/message.ts";
import { METHODS } from "../sip/method.ts";
import type { HeaderField } from "../sip/request.ts";
import { forwardSessionTimer } from "../sip/session_timer_proxy.ts";
import { countOne } from "../sip/transaction/counters.ts";
import { TransactionLayer } from "../sip/transaction/layer.ts";
import { Slab } from "../sip/transaction/slab.ts";
import type { ServerCore, ServerTransaction } from "../sip/transaction/user.ts";
import type { Flow } from "../transport/flow.ts";
import { Answers } from "./answers.ts";
import { Departure, type Destination } from "./departure.ts";
import { Faults } from "./faults.ts";
import { maxForwardsOf } from "./forwarding.ts";
import { Gate } from "./gate.ts";
import { Location } from "./location.ts";
import type { ServerOptions } from "./options.ts";
import { Registrar } from "./registrar.ts";
import { Relay, type RelayContext, type RelayedTimer } from "./relay.ts";
import { Router } from "./router.ts";
import { Stall } from "./stall.ts";
import type { Ways } from "./ways.ts";

/** What a proxy is made of. */
export interface ProxyOptions extends ServerOptions {
  readonly wheel: Wheel;
  readonly clock: Clock;
  readonly random: Random;
  readonly ways: Ways;
}

/** A refusal by the server itself. */
interface Refusal {
  readonly status: number;
  readonly headers?: readonly HeaderField[];
}

/** Methods that the server answers itself when they are meant for it, and those that it forwards. */
const ALLOW: HeaderField = ["Allow", METHODS.join(", ")];

/** The schemes that can be routed here. */
const SIP_REGEXP = /^sips?:/i;

/** Registers clients, and forwards requests between them. */
export class StatefulProxy implements ServerCore {
  readonly layer: TransactionLayer;
  readonly location: Location;
  readonly faults: Faults;
  /** What happened, by dotted name. */
  readonly counters: Map<string, number> = new Map();
  readonly #options: ProxyOptions;
  readonly #stall: Stall | undefined;
  readonly #gate: Gate;
  readonly #answers: Answers;
  readonly #registrar: Registrar;
  readonly #router: Router;
  readonly #departure: Departure;
  readonly #context: RelayContext;
  /** INVITEs on their way, which a CANCEL may follow. */
  readonly #invites: Map<ServerTransaction, Relay> = new Map();

  /** A server without clients. */
  constructor(options: ProxyOptions) {
    const { wheel, random, clock, ways } = options;
    const { counters } = this;
    this.#options = options;
    this.layer = new TransactionLayer({
      wheel,
      random,
      core: this,
      flowToPort: (flow, port) => ways.flowTo("udp", { host: flow.remote.host, port }),
    });
    this.location = new Location(wheel);
    this.faults = new Faults(options, random, counters);
    const { stall } = options;
    this.#stall = stall && new Stall(stall, wheel, () => countOne(counters, "faults.stalled"));
    this.#gate = new Gate(options, random, clock);
    this.#answers = new Answers(random, counters);
    this.#router = new Router({ ways, location: this.location, gate: this.#gate, domain: options.domain });
    this.#registrar = new Registrar({
      location: this.location,
      gate: this.#gate,
      answers: this.#answers,
      minExpires: options.minExpires ?? 0,
    });
    this.#departure = new Departure({
      ways,
      counters,
      newBranch: () => this.layer.newBranch(),
      dropsCredentials: this.#gate.takesCredentials(),
    });
    this.#context = {
      wheel,
      layer: this.layer,
      answers: this.#answers,
      faults: this.faults,
      counters,
      slab: new Slab(),
      departure: this.#departure,
      astray: (destination) => this.#router.astray(destination),
      onFinished: (relay) => this.#invites.delete(relay.server),
    };
  }

  /** From the transaction layer. */
  onRequest(message: Message, transaction: ServerTransaction): void {
    countOne(this.counters, `requests.${message.method}`);
    this.#stall?.onRequest(message.method);
    const refusal = this.#screen(message);
    if (refusal !== undefined) {
      this.#answers.give(transaction, message, refusal.status, refusal.headers);
    } else if (message.method === "REGISTER") {
      this.#registrar.register(message, transaction);
    } else if (message.method === "OPTIONS" && this.#router.isForServer(message)) {
      this.#answers.give(transaction, message, 200, [ALLOW]);
    } else this.#forward(message, transaction);
  }

  /** From the transaction layer: an ACK of a 2xx goes on without a transaction (RFC 3261 §16.11). */
  onAck(message: Message, flow: Flow): void {
    countOne(this.counters, "requests.ACK");
    const destination = maxForwardsOf(message) === 0 ? 483 : this.#router.route(message);
    if (typeof destination === "number") return;
    const leaving = this.#departure.prepare(message, flow, destination, undefined, "any");
    if (leaving === undefined) return;
    countOne(this.counters, "forwarded.ACK");
    if (this.faults.delay === 0) return leaving.flow.send(leaving.octets);
    const octets = leaving.octets.slice();
    this.#options.wheel.arm(this.faults.delay, { due: () => leaving.flow.send(octets) }, "delay");
  }

  /** From the transaction layer. */
  onCancel(invite: ServerTransaction): void {
    countOne(this.counters, "requests.CANCEL");
    this.#invites.get(invite)?.cancel();
  }

  /** From the transaction layer: a proxy does not pass on what belongs to no transaction (RFC 6026 §7.3). */
  onStrayResponse(_message: Message, _flow: Flow, _at: Millis): void {
    countOne(this.counters, "responses.stray");
  }

  /** Why a request goes no further; undefined when it may (RFC 3261 §16.3). */
  #screen(message: Message): Refusal | undefined {
    const { method } = message;
    if (!SIP_REGEXP.test(message.requestUri())) return { status: 416 };
    if (method === "REGISTER") return this.#router.servesRegister(message) ? undefined : { status: 404 };
    const isAnsweredHere = method === "OPTIONS" && this.#router.isForServer(message);
    if (maxForwardsOf(message) === 0 && !isAnsweredHere) return { status: 483 };
    const required = message.header("Proxy-Require");
    if (required !== undefined) return { status: 420, headers: [["Unsupported", required]] };
    const { maxMessage } = this.#options;
    if (method === "MESSAGE" && maxMessage !== undefined && message.octets.length > maxMessage) return { status: 513 };
    const challenged = this.#gate.checkRequest(message);
    if (challenged !== undefined) return { status: challenged.status, headers: [challenged.header] };
    if ((method !== "MESSAGE" && method !== "INVITE") || message.toTag() !== "") return undefined;
    const status = this.faults.refusal();
    return status === undefined ? undefined : { status };
  }

  #forward(message: Message, transaction: ServerTransaction): void {
    const timer = this.#timerOf(message);
    if (timer !== undefined && "status" in timer) {
      return this.#answers.give(transaction, message, timer.status, timer.headers);
    }
    const destination = this.#router.route(message);
    if (typeof destination === "number") return this.#answers.give(transaction, message, destination);
    this.#relay(message, transaction, destination, timer);
  }

  #relay(
    message: Message,
    transaction: ServerTransaction,
    destination: Destination,
    timer: RelayedTimer | undefined,
  ): void {
    const relay = new Relay(this.#context, message, transaction, destination, timer);
    if (message.method === "INVITE") this.#invites.set(transaction, relay);
    relay.start(message);
  }

  /** What becomes of a session timer; a refusal when its interval is too small (RFC 4028 §8.1). */
  #timerOf(message: Message): RelayedTimer | Refusal | undefined {
    const { minSe } = this.#options;
    if (minSe === undefined || (message.method !== "INVITE" && message.method !== "UPDATE")) return undefined;
    const timer = forwardSessionTimer(message, { minSe });
    if (timer.status === "forward") {
      const { offer, expires, clientSupports } = timer;
      return { offer, expires, clientSupports };
    }
    return { status: timer.status, headers: [["Min-SE", String(timer.minSe)]] };
  }
}

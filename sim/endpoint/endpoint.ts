/**
 * Plugs transports, transactions, dialogs and MSRP together for one event loop: the only place that does.
 *
 * In: socket → framing → `TransactionLayer.receive` → dialog user or core. Out: `request` → flow → socket.
 */
import type { Clock, Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import { MsrpLayer } from "../msrp/layer.ts";
import { type DialogOwner, Dialogs } from "../sip/dialog/dialogs.ts";
import type { Message } from "../sip/message.ts";
import { writeResponse } from "../sip/response.ts";
import { DEFAULT_TIMERS, type TimerValues, transactionTimeout } from "../sip/timers.ts";
import { countOne } from "../sip/transaction/counters.ts";
import { TransactionLayer } from "../sip/transaction/layer.ts";
import type { ServerCore, ServerTransaction } from "../sip/transaction/user.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { formatAddress, sameAddress } from "../transport/address.ts";
import type { Address, Flow, Receiver, TransportFault, TransportName } from "../transport/flow.ts";
import { KeepAlive } from "./keep_alive.ts";
import { MergedRequests } from "./merged_requests.ts";
import type { TransportReceivers, Transports } from "./sockets.ts";

/** The largest request that may leave over UDP when the path MTU is not known, in octets (RFC 3261 §18.1.1). */
export const LARGEST_DATAGRAM_REQUEST = 1300;
/** Timers that outlive messages and sessions: of transactions, connections, bindings. */
const STANDING_TIMERS = /^(?:timer[A-Z]|closed|linger|ping|pong|refresh|again|pause|next)$/;

/** What is still alive at the end, by kind; timers are those of messages and sessions. */
export type Leftovers = Readonly<
  Record<"timers" | "dialogs" | "transactions" | "msrpSessions" | "msrpConnections", number>
>;

/** What owns a dialog: gets the requests inside it. */
export interface DialogUser extends DialogOwner {
  /** A request inside the dialog, in order; not ACK, not CANCEL. */
  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void;
  /** The ACK of our 2xx. */
  onAck(message: Message, at: Millis): void;
  /** A retransmitted or forked 2xx that no transaction takes any more (RFC 3261 §13.2.2.4). */
  onStrayAnswer(message: Message, flow: Flow, at: Millis): void;
}

/** What gets requests that start something new. */
export interface EndpointCore {
  /** A request outside every dialog. */
  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void;
}

/** How an endpoint is opened. */
export interface EndpointOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly core: EndpointCore;
  /** Opens the transports; `Sockets` outside of tests. */
  readonly transports: (receivers: TransportReceivers) => Transports;
  /** T1, T2, T4 other than RFC 3261's. */
  readonly timers?: TimerValues;
  /** A wheel that others share; one of its own by default. */
  readonly wheel?: Wheel;
}

/** One party's sockets and protocol layers. */
export class Endpoint implements ServerCore {
  readonly clock: Clock;
  readonly random: Random;
  readonly wheel: Wheel;
  readonly timers: TimerValues;
  readonly transactions: TransactionLayer;
  readonly dialogs: Dialogs<DialogUser> = new Dialogs();
  readonly msrp: MsrpLayer;
  /** Shared buffer for messages that are written and sent within one call. */
  readonly writer: OctetWriter = new OctetWriter(4096);
  /** Where SIP is listened for, UDP and TCP alike. */
  readonly local: Address;
  /** Where MSRP is listened for. */
  readonly msrpLocal: Address;
  readonly transports: Transports;
  /** Requests that left over TCP although UDP was configured (RFC 3261 §18.1.1). */
  switchedToTcp = 0;
  /** Faults of flows that carry SIP, by fault. */
  readonly flowFaults: Map<TransportFault, number> = new Map();
  /** Called after each received message; set by the loop. */
  onActivity: ((at: Millis) => void) | undefined;
  /** Called when datagrams were read, see `Receiver.onRead`; set by the loop. */
  onRead: ((mustTake: boolean) => boolean) | undefined;
  /** Called when a flow that carries SIP has failed, before its transactions hear of it; set by the load. */
  onFlowLost: ((flow: Flow) => void) | undefined;
  /** Called when a connection for SIP that we asked for stands; set by the load. */
  onFlowMade: ((flow: Flow) => void) | undefined;
  #keepAlive: KeepAlive | undefined;
  readonly #core: EndpointCore;
  readonly #merged: MergedRequests;
  /** By source. */
  readonly #sentBy: readonly string[];

  /** Opens all sockets; throws the system's error when the address cannot be bound. */
  constructor(options: EndpointOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.#core = options.core;
    this.wheel = options.wheel ?? new Wheel(options.clock.now());
    this.timers = options.timers ?? DEFAULT_TIMERS;
    this.#merged = new MergedRequests(transactionTimeout(this.timers), this.wheel.now);
    this.transactions = new TransactionLayer({
      wheel: this.wheel,
      random: options.random,
      core: this,
      timers: this.timers,
      flowToPort: (flow, port) => this.flowTo("udp", { host: flow.remote.host, port }, this.#sourceOf(flow)),
    });
    this.msrp = new MsrpLayer({ wheel: this.wheel, random: options.random });
    const sip = this.#awake(this.transactions);
    const onFlowFault = (flow: Flow, fault: TransportFault): void => this.#lose(flow, fault);
    const onConnected = (flow: Flow): void => this.onFlowMade?.(flow);
    this.transports = options.transports({ sip: { ...sip, onFlowFault, onConnected }, msrp: this.#awake(this.msrp) });
    this.local = this.transports.local;
    this.msrpLocal = this.transports.msrpLocal;
    this.#sentBy = (this.transports.locals ?? [this.local]).map(formatAddress);
  }

  /** Value of sent-by in our Via header fields, for what leaves from that source. */
  sentBy(source = 0): string {
    return this.#sentBy[source]!;
  }

  /** Whether we listen at an address of that host. */
  isOurHost(host: string): boolean {
    return host === this.local.host || this.transports.locals?.some((local) => local.host === host) === true;
  }

  /** The flow that reaches a peer; datagrams leave from that source. */
  flowTo(transport: TransportName, remote: Address, source = 0): Flow {
    const flow = this.transports.flowTo(transport, remote, source);
    this.#keepAlive?.use(flow);
    return flow;
  }

  /** The source that a flow leaves from. */
  #sourceOf({ local }: Flow): number {
    const { locals } = this.transports;
    return locals === undefined ? 0 : Math.max(0, locals.findIndex((each) => sameAddress(each, local)));
  }

  /** From now on connections to that peer are kept alive (RFC 5626 §4.4.1); what does not answer is closed. */
  keepAlive(remote: Address): void {
    const { wheel, random } = this;
    const onDead = (flow: Flow): void => {
      flow.close();
      this.#lose(flow, "no_pong");
    };
    this.#keepAlive = new KeepAlive({ remote, wheel, random, onDead });
  }

  /** Pings sent. */
  pings(): number {
    return this.#keepAlive?.pings ?? 0;
  }

  #lose(flow: Flow, fault: TransportFault): void {
    countOne(this.flowFaults, fault);
    this.#keepAlive?.forget(flow);
    this.onFlowLost?.(flow);
    this.transactions.onFlowFault(flow, fault);
  }

  /** Writes and sends a response; its top Via gets what the server must add (RFC 3581 §4). */
  respond(
    transaction: ServerTransaction,
    request: Message,
    status: number,
    options: Parameters<typeof writeResponse>[3] = {},
  ): void {
    const writer = this.writer.reset();
    writeResponse(writer, request, status, { received: transaction.flow.remote, ...options });
    transaction.respond(status, writer.view());
  }

  /** Receives for the transaction layer, and tells whoever turns the loop that time has passed. */
  #awake(layer: Receiver): Receiver {
    return {
      receive: (octets, flow, at) => {
        layer.receive(octets, flow, at);
        this.onActivity?.(at);
      },
      onRead: (mustTake) => this.onRead?.(mustTake) ?? false,
      onFlowFault: (flow, fault) => layer.onFlowFault(flow, fault),
      onConnected: (flow, at) => layer.onConnected?.(flow, at),
      onDrained: (flow) => layer.onDrained?.(flow),
    };
  }

  /** What is still alive, by kind; all zero at the end of a clean run. */
  leftovers(): Leftovers {
    return {
      timers: this.wheel.count((timer) => !STANDING_TIMERS.test(timer)),
      dialogs: this.dialogs.size,
      transactions: this.transactions.size(),
      msrpSessions: this.msrp.size(),
      msrpConnections: this.transports.msrpConnections(),
    };
  }

  /** Ends every transaction and closes every socket. */
  async close(): Promise<void> {
    this.transactions.close();
    await this.transports.close();
  }

  /** Whether a request outside every dialog has come before on another way; ask once for each transaction. */
  isMerged(message: Message, transaction: ServerTransaction, at: Millis): boolean {
    // over connections a transaction other than INVITE is over with its answer: nothing is left to merge with
    if (transaction.flow.reliable && message.method !== "INVITE") return false;
    return this.#merged.sees(message, at);
  }

  /** From the transaction layer. */
  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void {
    const found = !message.hasToTag() ? undefined : this.dialogs.find(message);
    if (found === undefined) {
      this.#core.onRequest(message, transaction, at);
    } else if (found.dialog.acceptRequest(message) === "out_of_order") {
      this.respond(transaction, message, 500);
    } else {
      found.onRequest(message, transaction, at);
    }
  }

  /** From the transaction layer. */
  onAck(message: Message, _flow: Flow, at: Millis): void {
    this.dialogs.find(message)?.onAck(message, at);
  }

  /** From the transaction layer; the core of a user agent answers INVITE at once, so there is nothing left to cancel. */
  onCancel(_invite: ServerTransaction, _at: Millis): void {}

  /** From the transaction layer: the answer to our keep-alive. */
  onPong(flow: Flow): void {
    this.#keepAlive?.onPong(flow);
  }

  /** From the transaction layer. */
  onStrayResponse(message: Message, flow: Flow, at: Millis): void {
    this.dialogs.find(message)?.onStrayAnswer(message, flow, at);
  }
}

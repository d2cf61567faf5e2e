/** The transaction layer: finds the transaction of every message, and makes those of new requests (RFC 3261 §17). */
import { SequenceTable } from "../../bytes/sequence_table.ts";
import { Spares } from "../../bytes/spares.ts";
import type { Millis } from "../../clock/clock.ts";
import type { Departing, Flow, Receiver, TransportFault } from "../../transport/flow.ts";
import { Message } from "../message.ts";
import { KnownShapes } from "../known_shapes.ts";
import type { ParseFault } from "../parse.ts";
import { isSuccess } from "../status.ts";
import { DEFAULT_TIMERS, transactionTimeout } from "../timers.ts";
import { Completed } from "./completed.ts";
import { Answers } from "./answers.ts";
import { answerFlow, type FlowToPort } from "./answer_flow.ts";
import { countOne, LayerCounters } from "./counters.ts";
import { FirstTimer } from "./first_timer.ts";
import { InviteClient, type InviteClientKeeper } from "./invite_client.ts";
import { InviteServer } from "./invite_server.ts";
import { isKeepAlive, receiveKeepAlive } from "./keep_alive.ts";
import type { Keeper } from "./keeper.ts";
import { Branches, serverKey } from "./key.ts";
import { Lingering } from "./lingering.ts";
import { NonInviteClient, type NonInviteClientKeeper } from "./non_invite_client.ts";
import { NonInviteServer, type NonInviteServerKeeper } from "./non_invite_server.ts";
import type { TransactionLayerOptions } from "./options.ts";
import { isAnswerable, statusOfFault } from "./refusal.ts";
import { Roster } from "./roster.ts";
import { Slab } from "./slab.ts";
import type { ClientTransaction, ClientTransactionUser, ServerCore } from "./user.ts";

const TAG_DIGITS = 16;

/** The user of a CANCEL: the outcome shows in the responses to the INVITE. */
const CANCEL_USER: ClientTransactionUser = { onResponse: () => {}, onTimeout: () => {}, onTransportFault: () => {} };

const endAll = (servers: readonly NonInviteServer[]): void => servers.forEach((server) => server.end());

/** All transactions of one party; gets whole messages from flows and sends on them. */
export class TransactionLayer implements Receiver {
  readonly counters: LayerCounters = new LayerCounters();
  /** What every branch begins with; eight hexadecimal digits of its number follow. */
  readonly branchPrefix: string;
  readonly #core: ServerCore;
  readonly #flowToPort: FlowToPort | undefined;
  readonly #branches: Branches;
  readonly #message = new Message();
  readonly #shapes = new KnownShapes();
  readonly #answers: Answers;
  readonly #clients: SequenceTable<NonInviteClient | InviteClient> = new SequenceTable();
  readonly #cancels: SequenceTable<NonInviteClient> = new SequenceTable();
  readonly #spares = new Spares<NonInviteClient>();
  readonly #completed: Completed;
  readonly #completedCancels: Completed;
  readonly #inviteServers: SequenceTable<InviteServer> = new SequenceTable();
  readonly #servers: SequenceTable<NonInviteServer> = new SequenceTable();
  readonly #roster = new Roster();
  readonly #clientKeeper: NonInviteClientKeeper;
  readonly #cancelKeeper: NonInviteClientKeeper;
  readonly #inviteClientKeeper: InviteClientKeeper;
  readonly #serverKeeper: NonInviteServerKeeper;
  readonly #inviteServerKeeper: Keeper<InviteServer>;

  /** A layer without transactions. */
  constructor(options: TransactionLayerOptions) {
    const shared = {
      wheel: options.wheel,
      timers: options.timers ?? DEFAULT_TIMERS,
      counters: this.counters,
      slab: new Slab(),
    };
    this.#core = options.core;
    this.#flowToPort = options.flowToPort;
    this.#branches = new Branches(options.random);
    this.branchPrefix = this.#branches.prefix;
    this.#answers = new Answers(options.random.hexadecimal(TAG_DIGITS));
    const forgotten = (count: number) => void (this.counters.openClient -= count);
    this.#completed = new Completed(shared.wheel, shared.timers.t4, forgotten);
    this.#completedCancels = new Completed(shared.wheel, shared.timers.t4, forgotten);
    const firstTimer = (clients: SequenceTable<NonInviteClient | InviteClient>): FirstTimer =>
      new FirstTimer(shared.wheel, shared.timers.t1, clients);
    this.#clientKeeper = {
      ...shared,
      firstTimer: firstTimer(this.#clients),
      onTerminated: (client) => this.#forgetClient(this.#clients, client),
      onCompleted: ({ sequence }) => {
        if (this.#clients.delete(sequence)) this.#completed.add(sequence);
      },
    };
    this.#cancelKeeper = {
      ...shared,
      firstTimer: firstTimer(this.#cancels),
      onTerminated: (client) => this.#forgetClient(this.#cancels, client),
      onCompleted: ({ sequence }) => {
        if (this.#cancels.delete(sequence)) this.#completedCancels.add(sequence);
      },
    };
    this.#inviteClientKeeper = {
      ...shared,
      onTerminated: (client) => this.#forgetClient(this.#clients, client),
      sendCancel: (invite, octets) => this.#sendCancel(invite, octets),
    };
    // responses stay for 64*T1, requests until they are answered: not side by side
    const responses = { ...shared, slab: new Slab() };
    const answered = new Lingering<NonInviteServer>(shared.wheel, transactionTimeout(shared.timers), "timerJ", endAll);
    this.#serverKeeper = {
      ...responses,
      onTerminated: (server) => this.#forgetServer(this.#servers, server),
      onCompleted: (server) => answered.add(server),
    };
    this.#inviteServerKeeper = { ...shared, onTerminated: (server) => this.#forgetServer(this.#inviteServers, server) };
  }

  /** A branch for the top Via of a new request: 31 characters, unique (RFC 3261 §8.1.1.7). */
  newBranch(): string {
    return this.#branches.next();
  }

  /** As `newBranch`, for who writes prefix and number: the number. */
  newBranchNumber(): number {
    return this.#branches.nextSequence();
  }

  /** The branch with that number. */
  branchOf(number: number): string {
    return this.#branches.branchOf(number);
  }

  /**
   * Sends a request, whose top Via has `branch` (or that number), and starts its transaction; `octets` are copied where
   * needed. `departing` is told when they left (not for INVITE). Of a flow that is closed the user hears a moment later.
   */
  request(
    method: string,
    branch: string | number,
    octets: Uint8Array,
    flow: Flow,
    user: ClientTransactionUser,
    departing?: Departing,
  ): ClientTransaction {
    const sequence = typeof branch === "number" ? branch : this.#branches.sequenceOf(branch);
    if (this.#clients.has(sequence) || this.#completed.has(sequence)) {
      throw new RangeError(`Cannot use branch "${branch}": a transaction has it`);
    }
    const client = method === "INVITE"
      ? new InviteClient(this.#inviteClientKeeper, sequence, octets, flow, user)
      : (this.#spares.take() ?? new NonInviteClient(this.#clientKeeper))
        .begin(method, sequence, octets, flow, user, departing);
    this.#clients.set(sequence, client);
    this.counters.openClient++;
    this.#roster.add(client);
    return client;
  }

  /** Gives an INVITE up (RFC 3261 §9.1): CANCEL leaves between a provisional response and a final one. */
  cancel(transaction: ClientTransaction): void {
    if (transaction instanceof InviteClient) transaction.cancel();
  }

  /** From the transport. */
  receive(octets: Uint8Array, flow: Flow, at: Millis): void {
    if (isKeepAlive(octets)) return receiveKeepAlive(octets, flow, at, this.counters, this.#core);
    const message = this.#message;
    const fault = this.#shapes.parse(octets, message);
    if (fault !== undefined) this.#refuse(message, fault, flow);
    else if (message.isRequest) this.#receiveAnyRequest(message, flow, at);
    else this.#receiveResponse(message, flow, at);
  }

  #receiveAnyRequest(message: Message, flow: Flow, at: Millis): void {
    this.counters.requests++;
    if (message.method === "ACK") this.#receiveAck(message, flow, at);
    else if (message.method === "CANCEL") this.#receiveCancel(message, flow, at);
    else if (message.method === "INVITE") this.#receiveInvite(message, flow, at);
    else this.#receiveRequest(message, flow, at);
  }

  /** From the transport: ends every transaction of the flow. */
  onFlowFault(flow: Flow, fault: TransportFault): void {
    const affected = this.#roster.on(flow) ?? [...this.#all()].filter((transaction) => transaction.flow === flow);
    for (const transaction of affected) {
      if (transaction.state !== "terminated") transaction.onFlowFault(fault);
    }
  }

  /** Transactions alive. */
  size(): number {
    const clients = this.#clients.size + this.#completed.size + this.#cancels.size + this.#completedCancels.size;
    return clients + this.#inviteServers.size + this.#servers.size;
  }

  /** Ends every transaction without a word to its user. */
  close(): void {
    for (const transaction of [...this.#all()]) transaction.abandon();
    for (const { firstTimer } of [this.#clientKeeper, this.#cancelKeeper]) firstTimer.clear();
    this.#completed.clear();
    this.#completedCancels.clear();
  }

  #receiveResponse(message: Message, flow: Flow, at: Millis): void {
    const sequence = this.#branches.sequenceIn(message);
    const isCancel = message.method === "CANCEL";
    const client = isCancel ? this.#cancels.get(sequence) : this.#clients.get(sequence);
    if (client !== undefined && client.method === message.method) {
      client.receive(message, at);
      if (client instanceof NonInviteClient && client.isReusable && client.state === "completed") {
        this.#spares.keep(client);
      }
      return;
    }
    if ((isCancel ? this.#completedCancels : this.#completed).has(sequence)) {
      this.counters.absorbedResponses++;
      return;
    }
    this.counters.strayResponses++;
    if (message.method === "INVITE" && isSuccess(message.status)) this.#core.onStrayResponse(message, flow, at);
  }

  #receiveRequest(message: Message, flow: Flow, at: Millis): void {
    const key = serverKey(message);
    const known = this.#servers.get(key);
    if (known !== undefined) return known.receiveAgain();
    const server = this.#serve(message.method, key, answerFlow(message, flow, this.#flowToPort));
    this.#core.onRequest(message, server, at);
    if (server.state === "trying") server.await100(this.#answers.write(message, 100, flow));
  }

  #receiveInvite(message: Message, flow: Flow, at: Millis): void {
    const key = serverKey(message);
    const known = this.#inviteServers.get(key);
    if (known !== undefined) return known.receiveAgain();
    const server = new InviteServer(this.#inviteServerKeeper, key, answerFlow(message, flow, this.#flowToPort));
    this.#inviteServers.set(key, server);
    this.counters.openServer++;
    this.#roster.add(server);
    this.#core.onRequest(message, server, at);
    if (server.state === "proceeding" && !server.responded) server.await100(this.#answers.write(message, 100, flow));
  }

  #receiveAck(message: Message, flow: Flow, at: Millis): void {
    const server = this.#inviteServers.get(serverKey(message, "INVITE"));
    if (server === undefined || server.receiveAck()) this.#core.onAck(message, flow, at);
  }

  #receiveCancel(message: Message, flow: Flow, at: Millis): void {
    const key = serverKey(message);
    const known = this.#servers.get(key);
    if (known !== undefined) return known.receiveAgain();
    const invite = this.#inviteServers.get(serverKey(message, "INVITE"));
    const status = invite === undefined ? 481 : 200;
    const server = this.#serve("CANCEL", key, answerFlow(message, flow, this.#flowToPort));
    server.respond(status, this.#answers.write(message, status, flow, this.#answers.tagFor(invite)));
    if (invite === undefined) this.counters.strayCancels++;
    else if (invite.state === "proceeding") this.#core.onCancel(invite, at);
  }

  /** What cannot be read is counted, and answered where the answer can find its way (RFC 3261 §8.2.6, §21.5.6). */
  #refuse(message: Message, fault: ParseFault, flow: Flow): void {
    countOne(this.counters.malformed, fault);
    if (!isAnswerable(message)) return;
    answerFlow(message, flow, this.#flowToPort).send(this.#answers.write(message, statusOfFault(fault), flow));
  }

  #serve(method: string, key: number, flow: Flow): NonInviteServer {
    const server = new NonInviteServer(this.#serverKeeper, method, key, flow);
    this.#servers.set(key, server);
    this.counters.openServer++;
    this.#roster.add(server);
    return server;
  }

  #sendCancel(invite: InviteClient, octets: Uint8Array): void {
    const { sequence, flow } = invite;
    const client = new NonInviteClient(this.#cancelKeeper).begin("CANCEL", sequence, octets, flow, CANCEL_USER);
    this.#cancels.set(sequence, client);
    this.counters.openClient++;
    this.#roster.add(client);
  }

  *#all(): Generator<NonInviteClient | InviteClient | InviteServer | NonInviteServer> {
    yield* this.#clients.values();
    yield* this.#cancels.values();
    yield* this.#inviteServers.values();
    yield* this.#servers.values();
  }

  #forgetClient(clients: SequenceTable<unknown>, client: NonInviteClient | InviteClient): void {
    if (clients.delete(client.sequence)) this.counters.openClient--;
    this.#roster.remove(client);
  }

  #forgetServer(servers: SequenceTable<unknown>, server: NonInviteServer | InviteServer): void {
    if (servers.delete(server.key)) this.counters.openServer--;
    this.#roster.remove(server);
  }
}

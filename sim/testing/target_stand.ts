/** The embedded IM server in a simulated network, with clients that show every message: the stand for tests of `target/`. */
import { OctetWriter } from "../bytes/writer.ts";
import type { Clock } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import { SipFramer } from "../sip/framing.ts";
import type { Message } from "../sip/message.ts";
import { type HeaderField, writeRequest } from "../sip/request.ts";
import { type ResponseOptions, writeResponse } from "../sip/response.ts";
import { TransactionLayer } from "../sip/transaction/layer.ts";
import type {
  ClientTransaction,
  ClientTransactionUser,
  ServerCore,
  ServerTransaction,
} from "../sip/transaction/user.ts";
import { LossyReceiver } from "../target/faults.ts";
import type { ServerOptions } from "../target/options.ts";
import { StatefulProxy } from "../target/proxy.ts";
import { formatAddress } from "../transport/address.ts";
import type { Address, Flow, TransportFault, TransportName } from "../transport/flow.ts";
import { type Host, Simnet } from "./simnet.ts";

/** Where the server is. */
export const SERVER: Address = { host: "127.0.0.1", port: 5060 };

/** What a client asks for, beside the usual headers. */
export interface ClientRequest {
  readonly uri: string;
  readonly to?: string;
  readonly from?: string;
  readonly callId?: string;
  readonly sequenceNumber?: number;
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
  /** Max-Forwards; 70 unless said. */
  readonly maxForwards?: number;
}

/** One client: notes what it gets, answers requests as it is told. */
export class StandClient implements ClientTransactionUser, ServerCore {
  readonly name: string;
  readonly address: Address;
  readonly transport: TransportName;
  readonly layer: TransactionLayer;
  readonly responses: Message[] = [];
  readonly requests: Message[] = [];
  readonly acks: Message[] = [];
  readonly cancelled: ServerTransaction[] = [];
  readonly transactions: ServerTransaction[] = [];
  readonly faults: TransportFault[] = [];
  timeouts = 0;
  /** What it answers; 0: nothing. */
  answer = 200;
  answerHeaders: readonly HeaderField[] = [];
  readonly #net: Simnet;
  readonly #host: Host;
  readonly #writer = new OctetWriter();
  #sequenceNumber = 0;

  /** Attached to the network, not registered. */
  constructor(net: Simnet, name: string, port: number, transport: TransportName) {
    this.name = name;
    this.address = { host: "127.0.0.1", port };
    this.transport = transport;
    this.layer = new TransactionLayer({ wheel: net.wheel, random: new Random(port), core: this });
    this.#net = net;
    this.#host = net.attach(this.address, this.layer, () => new SipFramer());
  }

  /** Its address-of-record. */
  uri(): string {
    return `sip:${this.name}@ims.example`;
  }

  /** The URI it registers. */
  contact(): string {
    return `sip:${this.name}@${formatAddress(this.address)};transport=${this.transport}`;
  }

  /** The flow to the server, or to somebody else. */
  flow(remote: Address = SERVER): Flow {
    return this.#net.flowTo(this.#host, this.transport, remote);
  }

  /** Sends a request to the server. */
  send(method: string, request: ClientRequest): ClientTransaction {
    const branch = this.layer.newBranch();
    return this.layer.request(method, branch, this.octets(method, branch, request), this.flow(), this);
  }

  /** Sends an ACK, which has no transaction. */
  sendAck(request: ClientRequest): void {
    this.flow().send(this.octets("ACK", this.layer.newBranch(), request));
  }

  /** Sends a REGISTER of its contact, or of others. */
  register(
    expires: number,
    request: Partial<ClientRequest> = {},
    contact = `<${this.contact()}>;expires=${expires}`,
  ): ClientTransaction {
    const { headers = [], ...rest } = request;
    return this.send("REGISTER", {
      uri: "sip:ims.example",
      to: this.uri(),
      callId: `register-${this.name}`,
      ...rest,
      headers: [["Contact", contact], ...headers],
    });
  }

  /** The octets of a request. */
  octets(method: string, branch: string, request: ClientRequest): Uint8Array {
    const number = request.sequenceNumber ?? ++this.#sequenceNumber;
    const to = request.to ?? request.uri;
    const writer = this.#writer.reset();
    writeRequest(writer, {
      method,
      uri: request.uri,
      transport: this.transport,
      sentBy: formatAddress(this.address),
      branch,
      headers: [
        ["Max-Forwards", String(request.maxForwards ?? 70)],
        ["From", request.from ?? `<${this.uri()}>;tag=${this.name}`],
        ["To", to.startsWith("<") ? to : `<${to}>`],
        ["Call-ID", request.callId ?? `${this.name}-${number}`],
        ["CSeq", `${number} ${method}`],
        ...request.headers ?? [],
      ],
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return writer.take();
  }

  /** Answers a request it has got. */
  respond(index: number, status: number, options: ResponseOptions = {}): void {
    const writer = this.#writer.reset();
    const { flow } = this.transactions[index]!;
    const toTag = status === 100 ? {} : { toTag: this.name };
    writeResponse(writer, this.requests[index]!, status, {
      received: flow.remote,
      recordRoute: true,
      headers: this.answerHeaders,
      ...toTag,
      ...options,
    });
    this.transactions[index]!.respond(status, writer.view());
  }

  /** The statuses of the responses it has got. */
  statuses(): number[] {
    return this.responses.map(({ status }) => status);
  }

  onResponse(message: Message): void {
    this.responses.push(message.keep());
  }

  onTimeout(): void {
    this.timeouts++;
  }

  onTransportFault(_transaction: ClientTransaction, fault: TransportFault): void {
    this.faults.push(fault);
  }

  onRequest(message: Message, transaction: ServerTransaction): void {
    this.requests.push(message.keep());
    this.transactions.push(transaction);
    if (this.answer > 0) this.respond(this.requests.length - 1, this.answer);
  }

  onAck(message: Message): void {
    this.acks.push(message.keep());
  }

  onCancel(invite: ServerTransaction): void {
    this.cancelled.push(invite);
    this.respond(this.transactions.indexOf(invite), 487);
  }

  onStrayResponse(): void {}
}

/** The server and its network. */
export class TargetStand {
  readonly wheel: Wheel = new Wheel();
  readonly net: Simnet;
  readonly proxy: StatefulProxy;
  #nextPort = 5070;

  /** A server without clients; datagrams and connections take 1 ms each way. */
  constructor(options: ServerOptions = {}) {
    this.net = new Simnet({ wheel: this.wheel, random: new Random(1) });
    const clock: Clock = { now: () => this.wheel.now };
    let host: Host | undefined = undefined;
    this.proxy = new StatefulProxy({
      ...options,
      wheel: this.wheel,
      clock,
      random: new Random(2),
      ways: {
        flowTo: (transport, remote) => this.net.flowTo(host!, transport, remote),
        isOwn: (name, port) => name === SERVER.host && port === SERVER.port,
      },
    });
    const receiver = new LossyReceiver(this.proxy.layer, this.proxy.faults);
    host = this.net.attach(SERVER, receiver, () => new SipFramer());
  }

  /** A client that is not registered. */
  client(name: string, transport: TransportName = "udp"): StandClient {
    return new StandClient(this.net, name, this.#nextPort++, transport);
  }

  /** A client that has registered for an hour, without what that brought. */
  registered(name: string, transport: TransportName = "udp"): StandClient {
    const client = this.client(name, transport);
    client.register(3600);
    this.pass(10);
    client.responses.length = 0;
    return client;
  }

  /** Lets time pass. */
  pass(duration: number): void {
    this.wheel.advance(this.wheel.now + duration);
  }

  /** A count of the server; 0 when there is none. */
  count(name: string): number {
    return this.proxy.counters.get(name) ?? 0;
  }
}

/** A transaction layer on a recording flow, with users that note what they are told: the stand for tests of RFC 3261 §17. */
import { OctetWriter } from "../bytes/writer.ts";
import type { Millis } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import { Message } from "../sip/message.ts";
import { parseMessage } from "../sip/parse.ts";
import { writeRequest } from "../sip/request.ts";
import { type ResponseOptions, writeResponse } from "../sip/response.ts";
import { TransactionLayer } from "../sip/transaction/layer.ts";
import type {
  ClientTransaction,
  ClientTransactionUser,
  ServerCore,
  ServerTransaction,
} from "../sip/transaction/user.ts";
import type { Flow, TransportFault, TransportName } from "../transport/flow.ts";
import { FlowRecorder } from "./flow_recorder.ts";

/** Notes what a client transaction tells. */
export class RecordingUser implements ClientTransactionUser {
  readonly statuses: number[] = [];
  readonly faults: TransportFault[] = [];
  timeouts = 0;
  /** Called with each response, after it was noted. */
  act: (message: Message, transaction: ClientTransaction) => void = () => {};

  onResponse(message: Message, transaction: ClientTransaction): void {
    this.statuses.push(message.status);
    this.act(message, transaction);
  }

  onTimeout(): void {
    this.timeouts++;
  }

  onTransportFault(_transaction: ClientTransaction, fault: TransportFault): void {
    this.faults.push(fault);
  }
}

/** Notes what a layer tells its core. */
export class RecordingCore implements ServerCore {
  readonly requests: { message: Message; transaction: ServerTransaction; at: Millis }[] = [];
  readonly acks: Message[] = [];
  readonly cancels: ServerTransaction[] = [];
  readonly strays: Message[] = [];
  pongs = 0;
  /** Called with each request, after it was noted. */
  act: (message: Message, transaction: ServerTransaction) => void = () => {};

  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void {
    this.requests.push({ message: message.keep(), transaction, at });
    this.act(message, transaction);
  }

  onAck(message: Message): void {
    this.acks.push(message.keep());
  }

  onCancel(invite: ServerTransaction): void {
    this.cancels.push(invite);
  }

  onStrayResponse(message: Message): void {
    this.strays.push(message.keep());
  }

  onPong(): void {
    this.pongs++;
  }
}

/** What a request of a stand may have beside the usual. */
export interface StandRequest {
  readonly method: string;
  readonly branch: string;
  readonly toTag?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Uint8Array;
}

/** The stand: a layer, its flow and those it tells. */
export class TransactionStand {
  readonly wheel: Wheel = new Wheel();
  readonly core: RecordingCore = new RecordingCore();
  readonly user: RecordingUser = new RecordingUser();
  readonly layer: TransactionLayer;
  readonly flow: FlowRecorder;

  /** A layer without transactions on an open flow. */
  constructor(transport: TransportName = "udp") {
    this.flow = new FlowRecorder({ transport, wheel: this.wheel });
    this.layer = new TransactionLayer({ wheel: this.wheel, random: new Random(7), core: this.core });
  }

  /** Sends a request of ours. */
  request(method: string, flow: Flow = this.flow): ClientTransaction {
    const branch = this.layer.newBranch();
    return this.layer.request(method, branch, requestOctets({ method, branch }, this.flow.transport), flow, this.user);
  }

  /** A response to the first request we sent arrives. */
  respond(status: number, options: ResponseOptions & { method?: string } = {}): void {
    const { method, ...rest } = options;
    const sent = this.flow.sent.find(({ octets }) => method === undefined || read(octets).method === method);
    this.receive(responseOctets(sent!.octets, status, { toTag: "bob", ...rest }));
  }

  /** A request of a peer arrives. */
  receiveRequest(request: StandRequest): void {
    this.receive(requestOctets(request, this.flow.transport));
  }

  /** Octets arrive. */
  receive(octets: Uint8Array, flow: Flow = this.flow): void {
    this.layer.receive(octets, flow, this.wheel.now);
  }

  /** The core's answer to the latest request. */
  answer(status: number, options: ResponseOptions = {}): void {
    const { message, transaction } = this.core.requests.at(-1)!;
    transaction.respond(status, responseOctets(message.octets, status, { toTag: "us", ...options }));
  }
}

/** A whole request of `alice` to `bob`. */
export function requestOctets(request: StandRequest, transport: TransportName = "udp"): Uint8Array {
  const { method, branch, toTag, headers, body } = request;
  const writer = new OctetWriter();
  writeRequest(writer, {
    method,
    uri: "sip:bob@ims.example",
    transport,
    sentBy: "127.0.0.1:5070",
    branch,
    headers: [
      ["Max-Forwards", "70"],
      ["From", "<sip:alice@ims.example>;tag=alice"],
      ["To", `<sip:bob@ims.example>${toTag === undefined ? "" : `;tag=${toTag}`}`],
      ["Call-ID", "call-1"],
      ["CSeq", `1 ${method}`],
      ...headers ?? [],
    ],
    ...(body === undefined ? {} : { body }),
  });
  return writer.take();
}

/** A whole response to a request. */
export function responseOctets(request: Uint8Array, status: number, options: ResponseOptions = {}): Uint8Array {
  const writer = new OctetWriter();
  writeResponse(writer, read(request), status, options);
  return writer.take();
}

/** A message read from its octets; throws when it is malformed. */
export function read(octets: Uint8Array): Message {
  const message = new Message();
  const fault = parseMessage(octets, message);
  if (fault !== undefined) throw new Error(`Cannot read a message of the test: ${fault}\n${message.text()}`);
  return message;
}

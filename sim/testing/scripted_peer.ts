/** A peer that notes every request and answers as the test says, over UDP, TCP and MSRP; it has no transactions. */
import { CR, CRLF } from "../bytes/ascii.ts";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import type { Millis } from "../clock/clock.ts";
import type { Request } from "../msrp/chunk.ts";
import { MsrpFramer } from "../msrp/framing.ts";
import { parseChunk } from "../msrp/parse.ts";
import { writeRequest as writeMsrpRequest, writeResponse as writeMsrpResponse } from "../msrp/write.ts";
import { SipFramer } from "../sip/framing.ts";
import { Message } from "../sip/message.ts";
import { parseMessage } from "../sip/parse.ts";
import { type HeaderField, writeRequest } from "../sip/request.ts";
import { type ResponseOptions, writeResponse } from "../sip/response.ts";
import { formatAddress } from "../transport/address.ts";
import type { Address, Flow, TransportFault } from "../transport/flow.ts";
import type { Host } from "./simnet.ts";
import type { SimNetwork } from "./sim_transports.ts";

/** A SIP message that arrived at the peer. */
export interface Arrived {
  readonly message: Message;
  readonly flow: Flow;
  readonly at: Millis;
}

/** An MSRP request that arrived at the peer. */
export interface ArrivedChunk {
  readonly request: Request;
  readonly flow: Flow;
  readonly at: Millis;
}

/** The tag of everything that the peer answers unless said otherwise. */
export const PEER_TAG = "peertag";

/** The peer. */
export class ScriptedPeer {
  /** Requests in the order of their arrival, retransmissions included. */
  readonly requests: Arrived[] = [];
  /** Responses to what the peer asked. */
  readonly responses: Arrived[] = [];
  /** MSRP requests. */
  readonly chunks: ArrivedChunk[] = [];
  /** Status lines of MSRP responses. */
  readonly chunkAnswers: string[] = [];
  /** What broke of its connections, SIP and MSRP. */
  readonly faults: TransportFault[] = [];
  /** Moments at which keep-alives arrived. */
  readonly pings: Millis[] = [];
  /** Whether it answers them (RFC 5626 §4.4.1). */
  answersPings = true;
  /** What it does with a request; nothing by default. */
  script: (arrived: Arrived) => void = () => {};
  /** What it does with a chunk; answers 200 by default. */
  msrpScript: (arrived: ArrivedChunk) => void = (arrived) => this.answerChunk(arrived, 200);
  /** Its MSRP URI. */
  readonly path: string;
  /** Where it takes SIP, and where MSRP. */
  readonly address: Address;
  readonly msrpAddress: Address;
  readonly #network: SimNetwork;
  readonly #alice: Address;
  readonly #datagrams: Host;
  readonly #streams: Host;
  readonly #msrp: Host;
  readonly #writer = new OctetWriter();
  #branch = 0;

  /** Attached at an address, facing alice at hers. */
  constructor(network: SimNetwork, address: Address, alice: Address) {
    this.#network = network;
    this.address = address;
    this.#alice = alice;
    this.msrpAddress = { host: address.host, port: address.port + 10_000 };
    this.path = `msrp://${formatAddress(this.msrpAddress)}/peersession;tcp`;
    const onFlowFault = (_flow: Flow, fault: TransportFault): void => void this.faults.push(fault);
    const sip = { receive: this.#receive.bind(this), onFlowFault };
    this.#datagrams = network.datagrams.attach(address, sip);
    this.#streams = network.streams.attach(address, sip, () => new SipFramer());
    const msrp = { receive: this.#receiveMsrp.bind(this), onFlowFault };
    this.#msrp = network.streams.attach(this.msrpAddress, msrp, () => new MsrpFramer());
  }

  /** Requests of a method, retransmissions included. */
  all(method: string): Arrived[] {
    return this.requests.filter(({ message }) => message.method === method);
  }

  /** The last request of a method; throws when none came. */
  last(method: string): Arrived {
    const last = this.all(method).at(-1);
    if (last === undefined) throw new Error(`Cannot find ${method} among ${this.methods().join(" ")}`);
    return last;
  }

  /** Methods of all requests in order. */
  methods(): string[] {
    return this.requests.map(({ message }) => message.method);
  }

  /** Moments at which requests of a method arrived. */
  moments(method: string): Millis[] {
    return this.all(method).map(({ at }) => at);
  }

  /** Answers a request. */
  respond(to: Arrived, status: number, options: ResponseOptions = {}): void {
    const writer = this.#writer.reset();
    const tag = status === 100 ? {} : { toTag: PEER_TAG };
    writeResponse(writer, to.message, status, { received: to.flow.remote, ...tag, ...options });
    to.flow.send(writer.view());
  }

  /** Answers an INVITE with 200, Contact and a description. */
  accept(invite: Arrived, options: { headers?: readonly HeaderField[]; sdp?: string; toTag?: string } = {}): void {
    const { headers = [], sdp = this.description(), toTag = PEER_TAG } = options;
    this.respond(invite, 200, {
      toTag,
      headers: [["Contact", this.contact()], ...headers, ["Content-Type", "application/sdp"]],
      body: toOctets(sdp),
    });
  }

  /** Its Contact. */
  contact(): string {
    return `<sip:bob@${formatAddress(this.address)}>;+g.oma.sip-im`;
  }

  /** An answer with its path; `setup` undefined leaves the attribute out. */
  description(options: { setup?: string | undefined; path?: string; lines?: string; types?: string } = {}): string {
    const { path = this.path, lines = "", types = "text/plain" } = options;
    const setup = "setup" in options ? options.setup : "passive";
    const attribute = setup === undefined ? "" : `a=setup:${setup}\r\n`;
    const { host, port } = this.msrpAddress;
    return `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=message ${port} TCP/MSRP *\r\n` +
      `${path === "" ? "" : `a=path:${path}\r\n`}a=accept-types:${types}\r\n${attribute}${lines}a=recvonly\r\n`;
  }

  /** Sends a request to alice inside the dialog that her INVITE began, or outside of all when `invite` is undefined. */
  request(
    method: string,
    invite: Arrived | undefined,
    fields: { sequence: number; headers?: readonly HeaderField[]; body?: string; branch?: string; toTag?: string },
  ): void {
    const from = invite?.message.header("From");
    const writer = this.#writer.reset();
    const toTag = fields.toTag === undefined ? "" : `;tag=${fields.toTag}`;
    writeRequest(writer, {
      method,
      uri: `sip:alice@${formatAddress(this.#alice)}`,
      transport: "udp",
      sentBy: formatAddress(this.address),
      branch: fields.branch ?? `z9hG4bKpeer${this.#branch++}`,
      headers: [
        ["Max-Forwards", "70"],
        ["From", `<sip:bob@ims.example>;tag=${PEER_TAG}`],
        ["To", from ?? `<sip:alice@ims.example>${toTag}`],
        ["Call-ID", invite?.message.callId() ?? "call-of-peer"],
        ["CSeq", `${fields.sequence} ${method}`],
        ...fields.headers ?? [],
      ],
      ...(fields.body === undefined ? {} : { body: toOctets(fields.body) }),
    });
    this.#network.datagrams.flowTo(this.#datagrams, "udp", this.#alice).send(writer.view());
  }

  /** Sends any octets to alice's SIP port. */
  sendRaw(text: string): void {
    this.#network.datagrams.flowTo(this.#datagrams, "udp", this.#alice).send(toOctets(text));
  }

  /** Answers a chunk. */
  answerChunk({ request, flow }: ArrivedChunk, status: number): void {
    const { transactionId, fromPath } = request;
    const writer = this.#writer.reset();
    writeMsrpResponse(writer, status, { transactionId, toUri: fromPath[0]!, fromUri: this.path });
    flow.send(writer.view());
  }

  /** Reports about the message of a chunk. */
  report({ request, flow }: ArrivedChunk, size: number, code = 200): void {
    const status = { namespace: "000", code, comment: "" };
    const byteRange = { start: 1, end: size, total: size };
    this.#sendMsrp(flow, { ...request, method: "REPORT", status, byteRange, contentType: undefined, body: undefined });
  }

  /** Connects to the path of an offer and sends a SEND without body, as the active side does. */
  greet(invite: Arrived): Flow {
    const path = /a=path:(\S+)/.exec(toText(invite.message.body()))![1]!;
    return this.send({
      kind: "request",
      transactionId: "greeting1",
      method: "SEND",
      toPath: [path],
      fromPath: [this.path],
      messageId: "greeting",
      successReport: false,
      failureReport: "yes",
      byteRange: { start: 1, end: 0, total: 0 },
      status: undefined,
      otherHeaders: [],
      contentType: undefined,
      body: undefined,
      continuation: "$",
    });
  }

  /** Sends an MSRP request over a new connection to the host of its To-Path. */
  send(request: Request): Flow {
    const [, host, port] = /\/\/([^:]+):(\d+)/.exec(request.toPath[0]!)!;
    const flow = this.#network.streams.openConnection(this.#msrp, { host: host!, port: Number(port) });
    this.#sendMsrp(flow, request);
    return flow;
  }

  /** From now on connections for SIP are refused; datagrams arrive. */
  refuseSipConnections(): void {
    this.#network.streams.detach(this.#streams);
  }

  /** From now on connections for MSRP are refused, and those there are break. */
  refuseMsrpConnections(): void {
    this.#network.streams.detach(this.#msrp);
  }

  #sendMsrp(flow: Flow, request: Request): void {
    const swapped = request.method === "REPORT" ? { toPath: request.fromPath, fromPath: [this.path] } : {};
    const writer = this.#writer.reset();
    writeMsrpRequest(writer, { ...request, ...swapped });
    flow.send(writer.view());
  }

  #receive(octets: Uint8Array, flow: Flow, at: Millis): void {
    if (octets[0] === CR) {
      this.pings.push(at);
      if (this.answersPings) flow.send(CRLF);
      return;
    }
    const message = new Message();
    const fault = parseMessage(octets.slice(), message);
    if (fault !== undefined) throw new Error(`Cannot read what alice sent: ${fault}\n${toText(octets)}`);
    const arrived = { message, flow, at };
    if (!message.isRequest) {
      this.responses.push(arrived);
      return;
    }
    this.requests.push(arrived);
    this.script(arrived);
  }

  #receiveMsrp(octets: Uint8Array, flow: Flow, at: Millis): void {
    const chunk = parseChunk(octets.slice());
    if (chunk.kind === "malformed") throw new Error(`Cannot read what alice sent: ${chunk.fault}\n${toText(octets)}`);
    if (chunk.kind === "response") {
      this.chunkAnswers.push(`${chunk.transactionId} ${chunk.status}`);
      return;
    }
    const arrived = { request: chunk, flow, at };
    this.chunks.push(arrived);
    this.msrpScript(arrived);
  }
}

/** The scripted peer of the conformance suite: a far end that does what a test says, on raw sockets, in plain text. */
import {
  chunkAnswerText,
  MsrpCutter,
  MsrpText,
  reportText,
  type SdpParts,
  sdpText,
  type SendParts,
  sendText,
} from "./msrp_text.ts";
import { type AnswerParts, answerText, PEER_TAG, requestText, SipCutter, SipText } from "./sip_text.ts";
import { type Datagrams, HOST, openBoth, type Stream, Streams, type Traffic, until, type Way } from "./wires.ts";

/** Address of record of the peer. */
export const BOB = "sip:bob@ims.example";

/** What a request of the peer has besides its method. */
export interface AskParts {
  /** Inside the dialog of this INVITE of ours, or of this 2xx to one of the peer's. */
  readonly within?: SipText;
  readonly sequence?: number;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly branch?: string;
  readonly callId?: string;
  /** UDP to our client unless given. */
  readonly way?: Way;
}

/** The peer. */
export class Peer {
  readonly traffic: Traffic = { read: 0, written: 0 };
  /** SIP messages in the order of their arrival. */
  readonly arrived: SipText[] = [];
  /** MSRP requests and responses in the order of their arrival. */
  readonly chunks: MsrpText[] = [];
  /** What arrived and what was closed, in one order. */
  readonly events: string[] = [];
  /** Keep-alives that arrived on connections. */
  readonly keepAlives: string[] = [];
  /** Texts that are broken on purpose: they are left out of the capture. */
  readonly broken: Set<string> = new Set();
  /** What it does with a SEND; answers 200 by default. */
  onSend: (chunk: MsrpText) => void = (chunk) => this.answerChunk(chunk, 200);
  /** Port of our client. */
  clientPort = 0;
  readonly datagrams: Datagrams;
  readonly streams: Streams;
  readonly msrp: Streams;
  /** Its MSRP URI. */
  readonly path: string;
  readonly #scripts: Map<string, (request: SipText) => void> = new Map();
  readonly #taken: Set<SipText | MsrpText> = new Set();
  #count = 0;

  /** Open from now on. */
  constructor() {
    const sip = openBoth(this.traffic, (text, way) => this.#take(text, way), this.#cutSip());
    this.datagrams = sip.datagrams;
    this.streams = sip.streams;
    this.msrp = new Streams(this.traffic, 0, this.#cutMsrp());
    this.path = `msrp://${HOST}:${this.msrp.port}/peersession;tcp`;
    this.on("BYE", (bye) => this.answer(bye, 200));
  }

  /** Port of SIP. */
  get port(): number {
    return this.datagrams.port;
  }

  /** From now on does this with each request of a method; BYE is answered 200 unless said otherwise. */
  on(method: string, script: (request: SipText) => void): void {
    this.#scripts.set(method, script);
  }

  /** Takes every INVITE with a 200 of these parts. */
  acceptAll(parts: Parameters<Peer["accept"]>[1] = {}): void {
    this.on("INVITE", (invite) => this.accept(invite, parts));
  }

  /** The next SIP message of a kind, `INVITE` or `200 INVITE`, that was not given out yet. */
  next(kind: string): Promise<SipText> {
    return this.#first(() => this.arrived.find((each) => kindOf(each) === kind && !this.#taken.has(each)), kind);
  }

  /** The next final answer to a method, whatever its status. */
  nextAnswer(method: string): Promise<SipText> {
    const isNext = (each: SipText): boolean => each.status >= 200 && each.method === method && !this.#taken.has(each);
    return this.#first(() => this.arrived.find(isNext), `answer to ${method}`);
  }

  /** The next MSRP message of a kind, `SEND` or `200`, that was not given out yet. */
  nextChunk(kind: string): Promise<MsrpText> {
    const isNext = (each: MsrpText): boolean => (each.method || String(each.status)) === kind && !this.#taken.has(each);
    return this.#first(() => this.chunks.find(isNext), kind);
  }

  /** All SIP messages of a kind so far. */
  all(kind: string): SipText[] {
    return this.arrived.filter((each) => kindOf(each) === kind);
  }

  /** Kinds of all SIP messages so far. */
  kinds(): string[] {
    return this.arrived.map(kindOf);
  }

  /** Answers a request. */
  answer(request: SipText, status: number, parts: AnswerParts = {}): void {
    request.way.send(answerText(request, status, parts));
  }

  /** Answers an INVITE with 200, Contact and a description. */
  accept(invite: SipText, parts: AnswerParts & { readonly sdp?: Partial<SdpParts> } = {}): void {
    const { headers = [], sdp = {}, body = this.sdp(sdp), ...others } = parts;
    const contact = headers.some((line) => line.startsWith("Contact:")) ? [] : [`Contact: ${this.contact()}`];
    this.answer(invite, 200, {
      headers: [...contact, ...headers, ...(body === "" ? [] : ["Content-Type: application/sdp"])],
      body,
      ...others,
    });
  }

  /** Its Contact. */
  contact(transport: "udp" | "tcp" = "udp"): string {
    return `<sip:bob@${HOST}:${this.port}${transport === "tcp" ? ";transport=tcp" : ""}>;+g.oma.sip-im`;
  }

  /** A description with its path, passive unless said otherwise. */
  sdp(parts: Partial<SdpParts> = {}): string {
    return sdpText({ port: this.msrp.port, path: this.path, setup: "passive", ...parts });
  }

  /** Sends a request; gives its text. */
  ask(method: string, parts: AskParts = {}): string {
    const { within, sequence = ++this.#count, headers = [], body = "", way = this.wayToClient() } = parts;
    const fresh = `${this.port}n${++this.#count}`;
    const text = requestText({
      method,
      uri: within === undefined ? this.clientUri() : uriOf(within.header("Contact") ?? within.uri),
      transport: way.transport === "udp" ? "UDP" : "TCP",
      port: this.port,
      branch: parts.branch ?? `z9hG4bKpeer${fresh}`,
      ...this.#ends(within),
      callId: within?.header("Call-ID") ?? parts.callId ?? `call${fresh}@${HOST}`,
      sequence,
      headers,
      body,
    });
    way.send(text);
    return text;
  }

  /** Acknowledges our client's answer to an INVITE of the peer. */
  acknowledge(answer: SipText): void {
    const branch = answer.status < 300 ? {} : { branch: answer.branch() };
    this.ask("ACK", { within: answer, sequence: answer.sequence(), way: answer.way, ...branch });
  }

  /** The way to our client by UDP. */
  wayToClient(): Way {
    return this.datagrams.wayTo(this.clientPort);
  }

  /** Our client's address. */
  clientUri(): string {
    return `sip:alice@${HOST}:${this.clientPort}`;
  }

  /** Sends what no implementation should, and keeps it out of the capture. */
  sendBroken(text: string, way: Way = this.wayToClient()): void {
    this.broken.add(text);
    way.send(text);
  }

  /** Answers a chunk. */
  answerChunk(chunk: MsrpText, status: number): void {
    chunk.stream.send(chunkAnswerText(chunk, status));
  }

  /** Reports about the message of a chunk. */
  report(chunk: MsrpText, size: number, parts: Parameters<typeof reportText>[2] = {}): void {
    chunk.stream.send(reportText(chunk, size, parts));
  }

  /** Sends a SEND of the peer over a connection. */
  sendChunk(stream: Way, parts: Omit<SendParts, "from"> & { readonly from?: string }): void {
    stream.send(sendText({ from: this.path, ...parts }));
  }

  /** Closes all sockets. */
  async close(): Promise<void> {
    await Promise.all([this.datagrams.close(), this.streams.close(), this.msrp.close()]);
  }

  #ends(within: SipText | undefined): { from: string; to: string } {
    if (within === undefined) return { from: `<${BOB}>;tag=${PEER_TAG}`, to: "<sip:alice@ims.example>" };
    if (within.status !== 0) return { from: within.header("From")!, to: within.header("To")! };
    const to = within.header("To")!;
    return { from: /;tag=/.test(to) ? to : `${to};tag=${PEER_TAG}`, to: within.header("From")! };
  }

  #take(text: string, way: Way): void {
    const message = new SipText(text, way);
    this.arrived.push(message);
    this.events.push(kindOf(message));
    if (message.status === 0) this.#scripts.get(message.method)?.(message);
  }

  #cutSip(): (text: string, stream: Stream) => void {
    const cutters: WeakMap<Stream, SipCutter> = new WeakMap();
    return (text, stream) => {
      if (text === "") this.events.push("sip closed");
      const cutter = cutters.get(stream) ?? new SipCutter();
      cutters.set(stream, cutter);
      for (const whole of cutter.cut(text)) {
        if (whole.startsWith("\r\n")) this.keepAlives.push(whole);
        else this.#take(whole, stream);
      }
    };
  }

  #cutMsrp(): (text: string, stream: Stream) => void {
    const cutters: WeakMap<Stream, MsrpCutter> = new WeakMap();
    return (text, stream) => {
      if (text === "") this.events.push("msrp closed");
      const cutter = cutters.get(stream) ?? new MsrpCutter();
      cutters.set(stream, cutter);
      for (const whole of cutter.cut(text)) {
        const chunk = new MsrpText(whole, stream);
        this.chunks.push(chunk);
        this.events.push(chunk.method || `msrp ${chunk.status}`);
        if (chunk.method === "SEND") this.onSend(chunk);
      }
    };
  }

  async #first<T extends SipText | MsrpText>(find: () => T | undefined, kind: string): Promise<T> {
    const found = await until(find, () => `${kind} among ${this.events.join(", ")}`);
    this.#taken.add(found);
    return found;
  }
}

/** `INVITE`, or `200 INVITE` for the answer to one. */
export function kindOf(message: SipText): string {
  return message.status === 0 ? message.method : `${message.status} ${message.method}`;
}

/** The URI inside a Contact value, or the text itself. */
export function uriOf(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value;
}

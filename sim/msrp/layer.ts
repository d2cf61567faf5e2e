/** All MSRP sessions and connections of an endpoint (RFC 4975 §5.4, §7.3): finds the session of each request. */
import { CR } from "../bytes/ascii.ts";
import { OctetWriter } from "../bytes/writer.ts";
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { Wheel } from "../clock/wheel.ts";
import type { Address, Flow, Receiver, TransportFault } from "../transport/flow.ts";
import { Channel } from "./channel.ts";
import type { Malformed, Request, Response } from "./chunk.ts";
import { countBy, type MsrpCounters, newMsrpCounters } from "./counters.ts";
import { parseChunk } from "./parse.ts";
import { MsrpSession, type SessionHost } from "./session.ts";
import { canonicalMsrpUri, writeMsrpUri } from "./uri.ts";
import type { MsrpSessionUser } from "./user.ts";
import { writeResponse } from "./write.ts";

/** Hexadecimal digits of a session identifier: 96 random bits, at least 80 are asked for (RFC 4975 §14.1). */
const SESSION_ID_DIGITS = 24;

/** A flow in use, and whose it is. */
interface Line {
  readonly channel: Channel;
  readonly sessions: Set<MsrpSession>;
}

/** The MSRP side of an endpoint; it neither opens nor closes connections. */
export class MsrpLayer implements Receiver {
  readonly counters: MsrpCounters = newMsrpCounters();
  readonly #random: Random;
  readonly #host: SessionHost;
  readonly #controlWriter = new OctetWriter(512);
  /** Sessions by the one spelling of their URI. */
  readonly #sessions = new Map<string, MsrpSession>();
  readonly #lines = new Map<Flow, Line>();
  /** The last one of ours, in the one spelling: whoever asks for a URI opens a session under it next. */
  #newUri = "";

  /** Time and chance are the caller's. */
  constructor({ wheel, random }: { wheel: Wheel; random: Random }) {
    this.#random = random;
    this.#host = {
      wheel,
      random,
      writer: new OctetWriter(),
      controlWriter: this.#controlWriter,
      counters: this.counters,
      channelOf: (flow, session) => {
        const line = this.#lines.get(flow) ?? { channel: new Channel(flow, wheel), sessions: new Set() };
        this.#lines.set(flow, line);
        line.sessions.add(session);
        return line.channel;
      },
      unbind: (session, channel) => {
        const line = this.#lines.get(channel.flow);
        if (line?.sessions.delete(session) && line.sessions.size === 0) this.#lines.delete(channel.flow);
      },
      release: ({ localUri }) => void (this.#sessions.delete(localUri) || this.#sessions.delete(keyOf(localUri))),
      respond: (flow, request, status) => this.#respond(flow, request, status),
    };
  }

  /** A new URI of ours, hard to guess; `address`: where peers connect to, port 9 where we connect (RFC 6135 §4.2.1). */
  newSessionUri(address: Address): string {
    const sessionId = this.#random.hexadecimal(SESSION_ID_DIGITS);
    this.#newUri = writeMsrpUri({
      scheme: "msrp",
      host: address.host,
      port: address.port,
      sessionId,
      transport: "tcp",
    });
    return this.#newUri;
  }

  /** Opens a session under our URI of the SDP; it waits for a connection of the peer unless `attach` is called. */
  open(
    options: { localUri: string; user: MsrpSessionUser; acceptTypes: readonly string[]; maxSize?: number },
  ): MsrpSession {
    const key = options.localUri === this.#newUri ? this.#newUri : keyOf(options.localUri);
    if (this.#sessions.has(key)) throw new Error(`Cannot open a second MSRP session ${options.localUri}`);
    const session = new MsrpSession(this.#host, options);
    this.#sessions.set(key, session);
    return session;
  }

  /** Sessions that are open. */
  size(): number {
    return this.#sessions.size;
  }

  /** Sessions bound to a flow: 0 when it may be closed. */
  sessionsOn(flow: Flow): number {
    return this.#lines.get(flow)?.sessions.size ?? 0;
  }

  /** As `Receiver`: one request or response, as `MsrpFramer` cut it. */
  receive(octets: Uint8Array, flow: Flow, at: Millis): void {
    if (octets[0] === CR) {
      this.counters.keepAlives++;
      return;
    }
    const chunk = parseChunk(octets);
    if (chunk.kind === "request") this.#receiveRequest(chunk, flow, at);
    else if (chunk.kind === "response") this.#receiveResponse(chunk, flow, at);
    else this.#refuse(chunk, flow);
  }

  /** As `Receiver`: every session of the flow has lost its connection (RFC 4975 §5.4). */
  onFlowFault(flow: Flow, fault: TransportFault): void {
    const line = this.#lines.get(flow);
    this.#lines.delete(flow);
    for (const session of [...line?.sessions ?? []]) {
      if (session.flow === flow) session.connectionLost(fault, this.#host.wheel.now);
    }
  }

  /** As `Receiver`: sessions that were attached while it was being made may know when it was. */
  onConnected(flow: Flow, at: Millis): void {
    for (const session of this.#lines.get(flow)?.sessions ?? []) session.connected(at);
  }

  /** As `Receiver`: there is room to write on. */
  onDrained(flow: Flow): void {
    this.#lines.get(flow)?.channel.drained();
  }

  #receiveRequest(request: Request, flow: Flow, at: Millis): void {
    const [uri] = request.toPath;
    const session = this.#sessions.get(uri!) ?? this.#sessions.get(canonicalMsrpUri(uri!)!);
    // a longer path is for relays, which we are not
    if (session === undefined || request.toPath.length > 1) this.#respond(flow, request, 481);
    else session.receive(request, flow, at);
  }

  #receiveResponse(response: Response, flow: Flow, at: Millis): void {
    countBy(this.counters.responsesReceived, response.status);
    if (!this.#lines.get(flow)?.channel.answer(response, at)) this.counters.strayResponses++;
  }

  #refuse(malformed: Malformed, flow: Flow): void {
    countBy(this.counters.malformed, malformed.fault);
    const canAnswer = malformed.method !== "" && malformed.toPath.length > 0 && malformed.fromPath.length > 0;
    if (canAnswer) this.#respond(flow, malformed, 400);
  }

  /** Answers where the request allows it (RFC 4975 §7.2): a REPORT never, a SEND as its Failure-Report says. */
  #respond(flow: Flow, request: Request | Malformed, status: number): void {
    if (request.method === "REPORT" || request.failureReport === "no") return;
    if (request.failureReport === "partial" && status === 200) return;
    countBy(this.counters.responsesSent, status);
    const writer = this.#controlWriter.reset();
    const [toUri, fromUri] = [request.fromPath[0]!, request.toPath[0]!];
    writeResponse(writer, status, { transactionId: request.transactionId, toUri, fromUri });
    const channel = this.#lines.get(flow)?.channel;
    if (channel === undefined) flow.send(writer.view());
    else channel.sendNow(writer.view());
  }
}

function keyOf(uri: string): string {
  const key = canonicalMsrpUri(uri);
  if (key === undefined) throw new TypeError(`Cannot open an MSRP session under ${JSON.stringify(uri)}`);
  // the same text once in memory
  return key === uri ? uri : key;
}

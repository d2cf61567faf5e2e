/** One MSRP session (RFC 4975 §5.4): what it sends in turn, what it receives, and the connection it is bound to. */
import type { OctetWriter } from "../bytes/writer.ts";
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { Wheel } from "../clock/wheel.ts";
import type { Flow, TransportFault } from "../transport/flow.ts";
import type { Channel, Speaker } from "./channel.ts";
import { isIdent, type Request } from "./chunk.ts";
import type { MsrpCounters } from "./counters.ts";
import { Delivery, type DeliveryUser } from "./delivery.ts";
import { Inbox } from "./inbox.ts";
import type { Sendable } from "./sender.ts";
import type { MsrpFailure, MsrpProgress, MsrpSessionUser, OutgoingMessage } from "./user.ts";
import { writeRequest } from "./write.ts";

/** What a layer lends its sessions. */
export interface SessionHost {
  readonly wheel: Wheel;
  readonly random: Random;
  /** For slices of content. */
  readonly writer: OctetWriter;
  /** For responses and reports: they may interrupt a slice being written. */
  readonly controlWriter: OctetWriter;
  readonly counters: MsrpCounters;
  /** The sharing of a flow; made when it is first asked for. */
  channelOf(flow: Flow, session: MsrpSession): Channel;
  /** Takes the session off its flow. */
  unbind(session: MsrpSession, channel: Channel): void;
  /** Forgets the session. */
  release(session: MsrpSession): void;
  /** Answers a request of the peer. */
  respond(flow: Flow, request: Request, status: number): void;
}

/** Hexadecimal digits of a Message-ID that we choose ourselves. */
const MESSAGE_ID_DIGITS = 20;
const NO_PATH: readonly string[] = [];
const NO_DELIVERIES: readonly Delivery[] = [];

/**
 * A session, from the SDP exchange that named it to `close`. What it needs while something is under way is made then:
 * thousands of sessions may be held that only wait.
 */
export class MsrpSession implements Speaker, DeliveryUser {
  /** Our URI, as in our SDP. */
  readonly localUri: string;
  /** The peer's path of its SDP, in that order; while it is empty nothing is sent. */
  remotePath: readonly string[] = NO_PATH;
  /** The connection it is bound to. */
  flow: Flow | undefined;
  readonly #host: SessionHost;
  readonly #user: MsrpSessionUser;
  readonly #acceptTypes: readonly string[];
  readonly #maxSize: number | undefined;
  /** Made by the first SEND. */
  #inbox: Inbox | undefined;
  /** Messages under way, in order: one is written after the other, their responses may be waited for together. */
  #deliveries: readonly Delivery[] = NO_DELIVERIES;
  #channel: Channel | undefined;
  #closed = false;

  /** Made by `MsrpLayer.open`. */
  constructor(
    host: SessionHost,
    options: { localUri: string; user: MsrpSessionUser; acceptTypes: readonly string[]; maxSize?: number },
  ) {
    this.localUri = options.localUri;
    this.#host = host;
    this.#user = options.user;
    this.#acceptTypes = options.acceptTypes;
    this.#maxSize = options.maxSize;
  }

  /** Binds to a connection, which may still be connecting and may carry other sessions; what waits is sent. */
  attach(flow: Flow): void {
    if (this.#closed) throw new Error("Cannot attach a closed MSRP session");
    this.#bind(flow);
    this.#channel?.speak(this);
  }

  /** Sends a SEND without body, as the active side must when it has nothing else to send (RFC 4975 §5.4). */
  greet(): void {
    const messageId = this.#host.random.hexadecimal(MESSAGE_ID_DIGITS);
    const report = { successReport: false, failureReport: "yes", chunking: "single" } as const;
    this.#queue({ messageId, contentType: undefined, content: undefined, ...report });
  }

  /** Sends a message, or queues it until there is a connection and earlier messages are written. */
  send(message: OutgoingMessage): void {
    if (!isIdent(message.messageId)) throw new TypeError(`Cannot send Message-ID ${JSON.stringify(message.messageId)}`);
    if (message.chunking !== "single" && !(message.chunking >= 1)) {
      throw new RangeError(`Cannot send chunks of ${message.chunking} octets`);
    }
    if (this.#delivery(message.messageId) !== undefined) {
      throw new Error(`Cannot send Message-ID ${message.messageId} twice at a time`);
    }
    this.#queue(message);
  }

  /** Gives up what is under way and forgets the session; the user hears nothing more. The flow stays open. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const deliveries = this.#deliveries;
    this.#deliveries = NO_DELIVERIES;
    for (const delivery of deliveries) delivery.cancel();
    const channel = this.#channel;
    this.#unbind();
    this.#host.release(this);
    channel?.pump();
  }

  /** Called by the layer: a request of the peer whose To-Path names this session, on `flow`. */
  receive(request: Request, flow: Flow, at: Millis): void {
    if (this.flow !== undefined && this.flow !== flow) return this.#host.respond(flow, request, 506);
    const isFirst = this.flow === undefined;
    if (isFirst) this.#bind(flow);
    if (request.method === "SEND") this.#receiveSend(request, flow, isFirst, at);
    else if (request.method === "REPORT") this.#receiveReport(request, at);
    else this.#host.respond(flow, request, 501);
    if (isFirst && request.method !== "SEND" && !this.#closed) this.#user.onBound(this, at);
    if (isFirst) this.#channel?.speak(this);
  }

  /** Called by the layer: the flow that it was attached to has been made. */
  connected(at: Millis): void {
    if (!this.#closed) this.#user.onConnected?.(this, at);
  }

  /** Called by the layer: the flow is gone. */
  connectionLost(fault: TransportFault, at: Millis): void {
    this.#unbind();
    for (const delivery of this.#deliveries) delivery.connectionLost(at);
    if (!this.#closed) this.#user.onConnectionLost(this, fault, at);
  }

  /** As `Speaker`. */
  step(): void {
    const delivery = this.#unwritten();
    const channel = this.#channel;
    if (delivery === undefined || channel === undefined) return;
    if (!delivery.sender.midChunk) this.#host.counters.chunksSent++;
    delivery.step(channel, this.remotePath, this.localUri);
  }

  /** As `Speaker`. */
  isMidChunk(): boolean {
    return this.#unwritten()?.sender.midChunk ?? false;
  }

  /** As `Speaker`. */
  hasMore(): boolean {
    return this.remotePath.length > 0 && this.#unwritten() !== undefined;
  }

  /** As `Speaker`. */
  interrupt(): void {
    this.#host.counters.interruptions++;
    this.#unwritten()!.sender.interrupt(this.flow!);
  }

  /** As `DeliveryUser`. */
  deliveryProgressed(delivery: Delivery, event: MsrpProgress, at: Millis): void {
    if (!isGreeting(delivery)) this.#user.onProgress?.(this, delivery.message.messageId, event, at);
  }

  /** As `DeliveryUser`. */
  deliverySettled(delivery: Delivery, failure: MsrpFailure | undefined, at: Millis): void {
    const { messageId } = delivery.message;
    const others = this.#deliveries.filter((each) => each !== delivery);
    this.#deliveries = others.length === 0 ? NO_DELIVERIES : others;
    if (failure !== undefined) this.#user.onFailed(this, messageId, failure, at);
    else if (!isGreeting(delivery)) this.#user.onDelivered(this, messageId, at);
    this.#channel?.pump();
  }

  #queue(message: Sendable): void {
    if (this.#closed) throw new Error("Cannot send on a closed MSRP session");
    const delivery = new Delivery(message, this.#host, this);
    this.#deliveries = [...this.#deliveries, delivery];
    this.#channel?.speak(this);
  }

  #delivery(messageId: string): Delivery | undefined {
    return this.#deliveries.find(({ message }) => message.messageId === messageId);
  }

  /** The first one that is not yet written whole. */
  #unwritten(): Delivery | undefined {
    return this.#deliveries.find(({ sender }) => !sender.whole);
  }

  #bind(flow: Flow): void {
    if (this.flow === flow) return;
    if (this.flow !== undefined) throw new Error("Cannot attach an MSRP session that is bound to another connection");
    this.flow = flow;
    this.#channel = this.#host.channelOf(flow, this);
  }

  #unbind(): void {
    if (this.#channel === undefined) return;
    this.#channel.leave(this);
    this.#host.unbind(this, this.#channel);
    this.flow = undefined;
    this.#channel = undefined;
  }

  #receiveSend(request: Request, flow: Flow, isFirst: boolean, at: Millis): void {
    const { counters } = this.#host;
    counters.chunksReceived++;
    counters.octetsReceived += request.body?.length ?? 0;
    this.#inbox ??= new Inbox(this.#acceptTypes, this.#maxSize);
    const { status, received, size, note } = this.#inbox.receive(request);
    if (note === "duplicate") counters.duplicates++;
    if (note === "abandoned") counters.abandoned++;
    if (received !== undefined) counters.messagesReceived++;
    this.#host.respond(flow, request, status);
    if (size !== undefined && request.successReport) this.#report(request, size);
    if (isFirst) this.#user.onBound(this, at);
    if (received === undefined || this.#closed) return;
    const { contentType } = received;
    const [messageId, from] = [request.messageId!, request.fromPath.at(-1)!];
    this.#user.onReceived(this, { messageId, contentType, content: received.content(), from }, at);
  }

  #receiveReport(request: Request, at: Millis): void {
    const delivery = this.#delivery(request.messageId!);
    if (delivery === undefined) {
      this.#host.counters.strayReports++;
      return;
    }
    this.#host.counters.reportsReceived++;
    delivery.reported(request.status!, request.byteRange, at);
  }

  /** Tells the sender that the whole message arrived (RFC 4975 §7.1.2). */
  #report(request: Request, size: number): void {
    const writer = this.#host.controlWriter.reset();
    writeRequest(writer, {
      kind: "request",
      transactionId: this.#host.random.hexadecimal(MESSAGE_ID_DIGITS),
      method: "REPORT",
      toPath: request.fromPath,
      fromPath: [this.localUri],
      messageId: request.messageId,
      successReport: false,
      failureReport: "no",
      byteRange: { start: 1, end: size, total: size },
      status: { namespace: "000", code: 200, comment: "OK" },
      otherHeaders: [],
      contentType: undefined,
      body: undefined,
      continuation: "$",
    });
    this.#host.counters.reportsSent++;
    this.#channel?.sendNow(writer.view());
  }
}

/** Whether it is the SEND without body of `greet`. */
function isGreeting(delivery: Delivery): boolean {
  return delivery.message.content === undefined;
}

/** Two MSRP layers joined by one connection in memory, with users that write down what they hear. */
import { toOctets, toText } from "../bytes/text.ts";
import { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import { MsrpFramer } from "../msrp/framing.ts";
import { MsrpLayer } from "../msrp/layer.ts";
import type { MsrpSession } from "../msrp/session.ts";
import type { MsrpSessionUser, OutgoingMessage, ReceivedMessage } from "../msrp/user.ts";
import { FlowPair, type PairedFlow } from "./flow_pair.ts";

/** Writes down what a session tells, one line a call. */
export class NotingUser implements MsrpSessionUser {
  readonly heard: string[] = [];
  readonly received: ReceivedMessage[] = [];

  onBound(): void {
    this.heard.push("bound");
  }

  onDelivered(_session: MsrpSession, messageId: string): void {
    this.heard.push(`delivered ${messageId}`);
  }

  onFailed(_session: MsrpSession, messageId: string, failure: Parameters<MsrpSessionUser["onFailed"]>[2]): void {
    const words = typeof failure === "string" ? failure : `${failure.status}${failure.reported ? " reported" : ""}`;
    this.heard.push(`failed ${messageId} ${words}`);
  }

  onProgress(_session: MsrpSession, messageId: string, event: string): void {
    this.heard.push(`${event} ${messageId}`);
  }

  onReceived(_session: MsrpSession, received: ReceivedMessage): void {
    this.heard.push(`received ${received.messageId}`);
    this.received.push({ ...received, content: received.content.slice() });
  }

  onConnectionLost(_session: MsrpSession, fault: string): void {
    this.heard.push(`lost ${fault}`);
  }

  /** What was heard apart from progress. */
  outcomes(): string[] {
    return this.heard.filter((line) => !/^(first_octet|last_octet|last_ack) /.test(line));
  }
}

/** What a stand may do otherwise. */
export interface StandOptions {
  capacity?: number;
  piece?: () => number;
  acceptTypes?: readonly string[];
  maxSize?: number;
  /** False: nobody is behind the right end, the test writes there itself. */
  answering?: boolean;
}

/** A pair of sessions: `alice` connects, `bob` waits. */
export interface Pair {
  readonly alice: MsrpSession;
  readonly bob: MsrpSession;
  readonly aliceUser: NotingUser;
  readonly bobUser: NotingUser;
}

/** The stand. */
export class MsrpStand {
  readonly wheel: Wheel = new Wheel();
  readonly left: MsrpLayer;
  readonly right: MsrpLayer;
  readonly flows: FlowPair;
  readonly #options: StandOptions;

  constructor(options: StandOptions = {}) {
    this.#options = options;
    this.left = new MsrpLayer({ wheel: this.wheel, random: new Random(1) });
    this.right = new MsrpLayer({ wheel: this.wheel, random: new Random(2) });
    this.flows = new FlowPair({
      left: this.left,
      right: options.answering === false ? { receive: () => {}, onFlowFault: () => {} } : this.right,
      framer: () => new MsrpFramer(),
      ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
      ...(options.piece === undefined ? {} : { piece: options.piece }),
    });
  }

  /** A new pair of sessions, the left one attached to the connection. */
  open(options: { attached?: boolean } = {}): Pair {
    const [aliceUser, bobUser] = [new NotingUser(), new NotingUser()];
    const { acceptTypes = ["text/plain"], maxSize } = this.#options;
    const alice = this.left.open({
      localUri: this.left.newSessionUri({ host: "127.0.0.1", port: 2855 }),
      user: aliceUser,
      acceptTypes: ["*"],
    });
    const bob = this.right.open({
      localUri: this.right.newSessionUri({ host: "127.0.0.1", port: 2856 }),
      user: bobUser,
      acceptTypes,
      ...(maxSize === undefined ? {} : { maxSize }),
    });
    alice.remotePath = [bob.localUri];
    bob.remotePath = [alice.localUri];
    if (options.attached !== false) alice.attach(this.flows.left);
    return { alice, bob, aliceUser, bobUser };
  }

  /** Moves octets until nothing moves. */
  settle(): void {
    this.flows.settle(this.wheel.now);
  }

  /** Moves the time on, and octets with it. */
  wait(milliseconds: number): void {
    this.wheel.advance(this.wheel.now + milliseconds);
    this.settle();
  }
}

/** A message as tests send it. */
export function messageOf(
  content: Uint8Array | string,
  options: Partial<Omit<OutgoingMessage, "content">> = {},
): OutgoingMessage {
  return {
    messageId: "message1",
    contentType: "text/plain",
    content: typeof content === "string" ? new TextEncoder().encode(content) : content,
    successReport: false,
    failureReport: "yes",
    chunking: "single",
    ...options,
  };
}

/** Printable octets that differ from place to place. */
export function contentOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => 0x20 + (i * 7 + (i >> 8)) % 95);
}

/** Lines of what a flow has sent that begin with a word, such as `Byte-Range` or `MSRP`; end-lines by `-------`. */
export function linesOf(flow: PairedFlow, word: string): string[] {
  const text = flow.sent.map((octets) => toText(octets)).join("");
  return text.split("\r\n").filter((line) => line.startsWith(word));
}

/** What the right end would answer to each request of the left one, with a code. */
export function answerAll(stand: MsrpStand, status: string, options: { from?: number } = {}): void {
  for (const line of linesOf(stand.flows.left, "MSRP ").slice(options.from ?? 0)) {
    const tid = line.split(" ")[1]!;
    const paths = "To-Path: msrp://127.0.0.1:1/a;tcp\r\nFrom-Path: msrp://127.0.0.1:1/b;tcp\r\n";
    stand.left.receive(
      toOctets(`MSRP ${tid} ${status}\r\n${paths}-------${tid}$\r\n`),
      stand.flows.left,
      stand.wheel.now,
    );
  }
}

/** A REPORT about `message1`, as another implementation would write it. */
export function reportOf(localUri: string, range: string, status = "000 200 OK"): Uint8Array {
  const paths = `To-Path: ${localUri}\r\nFrom-Path: msrp://127.0.0.1:1/b;tcp\r\n`;
  const lines = `Message-ID: message1\r\nByte-Range: ${range}\r\nStatus: ${status}\r\n`;
  return toOctets(`MSRP rrrr REPORT\r\n${paths}${lines}-------rrrr$\r\n`);
}

/**
 * Clients that send large messages and never leave memory, for benches of the calling side: a wire that answers INVITE and
 * BYE, and a connection that answers chunks. Time is moved by hand. The peer is text put together, so that only the
 * calling side takes memory.
 */
import { toOctets, toText } from "../bytes/text.ts";
import { HandClock, type Millis } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import type { TransportReceivers } from "../endpoint/sockets.ts";
import { EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { behaviourWith, type UserAgentSettings } from "../ua/settings.ts";
import { UnderWay } from "../ua/under_way.ts";
import { UserAgent } from "../ua/user_agent.ts";
import { messageOrder } from "./message_orders.ts";
import { Wire, wired } from "./wire.ts";

const CONTENT_SIZE = 4096;

/** Clients with the counting of a run, and a peer that accepts everything. */
export class LargeStand {
  readonly recorder: Recorder = new Recorder();
  readonly endpoint: Endpoint;
  readonly #clock = new HandClock();
  /** What was sent and not answered yet. */
  readonly #datagrams: Uint8Array[] = [];
  readonly #chunks: Uint8Array[] = [];
  readonly #wire = new Wire("udp", (octets) => void this.#datagrams.push(octets.slice()));
  readonly #connection = new Wire("tcp", (octets) => void this.#chunks.push(octets.slice()));
  readonly #agents: UserAgent[] = [];
  readonly #ledger = new Ledger(this.recorder, 5000);
  #receivers!: TransportReceivers;
  #sequence = 0;

  /** `hold`: milliseconds that a session is kept after its message was delivered. */
  constructor(options: { clients: number; hold: Millis }) {
    this.endpoint = new Endpoint({
      clock: this.#clock,
      random: new Random(1),
      core: { onRequest: (message, transaction, at) => this.#agents[0]!.onRequest(message, transaction, at) },
      transports: wired((receivers) => this.#receivers = receivers, this.#wire, this.#connection),
    });
    const settings = this.#settings(options.hold);
    for (let index = 0; index < options.clients; index++) {
      this.#agents.push(new UserAgent(index, `user${index}`, settings));
    }
  }

  /** One message from its order to the end of what can happen at once; takes `gap` milliseconds of the stand's time. */
  send(gap: Millis): void {
    this.pass(gap);
    const sequence = this.#sequence++;
    this.#agents[sequence % this.#agents.length]!.send(messageOrder(sequence, this.#clock.now(), CONTENT_SIZE));
    this.#settle();
  }

  /** Lets time pass. */
  pass(time: Millis): void {
    const now = this.#clock.now() + time;
    this.#clock.moveTo(now);
    this.endpoint.wheel.advance(now);
    this.#ledger.expire(now);
    this.#settle();
  }

  /** Counters since the last call. */
  counters(): Readonly<Record<string, number>> {
    return this.recorder.take(0, this.#clock.now()).counters;
  }

  #settle(): void {
    const { sip, msrp } = this.#receivers;
    const now = this.#clock.now();
    while (this.#datagrams.length + this.#chunks.length > 0) {
      for (const octets of this.#datagrams.splice(0)) {
        const answer = answerTo(toText(octets));
        if (answer !== undefined) sip.receive(toOctets(answer), this.#wire, now);
      }
      const chunk = this.#chunks.splice(0).map((octets) => toText(octets)).join("");
      if (chunk !== "") msrp.receive(toOctets(answerToChunk(chunk)), this.#connection, now);
    }
  }

  #settings(hold: Millis): UserAgentSettings {
    return {
      endpoint: this.endpoint,
      credentialsOf: () => undefined,
      transport: "udp",
      target: this.#wire.remote,
      domain: "ims.example",
      ...behaviourWith({ mode: { force: "large" }, session: { hold }, msrp: { connections: "shared" } }),
      registerExpires: undefined,
      registerRefresh: false,
      random: new Random(2),
      recorder: this.recorder,
      ledger: this.#ledger,
      evidence: new EvidenceRing(),
      underWay: new UnderWay(),
      onDelivery: () => {},
    };
  }
}

/** The 200 to an INVITE or BYE as another client of our kind writes it; none to ACK. */
function answerTo(request: string): string | undefined {
  if (request.startsWith("ACK")) return undefined;
  const head = request.slice(0, request.indexOf("\r\n\r\n")).split("\r\n");
  const callId = head.find((line) => line.startsWith("Call-ID"))!.slice(9, 29);
  const repeated = head.filter((line) => /^(Via|From|Call-ID|CSeq):/.test(line));
  const to = head.find((line) => line.startsWith("To:"))!;
  const lines = ["SIP/2.0 200 OK", ...repeated, to.includes(";tag=") ? to : `${to};tag=${callId.slice(0, 8)}`];
  const about = ["Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE", "Supported: timer", "User-Agent: peer/1"];
  if (!request.startsWith("INVITE")) return [...lines, ...about, "Content-Length: 0", "", ""].join("\r\n");
  const description = [
    "v=0",
    "o=- 3900000001 3900000001 IN IP4 127.0.0.1",
    "s=-",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    "m=message 2856 TCP/MSRP *",
    `a=path:msrp://127.0.0.1:2856/${callId}abcd;tcp`,
    "a=accept-types:text/plain",
    "a=setup:passive",
    "a=recvonly",
    "",
  ].join("\r\n");
  const timer = ["Require: timer", "Session-Expires: 1800;refresher=uac"];
  const body = ["Content-Type: application/sdp", `Content-Length: ${description.length}`, "", description];
  return [...lines, "Contact: <sip:bob@127.0.0.1:7000>;+g.oma.sip-im", ...about, ...timer, ...body].join("\r\n");
}

/** The 200 to a chunk. */
function answerToChunk(chunk: string): string {
  const transactionId = chunk.split(" ", 2)[1]!;
  const [, to, from] = /To-Path: (\S+)\r\nFrom-Path: (\S+)\r\n/.exec(chunk)!;
  return `MSRP ${transactionId} 200 OK\r\nTo-Path: ${from}\r\nFrom-Path: ${to}\r\n-------${transactionId}$\r\n`;
}

/**
 * One client whose messages never leave memory, for benches of its whole path: a wire that answers 200 at once, or that
 * brings the MESSAGEs of others. Time is moved by hand, so that transactions are held for as long as in a run.
 */
import { indexOfOctets } from "../bytes/scan.ts";
import { toOctets, toText } from "../bytes/text.ts";
import { HandClock, type Millis } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import type { TransportReceivers } from "../endpoint/sockets.ts";
import { readContent, writeContent } from "../im/body.ts";
import { EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { behaviourWith, type UserAgentSettings } from "../ua/settings.ts";
import { UserAgent } from "../ua/user_agent.ts";
import { messageOrder, STAND_RUN } from "./message_orders.ts";
import { Wire, wired } from "./wire.ts";

const CLIENTS = 1000;
const CONTENT_SIZE = 140;
const COOKIE = toOctets("z9hG4bK");
/** Of a branch of ours: cookie, token, and the digits that differ from one branch of a layer to the next. */
const BRANCH_LENGTH = 31;
const BRANCH_DIGITS = 8;

/** Where the digits stand that differ from branch to branch. */
function digitsIn(octets: Uint8Array): number {
  return indexOfOctets(octets, COOKIE, 0, octets.length) + BRANCH_LENGTH - BRANCH_DIGITS;
}

/** A thousand clients behind one wire, with the counting of a run. */
export class PagerStand {
  readonly recorder: Recorder = new Recorder();
  readonly #clock = new HandClock();
  readonly #wire = new Wire("udp", (octets) => this.#keep(octets));
  /** A copy of the last datagram. */
  readonly #last: Uint8Array = new Uint8Array(4096);
  #lastLength = 0;
  #sent = 0;
  readonly #endpoint: Endpoint;
  readonly #agents: UserAgent[] = [];
  readonly #ledger = new Ledger(this.recorder, 5000);
  readonly #gap: Millis;
  #receivers!: TransportReceivers;
  #sequence = 0;
  /** The answer to the last request; only the digits of its branch change. */
  #response: Uint8Array | undefined;
  readonly #request: Uint8Array = requestToUs();

  /** `rate`: messages a second by the stand's own clock. */
  constructor(rate: number) {
    this.#gap = 1000 / rate;
    this.#endpoint = new Endpoint({
      clock: this.#clock,
      random: new Random(1),
      core: {
        onRequest: (message, transaction, at) => this.#agents[0]!.onRequest(message, transaction, at),
      },
      transports: wired((receivers) => this.#receivers = receivers, this.#wire),
    });
    const settings = this.#settings();
    for (let index = 0; index < CLIENTS; index++) this.#agents.push(new UserAgent(index, `user${index}`, settings));
  }

  /** One message of ours: sent, answered, settled. */
  send(): void {
    const sequence = this.#sequence++;
    const now = this.#pass();
    this.#agents[sequence % CLIENTS]!.send(messageOrder(sequence, now, CONTENT_SIZE));
    const response = this.#response ??= answerTo(this.lastSent());
    const from = digitsIn(this.#last);
    response.set(this.#last.subarray(from, from + BRANCH_DIGITS), digitsIn(response));
    this.#receivers.sip.receive(response, this.#wire, now);
  }

  /** One message for us: received, answered, delivered. */
  receive(): void {
    const sequence = this.#sequence++;
    const now = this.#pass();
    const attempt = this.#ledger.open({
      sequence,
      sender: 1,
      receiver: 0,
      mode: "pager",
      size: CONTENT_SIZE,
      dueAt: now,
      counted: true,
    });
    this.#ledger.settle(attempt, "accepted_200", now);
    const request = this.#request;
    request.set(toOctets(sequence.toString(16).padStart(BRANCH_DIGITS, "0")), digitsIn(request));
    request.set(writeContent(CONTENT_SIZE, { run: STAND_RUN, sequence }), request.length - CONTENT_SIZE);
    this.#receivers.sip.receive(request, this.#wire, now);
  }

  /** Messages sent, answers included. */
  sent(): number {
    return this.#sent;
  }

  /** Counters since the last call. */
  counters(): Readonly<Record<string, number>> {
    return this.recorder.take(0, this.#clock.now()).counters;
  }

  /** The last datagram that left, as text. */
  lastSent(): string {
    return toText(this.#last, 0, this.#lastLength);
  }

  #pass(): Millis {
    const now = this.#clock.now() + this.#gap;
    this.#clock.moveTo(now);
    this.#endpoint.wheel.advance(now);
    this.#ledger.expire(now);
    return now;
  }

  #keep(octets: Uint8Array): void {
    this.#last.set(octets);
    this.#lastLength = octets.length;
    this.#sent++;
  }

  #settings(): UserAgentSettings {
    return {
      endpoint: this.#endpoint,
      transport: "udp",
      target: this.#wire.remote,
      domain: "ims.example",
      credentialsOf: () => undefined,
      ...behaviourWith(),
      registerExpires: undefined,
      registerRefresh: false,
      random: new Random(2),
      recorder: this.recorder,
      ledger: this.#ledger,
      evidence: new EvidenceRing(),
      onDelivery: ({ receiver, content, at }) => {
        const mark = readContent(content);
        if (mark.kind === "marked") this.#ledger.deliver(mark.sequence, receiver, mark.intact, at);
      },
    };
  }
}

/** A 200 with the header fields that an answer repeats. */
function answerTo(request: string): Uint8Array {
  const repeated = request.split("\r\n").filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  const tagged = repeated.map((line) => line.startsWith("To:") ? `${line};tag=1bad2cafe` : line);
  return toOctets(["SIP/2.0 200 OK", ...tagged, "Content-Length: 0", "", ""].join("\r\n"));
}

/** What another client of our kind sends to the first one. */
function requestToUs(): Uint8Array {
  const head = [
    "MESSAGE sip:user0@127.0.0.1:5060 SIP/2.0",
    "Via: SIP/2.0/UDP 127.0.0.1:7000;branch=z9hG4bK0123456789abcdef00000000;rport",
    "Max-Forwards: 70",
    "From: <sip:alice@ims.example>;tag=a1b2c3d4",
    "To: <sip:user0@ims.example>",
    "Call-ID: 0123456789abcdef0123@127.0.0.1",
    "CSeq: 1 MESSAGE",
    "Accept-Contact: *;+g.oma.sip-im",
    "P-Preferred-Identity: <sip:alice@ims.example>",
    "User-Agent: IM-client/OMA1.0 imstorm/0.1.0",
    "Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE",
    "Supported: timer",
    "Content-Type: text/plain;charset=UTF-8",
    `Content-Length: ${CONTENT_SIZE}`,
  ];
  return toOctets([...head, "", "x".repeat(CONTENT_SIZE)].join("\r\n"));
}

/** One client of ours on real sockets in the process of the test: what the program would make many of. */
import { type Clock, type Millis, MONOTONIC_CLOCK } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { Loop } from "../endpoint/loop.ts";
import { Sockets } from "../endpoint/sockets.ts";
import { EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { DEFAULT_TIMERS } from "../sip/timers.ts";
import { messageOrder } from "../testing/message_orders.ts";
import { parseHostPort } from "../transport/address.ts";
import type { TransportName } from "../transport/flow.ts";
import type { RegistrationOutcome } from "../ua/registration.ts";
import { type BehaviourChanges, behaviourWith } from "../ua/settings.ts";
import type { MessageOrder } from "../ua/message_order.ts";
import { UserAgent } from "../ua/user_agent.ts";
import { poll } from "./peers/child.ts";
import { LOOPBACK } from "./peers/ports.ts";

/** How a client is opened. */
export interface OwnClientOptions extends BehaviourChanges {
  readonly user: string;
  readonly password?: string;
  /** `host:port` of its server, or of the peer itself. */
  readonly target: string;
  readonly domain: string;
  readonly transport?: TransportName;
  /** Address it listens on; 127.0.0.1 unless said. */
  readonly host?: string;
  /**
   * How many times as fast as the process's its clock runs, so that intervals of minutes pass in seconds; 1 unless said.
   * SIP's T1, T2 and T4 keep their real length: the peer's clock is not ours, and would see retransmissions.
   */
  readonly speed?: number;
}

/** A message or stream data that went by. */
export interface Seen {
  readonly direction: "sent" | "received";
  readonly text: string;
  /** On the client's clock. */
  readonly at: Millis;
}

/** A content that arrived. */
export interface Received {
  readonly from: string;
  readonly content: Uint8Array;
}

const LIMIT: Millis = 20_000;
/** The run that its contents are marked with. */
export const RUN = 1;

/** An open client. */
export class OwnClient implements AsyncDisposable {
  readonly agent: UserAgent;
  /** `host:port` where it listens for SIP. */
  readonly address: string;
  /** Contents that arrived, in order. */
  readonly received: Received[] = [];
  /** All that went by. */
  readonly seen: Seen[] = [];
  readonly #endpoint: Endpoint;
  readonly #loop: Loop;
  readonly #recorder = new Recorder();
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #counters: Record<string, number> = {};
  #sequence = 0;

  /** Opens its sockets; nothing is sent yet. */
  constructor(options: OwnClientOptions) {
    const { speed = 1 } = options;
    this.#clock = { now: () => MONOTONIC_CLOCK.now() * speed };
    this.#ledger = new Ledger(this.#recorder, 0);
    const [seed] = crypto.getRandomValues(new Int32Array(1));
    const tap = (direction: "sent" | "received", octets: Uint8Array, _flow: unknown, at: Millis): void => {
      this.seen.push({ direction, text: new TextDecoder("latin1").decode(octets), at });
    };
    this.#endpoint = new Endpoint({
      clock: this.#clock,
      random: new Random(seed!),
      timers: { t1: DEFAULT_TIMERS.t1 * speed, t2: DEFAULT_TIMERS.t2 * speed, t4: DEFAULT_TIMERS.t4 * speed },
      transports: (receivers) => {
        const local = { host: options.host ?? LOOPBACK, port: 0 };
        return new Sockets({ local, clock: this.#clock, tap }, receivers);
      },
      core: { onRequest: (message, transaction, at) => this.agent.onRequest(message, transaction, at) },
    });
    this.address = this.#endpoint.sentBy();
    const { user, password } = options;
    this.agent = new UserAgent(0, user, {
      endpoint: this.#endpoint,
      transport: options.transport ?? "udp",
      target: parseHostPort(options.target)!,
      domain: options.domain,
      credentialsOf: () => password === undefined ? undefined : { username: user, password },
      ...behaviourWith(options),
      registerExpires: 600,
      registerRefresh: false,
      random: new Random(1),
      recorder: this.#recorder,
      ledger: this.#ledger,
      evidence: new EvidenceRing(),
      onDelivery: ({ from, content }) => this.received.push({ from, content: content.slice() }),
    });
    this.#loop = new Loop(this.#endpoint, () => Infinity);
    this.#loop.start();
  }

  /** Registers and waits for the end of it. */
  register(): Promise<RegistrationOutcome> {
    return new Promise((resolve) => this.agent.register(this.#clock.now(), (_agent, outcome) => resolve(outcome)));
  }

  /** Sends a message, by default of `size` octets that carry the mark. */
  send(order: Partial<MessageOrder> & { readonly to: string }): void {
    this.agent.send({
      ...messageOrder(++this.#sequence, this.#clock.now()),
      run: RUN,
      ...order,
    });
  }

  /** Waits until `ask` answers other than undefined; throws with what went by after 20 s. */
  async until<T>(what: string, ask: () => T | undefined): Promise<T> {
    const answer = await poll<{ value: T }>(LIMIT, () => {
      const value = ask();
      return Promise.resolve(value === undefined ? undefined : { value });
    });
    if (answer !== undefined) return answer.value;
    throw new Error(`It did not get as far as: ${what}\n${this.seen.map(({ text }) => text).join("\n")}`);
  }

  /** Waits until everything it sent has an outcome and every session is over. */
  async settled(): Promise<void> {
    await this.until("every message settled", () => this.#ledger.size === 0 && !this.agent.isInSession() || undefined);
  }

  /** Messages of one direction that start so, in order. */
  messages(direction: "sent" | "received", start: string): Seen[] {
    return this.seen.filter((one) => one.direction === direction && one.text.startsWith(start));
  }

  /** A counter since the beginning, 0 when nothing was counted. */
  count(name: string): number {
    for (const [each, count] of Object.entries(this.#recorder.take(0, 0).counters)) {
      this.#counters[each] = (this.#counters[each] ?? 0) + count;
    }
    return this.#counters[name] ?? 0;
  }

  /** Closes its sockets. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#loop.stop();
    await this.#endpoint.close();
  }
}

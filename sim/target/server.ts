/** The embedded IM server: registrar and proxy on sockets of their own. */
import { type Clock, type Millis, MONOTONIC_CLOCK } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import type { Flow, Receiver, TransportFault } from "../transport/flow.ts";
import { LossyReceiver } from "./faults.ts";
import type { ListenAddress, Target, TargetOptions } from "./options.ts";
import { StatefulProxy } from "./proxy.ts";
import { Sockets } from "./sockets.ts";

export type { ListenAddress, Target, TargetDigest, TargetOptions } from "./options.ts";

const DEFAULT_LISTEN: readonly ListenAddress[] = [
  { transport: "udp", address: { host: "127.0.0.1", port: 5060 } },
  { transport: "tcp", address: { host: "127.0.0.1", port: 5060 } },
];
/** Longest sleep between two looks at the wheel. */
const LONGEST_SLEEP: Millis = 250;

/** Starts a server; rejects with the system's error when an address cannot be bound. */
export function startTarget(options: TargetOptions = {}): Promise<Target> {
  return Promise.try(() => new Server(options));
}

/** Turns the wheel: after everything that arrives, and when an alarm is due. */
class Server implements Target, Receiver {
  readonly addresses: readonly ListenAddress[];
  readonly #clock: Clock;
  readonly #wheel: Wheel;
  readonly #proxy: StatefulProxy;
  readonly #receiver: Receiver;
  readonly #sockets: Sockets;
  #open = true;
  #flushing = false;
  #sleep: ReturnType<typeof setTimeout> | undefined;
  #wakesAt: Millis = Infinity;

  constructor(options: TargetOptions) {
    this.#clock = options.clock ?? MONOTONIC_CLOCK;
    this.#wheel = new Wheel(this.#clock.now());
    this.#sockets = Sockets.open(options.listen ?? DEFAULT_LISTEN, this, this.#clock);
    this.#proxy = new StatefulProxy({
      ...options,
      wheel: this.#wheel,
      clock: this.#clock,
      random: new Random(options.seed ?? 1),
      ways: this.#sockets,
    });
    this.#receiver = new LossyReceiver(this.#proxy.layer, this.#proxy.faults);
    this.addresses = this.#sockets.addresses;
  }

  /** From the transport. */
  receive(octets: Uint8Array, flow: Flow, at: Millis): void {
    if (!this.#open) return;
    this.#wheel.advance(at);
    this.#receiver.receive(octets, flow, at);
    this.#afterwards();
  }

  /** From the transport. */
  onFlowFault(flow: Flow, fault: TransportFault): void {
    this.#receiver.onFlowFault(flow, fault);
    this.#afterwards();
  }

  counters(): Record<string, number> {
    const { counters, layer, location } = this.#proxy;
    const all = Object.fromEntries([...counters].sort(([a], [b]) => a < b ? -1 : 1));
    for (const [method, count] of layer.counters.retransmissions) all[`retransmissions.${method}`] = count;
    for (const [fault, count] of layer.counters.malformed) all[`malformed.${fault}`] = count;
    all["absorbed.requests"] = layer.counters.absorbedRequests;
    all["absorbed.responses"] = layer.counters.absorbedResponses;
    all["transactions.open"] = layer.size();
    all["bindings"] = location.size;
    return all;
  }

  bindings(): number {
    return this.#proxy.location.size;
  }

  async close(): Promise<void> {
    this.#open = false;
    clearTimeout(this.#sleep);
    this.#proxy.layer.close();
    await this.#sockets.close();
  }

  /** What was sent leaves when the batch that is being received is through; then it sleeps until the next alarm. */
  #afterwards(): void {
    if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(() => {
        this.#flushing = false;
        if (this.#open) this.#sockets.flush();
      });
    }
    this.#sleepUntilDue();
  }

  #sleepUntilDue(): void {
    if (!this.#open || this.#wheel.armed === 0) return;
    const delay = this.#wheel.idleFor(LONGEST_SLEEP);
    const wakesAt = this.#wheel.now + delay;
    // a sleep that ends in time is left alone: moving it costs more than waking up once too often
    if (wakesAt >= this.#wakesAt) return;
    clearTimeout(this.#sleep);
    this.#wakesAt = wakesAt;
    this.#sleep = setTimeout(() => this.#wake(), delay);
  }

  #wake(): void {
    this.#wakesAt = Infinity;
    this.#wheel.advance(this.#clock.now());
    this.#afterwards();
  }
}

/** Measures the tool's own error before a run: an echo over the loopback interface by our UDP implementation. */
import { type Clock, type Millis, MONOTONIC_CLOCK } from "../clock/clock.ts";
import { Histogram } from "../metrics/histogram.ts";
import type { DatagramSocket } from "../transport/datagram.ts";
import type { Receiver } from "../transport/flow.ts";
import { openUdp } from "../transport/udp.ts";

/** Longest time the whole may take. */
const LIMIT: Millis = 250;
const ECHOES = 200;
/** Octets of an echo: a MESSAGE of ordinary size. */
const SIZE = 600;
/** An echo that takes longer is lost. */
const PATIENCE: Millis = 50;
/** Round trips in whole microseconds. */
export interface EchoFigures {
  readonly implementation: string;
  readonly echoes: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const LOOPBACK = { host: "127.0.0.1", port: 0 };

/** Echoes for a quarter of a second at most; undefined where the loopback interface is not permitted or nothing came back. */
export async function calibrate(clock: Clock = MONOTONIC_CLOCK): Promise<EchoFigures | undefined> {
  if (Deno.permissions.querySync({ name: "net", host: LOOPBACK.host }).state !== "granted") return undefined;
  const echo = new Echo(clock);
  try {
    const end = clock.now() + LIMIT;
    for (let i = 0; i < ECHOES && clock.now() < end; i++) await echo.once();
    return echo.result();
  } finally {
    await echo.close();
  }
}

/** Two sockets: one sends, the other sends back. */
class Echo {
  readonly #clock: Clock;
  readonly #near: DatagramSocket;
  readonly #far: DatagramSocket;
  readonly #payload = new Uint8Array(SIZE).fill(0x61);
  readonly #latency = new Histogram();
  #arrivedAt: Millis | undefined;
  #arrived: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    const near: Receiver = {
      receive: (_octets, _flow, at) => {
        this.#arrivedAt = at;
        this.#arrived?.();
      },
      onFlowFault: () => {},
    };
    const far: Receiver = {
      receive: (octets, flow) => {
        flow.send(octets);
        this.#far.flush();
      },
      onFlowFault: () => {},
    };
    this.#near = openUdp({ local: LOOPBACK, clock, receiver: near, driven: true });
    this.#far = openUdp({ local: LOOPBACK, clock, receiver: far, driven: true });
  }

  /** One round trip. */
  async once(): Promise<void> {
    this.#arrivedAt = undefined;
    const sentAt = this.#clock.now();
    this.#near.flowTo(this.#far.local).send(this.#payload);
    this.#near.flush();
    if (this.#near.waits === undefined) await this.#waitForEvents();
    else this.#ask(sentAt + PATIENCE);
    if (this.#arrivedAt !== undefined) this.#latency.record(Math.max(0, this.#arrivedAt - sentAt));
    this.#near.waits?.pause(1);
  }

  result(): EchoFigures | undefined {
    const echoes = this.#latency.count();
    if (echoes === 0) return undefined;
    return {
      implementation: this.#near.implementation,
      echoes,
      p50: this.#latency.quantile(0.5),
      p99: this.#latency.quantile(0.99),
      max: this.#latency.quantile(1),
    };
  }

  async close(): Promise<void> {
    this.#near.close();
    this.#far.close();
    await Promise.all([this.#near.closed, this.#far.closed]);
  }

  #ask(end: Millis): void {
    while (this.#arrivedAt === undefined && this.#clock.now() < end) {
      this.#far.waits?.wait(1);
      this.#far.receiveNow?.();
      this.#near.waits?.wait(1);
      this.#near.receiveNow?.();
    }
  }

  async #waitForEvents(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#arrived = resolve;
    const timer = setTimeout(resolve, PATIENCE);
    await promise;
    clearTimeout(timer);
    this.#arrived = undefined;
  }
}

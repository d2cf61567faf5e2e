/**
 * Keep-alive of connections to one peer (RFC 5626 §4.4.1): a ping now and then, and a connection without its pong is
 * dead. One connection may serve thousands of clients, so it is kept alive once, not once for each of them.
 */
import { CRLF } from "../bytes/ascii.ts";
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { Alarm, Due, Wheel } from "../clock/wheel.ts";
import { sameAddress } from "../transport/address.ts";
import type { Address, Flow } from "../transport/flow.ts";

/** Longest time between two pings where the server names none (RFC 5626 §4.4.1). */
export const LONGEST_PING_INTERVAL: Millis = 120_000;
/** Shortest time, as a share of the longest: the spread keeps clients from pinging in step. */
const SHORTEST_SHARE = 0.8;
/** How long a pong may take. */
export const PONG_LIMIT: Millis = 10_000;

const PING = new Uint8Array([...CRLF, ...CRLF]);

/** Pings the connections to one peer. */
export class KeepAlive {
  /** Pings sent. */
  pings = 0;
  readonly #remote: Address;
  readonly #wheel: Wheel;
  readonly #random: Random;
  readonly #onDead: (flow: Flow) => void;
  readonly #kept: Map<Flow, KeptFlow> = new Map();

  /** `onDead` is told once of a connection whose pong did not come; it is open still. */
  constructor(options: { remote: Address; wheel: Wheel; random: Random; onDead: (flow: Flow) => void }) {
    this.#remote = options.remote;
    this.#wheel = options.wheel;
    this.#random = options.random;
    this.#onDead = options.onDead;
  }

  /** A flow is about to be used: from now on it is kept, when it is a connection to that peer. */
  use(flow: Flow): void {
    if (flow.transport !== "tcp" || this.#kept.has(flow) || !flow.open || !sameAddress(flow.remote, this.#remote)) {
      return;
    }
    const kept = new KeptFlow(flow, this);
    this.#kept.set(flow, kept);
    this.rest(kept);
  }

  /** A pong arrived. */
  onPong(flow: Flow): void {
    const kept = this.#kept.get(flow);
    if (kept?.alarm?.timer !== "pong") return;
    this.#wheel.cancel(kept.alarm);
    this.rest(kept);
  }

  /** The flow has failed, or is closed: nothing is sent on it any more. */
  forget(flow: Flow): void {
    const kept = this.#kept.get(flow);
    if (kept?.alarm !== undefined) this.#wheel.cancel(kept.alarm);
    this.#kept.delete(flow);
  }

  /** Connections that are kept. */
  size(): number {
    return this.#kept.size;
  }

  /** Waits until the next ping, 80 to 100 % of the longest interval. */
  rest(kept: KeptFlow): void {
    const share = SHORTEST_SHARE + (1 - SHORTEST_SHARE) * this.#random.uniform();
    kept.alarm = this.#wheel.arm(share * LONGEST_PING_INTERVAL, kept, "ping");
  }

  /** Sends a ping, and waits for its pong. */
  ping(kept: KeptFlow): void {
    if (!kept.flow.open) return this.forget(kept.flow);
    this.pings++;
    kept.flow.send(PING);
    kept.alarm = this.#wheel.arm(PONG_LIMIT, kept, "pong");
  }

  /** No pong came in time. */
  miss(kept: KeptFlow): void {
    this.forget(kept.flow);
    if (kept.flow.open) this.#onDead(kept.flow);
  }
}

/** One connection and its alarm. */
class KeptFlow implements Due {
  readonly flow: Flow;
  alarm: Alarm | undefined;
  readonly #keeper: KeepAlive;

  constructor(flow: Flow, keeper: KeepAlive) {
    this.flow = flow;
    this.#keeper = keeper;
  }

  due(timer: string): void {
    if (timer === "ping") this.#keeper.ping(this);
    else this.#keeper.miss(this);
  }
}

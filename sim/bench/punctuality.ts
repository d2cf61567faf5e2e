/** How late the timers of one loop fire when 100,000 of them are armed, beside a client that sends and receives. */
import { type Millis, MONOTONIC_CLOCK } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import type { Due } from "../clock/wheel.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { Loop } from "../endpoint/loop.ts";
import { Sockets } from "../endpoint/sockets.ts";
import { Histogram } from "../metrics/histogram.ts";

/** Lateness of alarms. */
export interface Punctuality {
  readonly armed: number;
  readonly fired: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const LOCAL = { host: "127.0.0.1", port: 0 };
/** Alarms lie within so much time, evenly, as refreshes of sessions that began evenly. */
const SPREAD: Millis = 20_000;

/** An alarm that notes how late it fires, and arms itself again: so many stay armed throughout. */
class Refresh implements Due {
  readonly #stand: Stand;
  #at: Millis;

  constructor(stand: Stand, at: Millis) {
    this.#stand = stand;
    this.#at = at;
  }

  arm(): void {
    const { wheel } = this.#stand.endpoint;
    wheel.arm(this.#at - wheel.now, this, "refresh");
  }

  due(): void {
    this.#stand.note(this.#stand.endpoint.clock.now() - this.#at);
    this.#at += SPREAD;
    this.arm();
  }
}

/** A loop with nothing but alarms. */
class Stand {
  readonly endpoint: Endpoint;
  readonly late = new Histogram();
  fired = 0;

  constructor() {
    this.endpoint = new Endpoint({
      clock: MONOTONIC_CLOCK,
      random: new Random(1),
      core: { onRequest: () => {} },
      transports: (receivers) => new Sockets({ local: LOCAL, clock: MONOTONIC_CLOCK, driven: true }, receivers),
    });
  }

  note(lateness: Millis): void {
    this.fired++;
    this.late.record(Math.max(0, lateness));
  }
}

/** Arms them and looks on for `duration` milliseconds. */
export async function measurePunctuality(armed: number, duration: Millis): Promise<Punctuality> {
  const stand = new Stand();
  const loop = new Loop(stand.endpoint, (now) => now + stand.endpoint.wheel.idleFor(SPREAD));
  const begin = MONOTONIC_CLOCK.now() + 1000;
  for (let i = 0; i < armed; i++) new Refresh(stand, begin + i * SPREAD / armed).arm();
  loop.start();
  await new Promise((resolve) => setTimeout(resolve, duration));
  loop.stop();
  await stand.endpoint.close();
  const { p50, p99, max } = stand.late.summary();
  return { armed, fired: stand.fired, p50: p50!, p99: p99!, max: max! };
}

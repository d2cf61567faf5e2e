/** The health of one worker: how late it starts messages and how long its event loop stands still. */
import type { Clock, Millis } from "../clock/clock.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { DatagramSocket } from "../transport/datagram.ts";

/** Milliseconds between two looks of the probe: seldom enough to cost nothing, often enough to see a second whole. */
const PROBE_EVERY: Millis = 25;

/** Measures a worker once a second, by a timer of its own that notes how late it is called. */
export class WorkerHealth {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #scheduleLag: number;
  readonly #isBlind: boolean;
  readonly #timer: ReturnType<typeof setInterval>;
  #calledAt: Millis;
  #longest: Millis = 0;

  /** Begins to measure. */
  constructor(clock: Clock, recorder: Recorder, datagrams: DatagramSocket) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#scheduleLag = recorder.latencyId("schedule_lag");
    this.#isBlind = datagrams.counters.overflowed === undefined;
    this.#calledAt = clock.now();
    this.#timer = setInterval(() => {
      const now = clock.now();
      this.#longest = Math.max(this.#longest, this.#delayAt(now));
      this.#calledAt = now;
    }, PROBE_EVERY);
  }

  /** Writes the gauges of the interval that ends now; the next one starts at nothing. */
  collect(): void {
    const recorder = this.#recorder;
    // a loop that stands still has not called the probe yet
    const delay = Math.max(this.#longest, this.#delayAt(this.#clock.now()));
    recorder.gauge("generator.loop_delay", Math.round(delay * 1000));
    this.#longest = 0;
    const lag = recorder.quantile(this.#scheduleLag, 0.99);
    if (lag !== undefined) recorder.gauge("generator.schedule_lag_p99", lag);
    recorder.gauge("generator.blind_sockets", this.#isBlind ? 1 : 0);
  }

  /** Stops measuring. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #delayAt(now: Millis): Millis {
    return Math.max(0, now - this.#calledAt - PROBE_EVERY);
  }
}

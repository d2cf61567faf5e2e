/** A server that asks to be left alone for a while: 503 with Retry-After (RFC 3261 §21.5.4). */
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due, Wheel } from "../clock/wheel.ts";
import type { Message } from "../sip/message.ts";

// Retry-After = delta-seconds [ comment ] *( SEMI retry-param )
const RETRY_AFTER_REGEXP = /^(\d{1,10})\s*(?:[;(].*)?$/;

/** Milliseconds that a 503 asks to wait for; undefined for other responses and for a 503 that names no time. */
export function retryAfterOf(message: Message): Millis | undefined {
  if (message.status !== 503) return undefined;
  const seconds = RETRY_AFTER_REGEXP.exec(message.header("Retry-After") ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** What one client would have sent while its server wanted nothing, in order; sent when that time is over. */
export class Hold implements Due {
  readonly #wheel: Wheel;
  #until: Millis = 0;
  #waiting: (() => void)[] = [];
  #alarm: Alarm | undefined;

  /** Holds nothing yet. */
  constructor(wheel: Wheel) {
    this.#wheel = wheel;
  }

  /** Holds until then at least. */
  extend(until: Millis): void {
    this.#until = Math.max(this.#until, until);
  }

  /** Whether what comes at `now` has to wait. */
  isOn(now: Millis): boolean {
    return now < this.#until || this.#waiting.length > 0;
  }

  /** Lets something wait. */
  add(start: () => void): void {
    if (this.#waiting.push(start) === 1) this.#arm();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
    if (this.#alarm !== undefined) this.#wheel.cancel(this.#alarm);
  }

  /** From the wheel. */
  due(_timer: string, now: Millis): void {
    while (this.#waiting.length > 0 && now >= this.#until) this.#waiting.shift()!();
    // what was sent may have been refused at once, for longer
    if (this.#waiting.length > 0) this.#arm();
  }

  #arm(): void {
    this.#alarm = this.#wheel.arm(Math.max(1, this.#until - this.#wheel.now), this, "hold");
  }
}

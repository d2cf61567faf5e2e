/** A server that stands still for a while: its thread is blocked, and what arrives meanwhile waits in the kernel. */
import type { Millis } from "../clock/clock.ts";
import type { Wheel } from "../clock/wheel.ts";
import type { StallOptions } from "./options.ts";

/** Stalls once, at a moment counted from the first MESSAGE or INVITE. */
export class Stall {
  readonly #options: StallOptions;
  readonly #wheel: Wheel;
  readonly #onStalled: () => void;
  readonly #block: (time: Millis) => void;
  #armed = false;

  /** `onStalled` is called after it; `block` stands still, the thread unless given. */
  constructor(options: StallOptions, wheel: Wheel, onStalled: () => void, block = blockThread) {
    this.#options = options;
    this.#wheel = wheel;
    this.#onStalled = onStalled;
    this.#block = block;
  }

  /** A request arrived. */
  onRequest(method: string): void {
    if (this.#armed || (method !== "MESSAGE" && method !== "INVITE")) return;
    this.#armed = true;
    this.#wheel.arm(this.#options.at, this, "stall");
  }

  /** From the wheel. */
  due(): void {
    this.#block(this.#options.for);
    this.#onStalled();
  }
}

function blockThread(time: Millis): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);
}

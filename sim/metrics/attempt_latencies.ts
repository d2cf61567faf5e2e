/** The latencies of messages by transport and size: numbers of the recorder that are resolved once a combination. */
import type { Millis } from "../clock/clock.ts";
import type { TransportName } from "../transport/flow.ts";
import type { Attempt } from "./attempt.ts";
import type { LatencyName } from "./catalogue.ts";
import type { LatencyPart } from "./dimensions.ts";
import type { Mode } from "./outcome.ts";
import type { Recorder } from "./recorder.ts";

/** Powers of two that an octet count may lie between, and nothing. */
const SIZES = 33;
const TRANSPORTS: readonly TransportName[] = ["udp", "tcp"];
const NONE = -1;

/** The latencies of the messages of one mode. */
export class AttemptLatencies {
  readonly #recorder: Recorder;
  readonly #mode: Mode;
  /** By transport and size; `NONE` until a message of that combination comes. */
  readonly #accept: Int32Array = new Int32Array(TRANSPORTS.length * SIZES).fill(NONE);
  readonly #delivery: Int32Array = new Int32Array(TRANSPORTS.length * SIZES).fill(NONE);
  readonly #sent: number;
  readonly #acceptFromSent: number;

  /** Takes numbers of the recorder. */
  constructor(recorder: Recorder, mode: Mode) {
    this.#recorder = recorder;
    this.#mode = mode;
    this.#sent = recorder.latencyId(`${mode}_sent`);
    this.#acceptFromSent = mode === "pager" ? recorder.latencyId("pager_accept_from_sent") : NONE;
  }

  /** The octets of its request were handed down. */
  sent(attempt: Attempt): void {
    this.#recorder.latencyOfId(this.#sent, attempt.sentAt - attempt.dueAt);
  }

  /** The sender learned that it was accepted. */
  accepted(attempt: Attempt, at: Millis): void {
    const place = placeOf(attempt);
    let id = this.#accept[place]!;
    if (id === NONE) id = this.#accept[place] = this.#acceptId(attempt);
    this.#recorder.latencyOfId(id, at - attempt.dueAt);
    if (this.#acceptFromSent !== NONE) this.#recorder.latencyOfId(this.#acceptFromSent, at - attempt.sentAt);
  }

  /** The receiver got it whole. */
  delivered(attempt: Attempt, at: Millis): void {
    const place = placeOf(attempt);
    let id = this.#delivery[place]!;
    if (id === NONE) {
      id = this.#delivery[place] = this.#recorder.latencyId(...partsOf(`${this.#mode}_delivery`, attempt));
    }
    this.#recorder.latencyOfId(id, at - attempt.dueAt);
  }

  /** Whatever is accepted has been answered: one value stands for both. */
  #acceptId(attempt: Attempt): number {
    const parts = partsOf(`${this.#mode}_accept`, attempt);
    if (this.#mode === "large") return this.#recorder.latencyId(...parts);
    return this.#recorder.latencyId(...parts, "pager_response", "pager_response{response=2xx}");
  }
}

/** The size class of a content: the largest power of two that it reaches. */
export function sizeClass(octets: number): `b${number}` {
  return octets < 1 ? "b0" : `b${2 ** (31 - Math.clz32(octets))}`;
}

function placeOf({ transport, size }: Attempt): number {
  return (transport === "udp" ? 0 : TRANSPORTS.indexOf(transport) * SIZES) + 32 - Math.clz32(size);
}

function partsOf(name: LatencyName, { transport, size }: Attempt): LatencyPart[] {
  return [name, `${name}{transport=${transport}}`, `${name}{size=${sizeClass(size)}}`];
}

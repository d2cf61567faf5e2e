/** A flow for tests that records what is sent on it. */
import { toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { Wheel } from "../clock/wheel.ts";
import type { Address, Flow, TransportName } from "../transport/flow.ts";

/** What a flow recorder may be made with. */
export interface FlowRecorderOptions {
  /** `udp` by default. */
  readonly transport?: TransportName;
  readonly local?: Address;
  readonly remote?: Address;
  /** Gives the moments of sending. */
  readonly wheel?: Wheel;
}

/** Something that was sent. */
export interface Sent {
  readonly at: Millis;
  readonly octets: Uint8Array;
}

/** Takes everything and keeps it; a test sets `open` and `queued` as it needs them. */
export class FlowRecorder implements Flow {
  readonly transport: TransportName;
  readonly reliable: boolean;
  readonly local: Address;
  readonly remote: Address;
  open = true;
  queued = 0;
  /** What was sent while open, oldest first. */
  readonly sent: Sent[] = [];
  readonly #wheel: Wheel | undefined;

  /** An open flow. */
  constructor(options: FlowRecorderOptions = {}) {
    this.transport = options.transport ?? "udp";
    this.reliable = this.transport !== "udp";
    this.local = options.local ?? { host: "127.0.0.1", port: 5070 };
    this.remote = options.remote ?? { host: "127.0.0.1", port: 5060 };
    this.#wheel = options.wheel;
  }

  /** Keeps a copy. */
  send(octets: Uint8Array): void {
    if (this.open) this.sent.push({ at: this.#wheel?.now ?? 0, octets: octets.slice() });
  }

  /** Takes nothing from now on. */
  close(): void {
    this.open = false;
  }

  /** The texts of what was sent. */
  texts(): string[] {
    return this.sent.map(({ octets }) => toText(octets));
  }

  /** The first lines of what was sent. */
  startLines(): string[] {
    return this.texts().map((text) => text.split("\r\n")[0]!);
  }

  /** The moments of sending. */
  moments(): Millis[] {
    return this.sent.map(({ at }) => at);
  }

  /** What was sent last; throws when nothing was. */
  last(): Uint8Array {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error("Cannot give the last octets: nothing was sent");
    return last.octets;
  }

  /** Gives what was sent since the last call, and forgets it. */
  take(): Uint8Array[] {
    return this.sent.splice(0).map(({ octets }) => octets);
  }
}

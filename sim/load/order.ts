/** What coordinator and workers say to each other; plain data that may cross threads. */
import type { Millis } from "../clock/clock.ts";
import type { Leftovers } from "../endpoint/endpoint.ts";
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Address, TransportName } from "../transport/flow.ts";
import type { Share } from "./clients.ts";
import type { GeneratorState } from "./generator.ts";
import type { FateEvent } from "./fate_event.ts";
import type { Unreached } from "./reach.ts";

/** A message that arrived at a client of another worker than its sender's. */
export interface ForeignDelivery {
  /** -1: its content was too small for the mark. */
  readonly sequence: number;
  readonly receiver: number;
  readonly intact: boolean;
  /** Octets of content. */
  readonly size: number;
  /** Address of record of the sender. */
  readonly from: string;
  /** On the clock that all workers share: milliseconds since the Unix epoch, monotonic within a run. */
  readonly at: Millis;
}

/** To a worker. */
export type WorkerOrder =
  | {
    readonly kind: "prepare";
    readonly scenario: Scenario;
    readonly share: Share;
    readonly run: number;
    readonly local: Address;
    readonly target: Address;
    readonly domain: string;
    /** When the run started, on the shared clock. */
    readonly epoch: Millis;
    /** Whether all octets are to be captured, and the fate of all messages. */
    readonly capture: boolean;
    /** Milliseconds by which news of deliveries from other machines may be late: nothing is lost earlier. */
    readonly newsDelay: Millis;
  }
  | { readonly kind: "begin"; readonly at: Millis }
  | { readonly kind: "deliveries"; readonly deliveries: readonly ForeignDelivery[] }
  | { readonly kind: "finish" }
  | { readonly kind: "interrupt" }
  /** Asks what time it is. */
  | { readonly kind: "clock" }
  | RunOrder;

/** What people and other programs change while a run runs. */
export type RunOrder =
  /** Rates are multiplied by `factor`, 0 or more, from now on. */
  | { readonly kind: "pace"; readonly factor: number }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  /** No more arrivals; what is under way ends by itself. */
  | { readonly kind: "drain" };

/** What two workers left behind, together. */
export function addLeftovers(a: Leftovers, b: Leftovers): Leftovers {
  return {
    timers: a.timers + b.timers,
    dialogs: a.dialogs + b.dialogs,
    transactions: a.transactions + b.transactions,
    msrpSessions: a.msrpSessions + b.msrpSessions,
    msrpConnections: a.msrpConnections + b.msrpConnections,
  };
}

/** Octets seen on the wire, for a capture. */
export interface CapturedPacket {
  readonly direction: "sent" | "received";
  readonly octets: Uint8Array;
  readonly transport: TransportName;
  readonly local: Address;
  readonly remote: Address;
  /** On the shared clock. */
  readonly at: Millis;
}

/** How a worker stands before the start. */
export interface ReadyNotice {
  readonly unreached: Unreached;
  readonly transport: { readonly implementation: string; readonly reason: string };
  /** Where it listens over UDP and does not hear what the kernel drops. */
  readonly blindPorts: readonly number[];
}

/** Hears what was captured, in the order it comes from each worker. */
export type CaptureListener = (packets: readonly CapturedPacket[], messages: readonly FateEvent[]) => void;

/** From a worker. */
export type WorkerNotice =
  | ReadyNotice & { readonly kind: "ready" }
  /** On the shared clock, as this worker reads it. */
  | { readonly kind: "clock"; readonly at: Millis }
  | {
    readonly kind: "snapshot";
    readonly snapshot: Snapshot;
    readonly evidence: readonly Evidence[];
    readonly state: GeneratorState;
    readonly phase: number;
    /** Since the first phase began; 0 before. */
    readonly elapsed: Millis;
  }
  | { readonly kind: "deliveries"; readonly to: number; readonly deliveries: readonly ForeignDelivery[] }
  | {
    readonly kind: "captured";
    readonly packets: readonly CapturedPacket[];
    readonly messages: readonly FateEvent[];
  }
  | { readonly kind: "quiet" }
  | { readonly kind: "done"; readonly leftovers: Leftovers }
  /** Its sockets cannot be opened: nothing was sent, and nothing of ours is broken. */
  | { readonly kind: "unable"; readonly detail: string }
  | { readonly kind: "failed"; readonly error: string };

/** One message as its sender and the ledger see it. */
import type { Millis } from "../clock/clock.ts";
import type { TransportName } from "../transport/flow.ts";
import type { Arrival, Mode, Outcome } from "./outcome.ts";

/** One message from the moment it was due. */
export interface Attempt {
  /** Number of the arrival in the whole run; carried by the content. */
  readonly sequence: number;
  /** Client in the whole run. */
  readonly sender: number;
  /** Client in the whole run; -1: a receiver that is not ours. */
  readonly receiver: number;
  readonly mode: Mode;
  /** Octets of content. */
  readonly size: number;
  /** The intended instant. */
  readonly dueAt: Millis;
  /** When the octets were handed down; set by the sender, `dueAt` until then. */
  sentAt: Millis;
  /** Of its SIP request as last sent; set by the sender. */
  transport: TransportName;
  /** False during warm-up: followed, but in no count and no latency. */
  readonly counted: boolean;
}

/** Hears the outcome of one attempt at its sender. */
export interface SettleListener {
  onSettled(at: Millis): void;
}

/** What `open` is given. */
export type AttemptFields = Omit<Attempt, "sentAt" | "transport"> & {
  readonly sentAt?: Millis;
  /** `udp` where it is left out. */
  readonly transport?: TransportName;
  /** Told once, when the attempt is settled before the run ends. */
  readonly listener?: SettleListener | undefined;
};

/** An attempt as the ledger sees it; a class, so that all of them have one shape, and an object may be used again. */
export class Entry implements Attempt {
  sequence = 0;
  sender = 0;
  receiver = 0;
  mode: Mode = "pager";
  size = 0;
  dueAt: Millis = 0;
  sentAt: Millis = 0;
  transport: TransportName = "udp";
  counted = false;
  listener: SettleListener | undefined = undefined;
  outcome: Outcome | undefined = undefined;
  arrival: Arrival | undefined = undefined;
  settledAt: Millis = 0;
  /** When it arrived whole. */
  deliveredAt: Millis = 0;
  isDelivered = false;
  wasCorrupted = false;
  wasTruncated = false;
  wasMisrouted = false;

  /** Becomes an attempt of which nothing is known yet. */
  begin(fields: AttemptFields): this {
    this.sequence = fields.sequence;
    this.sender = fields.sender;
    this.receiver = fields.receiver;
    this.mode = fields.mode;
    this.size = fields.size;
    this.dueAt = fields.dueAt;
    this.sentAt = fields.sentAt ?? fields.dueAt;
    this.transport = fields.transport ?? "udp";
    this.counted = fields.counted;
    this.listener = fields.listener;
    this.outcome = this.arrival = undefined;
    this.settledAt = this.deliveredAt = 0;
    this.isDelivered =
      this.wasCorrupted =
      this.wasTruncated =
      this.wasMisrouted =
        false;
    return this;
  }
}

/** Another agent as its lead knows it: what to tell it, and what it told. */
import type { Millis } from "../clock/clock.ts";
import type { ForeignDelivery } from "../load/order.ts";
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { RemoteClock } from "./remote_clock.ts";
import { DeliveryBuffer, unpack } from "./deliveries.ts";
import type { ExchangeAnswer, ExchangeRequest, LeadOrder } from "./exchange.ts";
import type { AgentOfRun, RunStateName } from "./protocol.ts";

const DELIVERIES_AT_ONCE = 20_000;

/** What the lead does about what it hears. */
export interface FollowerListener {
  onReady(unreachable: string | undefined): void;
  onQuiet(): void;
  onEnded(failure: string | undefined): void;
  /** Nothing is heard of it any more, or it no longer has the run. */
  onLost(why: string): void;
  /** It could not keep everything it had to tell. */
  onDropped(count: number): void;
  /** Moments are those of the lead's run. */
  onSnapshot(snapshot: Snapshot): void;
  onEvidence(entries: readonly Evidence[]): void;
  /** Messages of the share `owner` arrived there; moments by the lead's clock. */
  onDeliveries(owner: number, deliveries: readonly ForeignDelivery[]): void;
}

/** One agent that is led. */
export class Follower {
  readonly index: number;
  readonly url: string;
  readonly clock: RemoteClock = new RemoteClock();
  /** Why it is lost. */
  lost: string | undefined;
  readonly #listener: FollowerListener;
  readonly #epoch: () => Millis;
  readonly #deliveries: DeliveryBuffer = new DeliveryBuffer();
  #orders: LeadOrder[] = [];
  #question: ExchangeRequest | undefined;
  #number = 0;
  #state: RunStateName = "preparing";
  #told = { ready: false, quiet: false, ended: false, dropped: 0 };
  #failingSince: Millis | undefined;

  /** `epoch`: when the lead's own workers were started, by the lead's clock. */
  constructor(index: number, url: string, epoch: () => Millis, listener: FollowerListener) {
    this.index = index;
    this.url = url;
    this.#epoch = epoch;
    this.#listener = listener;
  }

  /** Lets an order go with the next question. */
  order(order: LeadOrder): void {
    this.#orders.push(order);
  }

  /** Lets news of deliveries go with the next question; moments by the lead's clock. */
  deliver(owner: number, deliveries: readonly ForeignDelivery[]): void {
    this.#deliveries.add(owner, deliveries);
  }

  /** Whether something waits to be told. */
  hasNews(): boolean {
    return this.#orders.length > 0 || this.#deliveries.size() > 0;
  }

  /** Whether nothing more is to be asked. */
  isOver(): boolean {
    return this.#told.ended || this.lost !== undefined;
  }

  /** The question to ask: the one that got no answer, else the next one. */
  question(): ExchangeRequest {
    if (this.#question !== undefined) return this.#question;
    const shift = this.clock.offset();
    const orders = this.#orders.splice(0).map((order) =>
      order.kind === "begin" ? { ...order, at: order.at + shift } : order
    );
    return this.#question = {
      number: ++this.#number,
      orders,
      deliveries: this.#deliveries.take(DELIVERIES_AT_ONCE, shift),
    };
  }

  /** Takes the answer in; asked at `sent` and heard at `received`, by the lead's clock. */
  take(answer: ExchangeAnswer, sent: Millis, received: Millis): void {
    if (answer.number !== this.#question?.number) {
      this.lose(`answers ${answer.number} when asked ${this.#question?.number}`);
      return;
    }
    this.#question = undefined;
    this.#failingSince = undefined;
    this.clock.add({ sent, receivedThere: answer.receivedAt, answeredThere: answer.answeredAt, received });
    this.#state = answer.state;
    const listener = this.#listener;
    for (const packed of answer.deliveries) listener.onDeliveries(packed.owner, unpack(packed, -this.clock.offset()));
    const later = answer.epoch - this.clock.offset() - this.#epoch();
    for (const snapshot of answer.snapshots) listener.onSnapshot(inRun(snapshot, later));
    if (answer.evidence.length > 0) listener.onEvidence(answer.evidence.map((each) => evidenceInRun(each, later)));
    this.#tell(answer);
  }

  /** A question got no answer at `now`; after `patience` the agent counts as lost. */
  failed(why: string, now: Millis, patience: Millis): void {
    this.#failingSince ??= now;
    if (now - this.#failingSince >= patience) this.lose(why);
  }

  /** It is lost: it no longer has the run, or cannot be understood. */
  lose(why: string): void {
    if (this.lost !== undefined || this.#told.ended) return;
    this.lost = `agent ${this.index} (${this.url}) was lost: ${why}`;
    this.#listener.onLost(this.lost);
  }

  /** What is told of it. */
  describe(now: Millis): AgentOfRun {
    const error = this.clock.error(now);
    const isKnown = Number.isFinite(error);
    return {
      index: this.index,
      url: this.url,
      state: this.#state,
      lost: this.lost ?? null,
      clock_offset_us: isKnown ? Math.round(this.clock.offset() * 1000) : null,
      clock_error_us: isKnown ? Math.ceil(error * 1000) : null,
    };
  }

  #tell({ ready, quiet, ended, dropped }: ExchangeAnswer): void {
    const told = this.#told;
    const lostHere = this.#deliveries.dropped;
    if (dropped + lostHere > told.dropped) {
      told.dropped = dropped + lostHere;
      this.#listener.onDropped(told.dropped);
    }
    if (ready !== undefined && !told.ready) {
      told.ready = true;
      this.#listener.onReady(ready.unreachable);
    }
    if (quiet && !told.quiet) {
      told.quiet = true;
      this.#listener.onQuiet();
    }
    if (ended !== undefined && !told.ended) {
      told.ended = true;
      this.#listener.onEnded(ended.failure);
    }
  }
}

/** A second of an agent whose run began `later` than the lead's. */
function inRun(snapshot: Snapshot, later: Millis): Snapshot {
  const index = Math.max(0, snapshot.index + Math.round(later / 1000));
  return { ...snapshot, index, at: Math.max(0, snapshot.at + later) };
}

function evidenceInRun(entry: Evidence, later: Millis): Evidence {
  const messages = entry.messages.map((message) => ({ ...message, at: message.at + later }));
  return { ...entry, at: entry.at + later, messages };
}

/** What a led agent has for its lead, until the lead takes it. */
import type { Millis } from "../clock/clock.ts";
import type { ForeignDelivery } from "../load/order.ts";
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { DeliveryBuffer } from "./deliveries.ts";
import type { ExchangeAnswer, ExchangeRequest } from "./exchange.ts";
import type { Upward } from "./part.ts";
import type { RunStateName } from "./protocol.ts";

/** Taken at most in one exchange. */
const DELIVERIES_AT_ONCE = 20_000;
const SNAPSHOTS_AT_ONCE = 100;
/** Held at most; a lead that takes nothing for so long has gone. */
const SNAPSHOTS_HELD = 3000;
const EVIDENCE_HELD = 1000;

/** How the run stands while it is told. */
export interface Standing {
  readonly epoch: Millis;
  readonly state: RunStateName;
  readonly reason: string;
}

/** Collects; gives answers. */
export class Outbox implements Upward {
  readonly #deliveries: DeliveryBuffer = new DeliveryBuffer();
  readonly #snapshots: Snapshot[] = [];
  readonly #evidence: Evidence[] = [];
  #ready: ExchangeAnswer["ready"];
  #quiet = false;
  #ended: ExchangeAnswer["ended"];
  #dropped = 0;
  #last: ExchangeAnswer | undefined;

  ready(unreachable: string | undefined): void {
    this.#ready = unreachable === undefined ? {} : { unreachable };
  }

  quiet(): void {
    this.#quiet = true;
  }

  snapshot(snapshot: Snapshot): void {
    this.#snapshots.push(snapshot);
    if (this.#snapshots.length <= SNAPSHOTS_HELD) return;
    this.#snapshots.shift();
    this.#dropped++;
  }

  evidence(entries: readonly Evidence[]): void {
    // it is bounded where it is made: beyond this bound it only has no room for the texts
    this.#evidence.push(...entries.slice(0, EVIDENCE_HELD - this.#evidence.length));
  }

  deliveries(owner: number, deliveries: readonly ForeignDelivery[]): void {
    this.#deliveries.add(owner, deliveries);
  }

  ended(failure: string | undefined): void {
    this.#ended = failure === undefined ? {} : { failure };
  }

  /** Whether the lead has everything that there was and will be. */
  isTaken(): boolean {
    return this.#last?.ended !== undefined && !this.#hasMore();
  }

  /** The answer to a question that came at `receivedAt`; `isNew` when it was not answered before. */
  answer(
    request: ExchangeRequest,
    receivedAt: Millis,
    standing: Standing,
  ): { readonly answer: ExchangeAnswer; readonly isNew: boolean } {
    const last = this.#last;
    if (last?.number === request.number) {
      return { answer: { ...last, receivedAt, answeredAt: receivedAt }, isNew: false };
    }
    const deliveries = this.#deliveries.take(DELIVERIES_AT_ONCE, 0);
    const snapshots = this.#snapshots.splice(0, SNAPSHOTS_AT_ONCE);
    const evidence = this.#evidence.splice(0);
    const more = this.#hasMore();
    const answer: ExchangeAnswer = {
      ...standing,
      number: request.number,
      receivedAt,
      answeredAt: receivedAt,
      ...(this.#ready === undefined ? {} : { ready: this.#ready }),
      quiet: this.#quiet,
      ...(this.#ended === undefined || more ? {} : { ended: this.#ended }),
      deliveries,
      snapshots,
      evidence,
      dropped: this.#dropped + this.#deliveries.dropped,
      more,
    };
    this.#last = answer;
    return { answer, isNew: true };
  }

  #hasMore(): boolean {
    return this.#deliveries.size() > 0 || this.#snapshots.length > 0 || this.#evidence.length > 0;
  }
}

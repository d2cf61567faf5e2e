/** What became of every message: sender's and receiver's halves, matched by sequence number. */
import { SequenceTable } from "../bytes/sequence_table.ts";
import { Spares } from "../bytes/spares.ts";
import type { Millis } from "../clock/clock.ts";
import { type Attempt, type AttemptFields, Entry } from "./attempt.ts";
import { AttemptLatencies } from "./attempt_latencies.ts";
import type { MessageCount } from "./catalogue.ts";
import { type Arrival, ARRIVALS, isAccepted, type Mode, type Outcome, OUTCOMES } from "./outcome.ts";
import { OrderMemory } from "./order_memory.ts";
import type { Recorder } from "./recorder.ts";
import { type Settled, SettledMemory } from "./settled.ts";
import { type ModeTallies, newTallies, sumsOf } from "./tallies.ts";
import { UnmarkedMemory } from "./unmarked.ts";

/** What an arrival was; `late` after its message was counted lost or refused. */
export type Delivery = "delivered" | "duplicated" | "corrupted" | "truncated" | "misrouted" | "late" | "unknown";

/** Contents below this size carry no mark (`im/body.ts`), so their messages are found by sender, receiver and size. */
export const UNMARKED_BELOW = 8;

/** What looks at messages that are slow or lost, while they are known. */
export interface LedgerWatch {
  /** Milliseconds from the due moment beyond which a message is slow. */
  readonly bounds: Readonly<Record<Mode, { readonly accept: Millis; readonly delivery: Millis }>>;
  /** A counted message was accepted or delivered later than its bound. */
  onSlow(attempt: Attempt, what: "accept" | "delivery", at: Millis): void;
  /** A counted message was accepted and has not arrived within the grace. */
  onLost(attempt: Attempt, at: Millis): void;
}

/**
 * Matches what senders learned with what receivers saw, in bounded memory: an attempt leaves as soon as both are known.
 *
 * Every counted attempt ends in one of six outcomes and one of five arrivals; `finish` checks both sums. The ledger
 * itself records the latencies of sending, accepting and delivering (`attempt_latencies.ts`).
 *
 * | outcome \ content | arrived whole | not within the grace | run ended within the grace    |
 * | accepted          | delivered     | lost                 | open                          |
 * | not accepted      | delivered     | refused              | refused (unanswered: open)    |
 */
export class Ledger {
  /** Attempts that have not left yet. */
  size = 0;
  /** Set by the load. */
  watch: LedgerWatch | undefined;
  /** Told of each attempt that leaves; set where an event log is kept. */
  onLeave: ((entry: Entry) => void) | undefined;
  readonly #recorder: Recorder;
  readonly #grace: Millis;
  readonly #attempts: SequenceTable<Entry> = new SequenceTable();
  /** Settled but not arrived, in the order of settling; some may have left since. */
  #waiting: number[] = [];
  #waitingFrom = 0;
  readonly #unmarked: UnmarkedMemory<Entry> = new UnmarkedMemory();
  readonly #spares = new Spares<Entry>();
  readonly #tallies: ModeTallies;
  readonly #latencies: Readonly<Record<Mode, AttemptLatencies>>;
  readonly #settled: SettledMemory = new SettledMemory();
  readonly #order: OrderMemory = new OrderMemory();
  #finished = false;

  /** `grace`: how long after its outcome a message may still arrive. */
  constructor(recorder: Recorder, grace: Millis) {
    this.#recorder = recorder;
    this.#grace = grace;
    this.#tallies = newTallies(recorder);
    this.#latencies = {
      pager: new AttemptLatencies(recorder, "pager"),
      large: new AttemptLatencies(recorder, "large"),
    };
  }

  /**
   * A message became due: attempted + 1. Throws when its sequence number is already under way. Not to be looked at any
   * more, in pager mode, once it is settled and its arrival is known.
   */
  open(fields: AttemptFields): Attempt {
    if (this.#attempts.has(fields.sequence)) {
      throw new RangeError(`Cannot open attempt ${fields.sequence}: it is under way`);
    }
    const entry = (this.#spares.take() ?? new Entry()).begin(fields);
    this.#attempts.set(entry.sequence, entry);
    this.size = this.#attempts.size;
    this.#tally(entry, "attempted");
    if (entry.receiver < 0) this.#arrive(entry, "unobserved");
    else if (entry.size < UNMARKED_BELOW) this.#unmarked.expect(entry);
    return entry;
  }

  /** The first request of an attempt was handed down; again when it begins anew in the other mode. */
  sent(attempt: Attempt, at: Millis): void {
    attempt.sentAt = at;
    if (attempt.counted) this.#latencies[attempt.mode].sent(attempt);
  }

  /** Moves an attempt to the other mode, as when credentials made its request too large. */
  switchMode(attempt: Attempt, mode: Mode): void {
    const entry = attempt as Entry;
    if (entry.mode === mode) return;
    // what is known of it already moves along: an arrival that is not ours to see is known from the beginning
    const known = ["attempted", entry.outcome, entry.arrival] as const;
    for (const part of entry.counted ? known : []) {
      if (part === undefined) continue;
      const [from, to] = [this.#tallies[entry.mode][part], this.#tallies[mode][part]];
      this.#recorder.countId(from.ofMode, -1);
      this.#recorder.countId(to.ofMode, 1);
      from.count--;
      to.count++;
    }
    entry.mode = mode;
  }

  /** Gives an attempt another content size, as when its content was made again to keep the size of the whole request. */
  resize(attempt: Attempt, size: number): void {
    const entry = attempt as Entry;
    const isExpected = entry.receiver >= 0 && entry.arrival === undefined;
    if (isExpected && entry.size < UNMARKED_BELOW) this.#unmarked.forget(entry);
    entry.size = size;
    if (isExpected && size < UNMARKED_BELOW) this.#unmarked.expect(entry);
  }

  /** What the sender learned; once. After `finish` nothing happens: the attempt was counted unanswered. */
  settle(attempt: Attempt, outcome: Outcome, at: Millis): void {
    if (this.#finished) return;
    const entry = attempt as Entry;
    if (entry.outcome !== undefined) {
      throw new Error(`Cannot settle attempt ${entry.sequence} as ${outcome}: it is settled as ${entry.outcome}`);
    }
    const { listener } = entry;
    entry.outcome = outcome;
    entry.settledAt = at;
    this.#tally(entry, outcome);
    if (isAccepted(outcome) && entry.counted) {
      this.#latencies[entry.mode].accepted(entry, at);
      if (at - entry.dueAt > (this.watch?.bounds[entry.mode].accept ?? Infinity)) {
        this.watch!.onSlow(entry, "accept", at);
      }
    }
    if (entry.arrival === undefined) this.#waiting.push(entry.sequence);
    else this.#leave(entry);
    listener?.onSettled(at);
  }

  /**
   * A content with a mark arrived at a client of the run, of this worker or another one; `at` on this worker's clock.
   *
   * A corrupted, truncated or misrouted arrival does not deliver its message; each is counted once a message. `size`:
   * octets that arrived, where they are not as sent.
   */
  deliver(sequence: number, receiver: number, intact: boolean, at: Millis, size = Infinity): Delivery {
    const entry = this.#attempts.get(sequence);
    if (entry !== undefined) return this.#deliverTo(entry, receiver, intact, at, size);
    return this.#deliverSettled(this.#settled.recall(sequence), receiver, intact, size);
  }

  /**
   * A content without a readable mark arrived: taken for the oldest open attempt of that pair and size. One that had a
   * mark when it was sent has been corrupted.
   */
  deliverUnmarked(sender: number, receiver: number, size: number, at: Millis): Delivery {
    if (size >= UNMARKED_BELOW) return this.#deliverUnreadable(sender, receiver, size);
    const entry = this.#unmarked.oldest({ sender, receiver, size });
    if (entry === undefined) return this.#deliverUnknown();
    this.#tally(entry, "unmarked");
    return this.#deliverTo(entry, receiver, true, at, size);
  }

  /** Settles what has been accepted or refused for longer than the grace without arriving. */
  expire(now: Millis): void {
    const waiting = this.#waiting;
    while (this.#waitingFrom < waiting.length) {
      const entry = this.#attempts.get(waiting[this.#waitingFrom]!);
      if (entry !== undefined) {
        if (entry.settledAt + this.#grace > now) break;
        const isLost = isAccepted(entry.outcome!);
        this.#arrive(entry, isLost ? "lost" : "refused");
        if (isLost && entry.counted) this.watch?.onLost(entry, now);
      }
      this.#waitingFrom++;
    }
    // half: each entry is moved once on average
    if (this.#waitingFrom * 2 > waiting.length) {
      this.#waiting = waiting.slice(this.#waitingFrom);
      this.#waitingFrom = 0;
    }
  }

  /** The run ended: settles the rest; where anything was counted twice or never, `ledger.unbalanced` says so. */
  finish(now: Millis): void {
    this.expire(now);
    for (const entry of this.#attempts.values()) {
      const outcome = entry.outcome;
      if (entry.arrival === undefined) {
        const isOpen = outcome === undefined || outcome === "unanswered" || isAccepted(outcome);
        this.#arrive(entry, isOpen ? "open" : "refused");
      }
      if (outcome === undefined) this.settle(entry, "unanswered", now);
    }
    this.#finished = true;
    this.#waiting = [];
    this.#waitingFrom = 0;
    const sums = sumsOf(this.#tallies);
    const outcomes = OUTCOMES.reduce((sum, outcome) => sum + sums[outcome], 0);
    const arrivals = ARRIVALS.reduce((sum, arrival) => sum + sums[arrival], 0);
    const isBalanced = outcomes === sums.attempted && arrivals === sums.attempted && this.size === 0;
    if (!isBalanced) this.#recorder.count("ledger.unbalanced");
  }

  #deliverTo(entry: Entry, receiver: number, intact: boolean, at: Millis, size: number): Delivery {
    // unobserved, and yet it came to a client of ours
    if (entry.receiver < 0) return this.#deliverUnknown();
    if (receiver !== entry.receiver || !intact) return this.#deliverWrongly(entry, receiver, size);
    if (entry.isDelivered) {
      this.#tally(entry, "duplicated");
      return "duplicated";
    }
    if (this.#order.isOvertaken(entry.sender, receiver, entry.sequence)) this.#tally(entry, "out_of_order");
    if (entry.counted) {
      this.#latencies[entry.mode].delivered(entry, at);
      if (at - entry.dueAt > (this.watch?.bounds[entry.mode].delivery ?? Infinity)) {
        this.watch!.onSlow(entry, "delivery", at);
      }
      const { inAll, ofMode } = this.#tallies[entry.mode].octets_delivered;
      this.#recorder.countId(inAll, entry.size);
      this.#recorder.countId(ofMode, entry.size);
    }
    entry.deliveredAt = at;
    this.#arrive(entry, "delivered");
    return "delivered";
  }

  /** Seldom, so a search through what is open costs less than an index of it. */
  #deliverUnreadable(sender: number, receiver: number, size: number): Delivery {
    for (const entry of this.#attempts.values()) {
      const isThat = entry.sender === sender && entry.receiver === receiver && entry.size === size;
      if (isThat && !entry.isDelivered && !entry.wasCorrupted) return this.#deliverWrongly(entry, receiver, size);
    }
    return this.#deliverUnknown();
  }

  #deliverSettled(settled: Settled | undefined, receiver: number, intact: boolean, size: number): Delivery {
    if (settled === undefined || settled.receiver < 0) return this.#deliverUnknown();
    if (receiver === settled.receiver && intact) {
      const delivery = settled.isDelivered ? "duplicated" : "late";
      this.#tally(settled, delivery);
      return delivery;
    }
    const delivery = this.#deliverWrongly(settled, receiver, size);
    this.#settled.remember(settled);
    return delivery;
  }

  #deliverUnknown(): Delivery {
    this.#recorder.count("messages.unknown");
    return "unknown";
  }

  #deliverWrongly(message: Entry | Settled, receiver: number, size: number): Delivery {
    if (receiver !== message.receiver) {
      if (!message.wasMisrouted) this.#tally(message, "misrouted");
      message.wasMisrouted = true;
      return "misrouted";
    }
    if (size < message.size) {
      if (!message.wasTruncated) this.#tally(message, "truncated");
      message.wasTruncated = true;
      return "truncated";
    }
    if (!message.wasCorrupted) this.#tally(message, "corrupted");
    message.wasCorrupted = true;
    return "corrupted";
  }

  #arrive(entry: Entry, arrival: Arrival): void {
    entry.arrival = arrival;
    entry.isDelivered = arrival === "delivered";
    this.#tally(entry, arrival);
    if (entry.size < UNMARKED_BELOW && entry.receiver >= 0) this.#unmarked.forget(entry);
    if (entry.outcome !== undefined) this.#leave(entry);
  }

  #leave(entry: Entry): void {
    this.#attempts.delete(entry.sequence);
    this.size = this.#attempts.size;
    this.#settled.remember(entry);
    this.onLeave?.(entry);
    // a large message looks at its attempt until its session is over
    if (entry.mode === "pager") this.#spares.keep(entry);
  }

  #tally(message: Entry | Settled, part: MessageCount): void {
    if (!message.counted) return;
    const tally = this.#tallies[message.mode][part];
    this.#recorder.countId(tally.inAll);
    this.#recorder.countId(tally.ofMode);
    tally.count++;
  }
}

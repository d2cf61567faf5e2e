/**
 * The turn of one event loop: receive what has arrived, fire what is due, start what is due, flush, wait.
 *
 * Three ways to wait. A portable socket is called by the system, reads and dates what has come, and tells: that is a turn,
 * unless one was within the last millisecond and nothing follows from datagrams; a short timer covers the quiet moments.
 * A batched socket is asked, and so are the connections beside it: the loop blocks in `ppoll` until something can be read
 * or is due, and lets the rest of the thread (orders of the coordinator) in once a slice: the most exact, and the
 * cheapest. Where nothing follows from datagrams, it sleeps until something is due, and finds them then; when they come
 * thick, turns keep a distance. Connections wake it all the same.
 * While connections of the runtime itself are open it must not block: the runtime looks at its sockets only when it rests
 * (measured: 38 ms for an MSRP transfer of 0.7 ms when it never did). Then the loop waits on another thread, at the price
 * of a thread hop.
 */
import { setImmediate } from "node:timers";
import type { Millis } from "../clock/clock.ts";
import { RING_SLOTS } from "../transport/message_ring.ts";
import type { Endpoint } from "./endpoint.ts";
import { Tempo } from "./tempo.ts";

/** Milliseconds between turns of a portable socket when nothing arrives; the system rounds it up to about two. */
const QUIET_TURN: Millis = 1;
/** Longest wait of a batched socket: what an alarm may be late by. */
const LONGEST_WAIT: Millis = 1;
/** Time between rounds of the runtime while datagrams come often: one costs as much as several messages. */
const LONGEST_BUSY_SLICE: Millis = 20;
/** Time over which datagrams of a portable socket are counted. */
const CALLED_SLICE: Millis = 4;
/** Longest wait beside connections of the runtime. */
const LONGEST_BESIDE: Millis = 4;

/**
 * Datagrams that are taken before what is due fires, about 10 ms of work. More than one batch, or after a pause timers
 * would send again what is answered already, and what that costs keeps the answers waiting: seen with 8000 registrations
 * a second, of which 64 were heard in a turn.
 */
const MOST_A_TURN = 16 * RING_SLOTS;

/** Turns an endpoint over until it is stopped. */
export class Loop {
  readonly #endpoint: Endpoint;
  readonly #work: (now: Millis) => Millis;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Turns a portable socket over when nothing arrives. */
  #quiet: ReturnType<typeof setInterval> | undefined;
  #running = false;
  #turning = false;
  #nextDue: Millis = 0;
  /** Whether datagrams of a portable socket are being taken: the turn comes after the last of them. */
  #receiving = false;
  /** The last turn of a portable socket. */
  #turnedAt: Millis = -Infinity;
  #sliceBegin: Millis = 0;
  readonly #tempo = new Tempo();
  /** Datagrams of the slice under way. */
  #received = 0;
  /** Datagrams of the slice under way that were sent because of others, not because they were due. */
  #answers = 0;

  /**
   * `work` is called once a turn, after timers have fired and before what they queued is flushed; it gives the moment at
   * which it wants to be called next.
   */
  constructor(endpoint: Endpoint, work: (now: Millis) => Millis) {
    this.#endpoint = endpoint;
    this.#work = work;
  }

  /** Starts turning. */
  start(): void {
    this.#running = true;
    if (this.#endpoint.transports.wait !== undefined) {
      this.#drive();
      return;
    }
    this.#sliceBegin = this.#endpoint.clock.now();
    this.#endpoint.onActivity = (at) => {
      if (!this.#receiving) this.#turn(at);
    };
    this.#endpoint.onRead = (mustTake) => this.#takeOrWait(mustTake);
    // one for all turns: a new timer for each costs more than two messages
    this.#quiet = setInterval(() => this.#turnCalled(), QUIET_TURN);
  }

  /** Stops after the turn under way. */
  stop(): void {
    const { transports } = this.#endpoint;
    this.#running = false;
    this.#endpoint.onActivity = this.#endpoint.onRead = undefined;
    clearInterval(this.#quiet);
    clearTimeout(this.#timer);
    // what waits for a turn that does not come any more
    if (transports.wait === undefined && !this.#receiving && !this.#turning) transports.receiveNow?.();
  }

  /** A portable socket has read datagrams: takes them, unless a turn was just now and nobody waits for what follows. */
  #takeOrWait(mustTake: boolean): boolean {
    if (!this.#running || this.#turning || this.#receiving) return false;
    if (!mustTake && this.#endpoint.clock.now() - this.#turnedAt < this.#tempo.mayWait()) return true;
    this.#turnCalled();
    return true;
  }

  /** One turn of a portable socket. */
  #turnCalled(): void {
    this.#receiving = true;
    const now = this.#turnedAt = this.#receive();
    this.#receiving = false;
    const duration = now - this.#sliceBegin;
    if (duration < CALLED_SLICE) return;
    this.#tempo.note(this.#received, this.#answers, duration);
    this.#received = this.#answers = 0;
    this.#sliceBegin = now;
  }

  async #drive(): Promise<void> {
    const { transports } = this.#endpoint;
    while (this.#running) {
      if (transports.hasRuntimeConnections()) await this.#waitBeside();
      else await this.#waitAlone();
    }
  }

  /** One slice in which only what the loop asks, and time, can bring work. */
  async #waitAlone(): Promise<void> {
    const { clock, transports } = this.#endpoint;
    const begin = clock.now();
    const interval = this.#tempo.interval();
    const mayWait = this.#tempo.mayWait();
    const end = begin + (this.#tempo.isBusy() ? LONGEST_BUSY_SLICE : LONGEST_WAIT);
    this.#received = this.#answers = 0;
    let now = begin;
    while (now < end && this.#running && !transports.hasRuntimeConnections()) {
      const turnBegin = now;
      now = this.#receive();
      const idle = Math.min(end, this.#nextDue, now + LONGEST_WAIT) - now;
      if (interval > 0) this.#pause(turnBegin + interval);
      else if (mayWait > 0) this.#pause(Math.min(now + idle, turnBegin + mayWait));
      else if (idle > 0) transports.wait?.(idle);
      now = clock.now();
    }
    this.#tempo.note(this.#received, this.#answers, now - begin);
    // a whole round of the runtime costs several times a turn: once a slice, not once a turn
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Sleeps until then, whatever datagrams arrive. */
  #pause(until: Millis): void {
    const rest = until - this.#endpoint.clock.now();
    if (rest > 0) this.#endpoint.transports.pause?.(rest);
  }

  /** One turn and a wait in which the runtime serves its connections; what they bring is a turn too. */
  async #waitBeside(): Promise<void> {
    const now = this.#receive();
    if (!this.#running) return;
    const until = this.#dueAfter(now);
    this.#endpoint.onActivity = (at) => this.#turnBeside(at, until);
    await this.#endpoint.transports.waitAsync?.(Math.max(0, until - now));
    this.#endpoint.onActivity = undefined;
    clearTimeout(this.#timer);
  }

  /** A turn within a wait, which cannot be cut short: what is due before its end now has a timer of its own. */
  #turnBeside(at: Millis, until: Millis): void {
    this.#turn(at);
    const due = this.#dueAfter(at);
    if (!this.#running || due >= until) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turnBeside(this.#endpoint.clock.now(), until), due - at);
  }

  /** When something is due again, alarms included; soon enough for what nobody tells. */
  #dueAfter(now: Millis): Millis {
    return Math.min(this.#nextDue, now + this.#endpoint.wheel.idleFor(LONGEST_BESIDE));
  }

  /** Takes what has arrived, then turns; gives the moment of the turn. */
  #receive(): Millis {
    const { clock, transports } = this.#endpoint;
    const sentBefore = transports.sentDatagrams?.() ?? 0;
    let left = MOST_A_TURN;
    let batch = RING_SLOTS;
    while (batch >= RING_SLOTS && left > 0) {
      batch = transports.receiveNow?.() ?? 0;
      this.#received += batch;
      left -= batch;
    }
    this.#answers += (transports.sentDatagrams?.() ?? 0) - sentBefore;
    transports.serveConnections?.();
    const now = clock.now();
    this.#turn(now);
    return now;
  }

  #turn(now: Millis): void {
    // work that receives within itself (in-memory flows) must not start a second turn
    if (!this.#running || this.#turning) return;
    const { wheel, transports } = this.#endpoint;
    this.#turning = true;
    wheel.advance(now);
    const wasDue = now >= this.#nextDue;
    const sentBefore = transports.sentDatagrams?.() ?? 0;
    this.#nextDue = this.#work(now);
    // what begins before its time begins because of something that arrived (iterations, replies)
    if (!wasDue) this.#answers += (transports.sentDatagrams?.() ?? 0) - sentBefore;
    transports.flush();
    this.#turning = false;
  }
}

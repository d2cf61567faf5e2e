/** Non-INVITE client transaction (RFC 3261 §17.1.2, Figure 6). */
import type { Millis } from "../../clock/clock.ts";
import type { Alarm, Due } from "../../clock/wheel.ts";
import type { Departing, Flow, TransportFault } from "../../transport/flow.ts";
import type { Message } from "../message.ts";
import { nextInterval, transactionTimeout } from "../timers.ts";
import { countOne } from "./counters.ts";
import type { FirstTimer } from "./first_timer.ts";
import { type Keeper, NO_OCTETS } from "./keeper.ts";
import type { Piece } from "./slab.ts";
import type { ClientState, ClientTransaction, ClientTransactionUser } from "./user.ts";

/** The surroundings of a non-INVITE client transaction. */
export interface NonInviteClientKeeper extends Keeper<NonInviteClient> {
  /** The final response has come over an unreliable flow: for T4 more, the layer absorbs its repetitions (Timer K). */
  onCompleted(transaction: NonInviteClient): void;
  /** Fires Timer E for the first time, for all of them. */
  readonly firstTimer: FirstTimer;
}

/**
 * Sends a request until a response comes.
 *
 * | state      | 1xx                  | 2xx–6xx                    | Timer E               | Timer F           | flow fault       |
 * | ---------- | -------------------- | -------------------------- | --------------------- | ----------------- | ---------------- |
 * | trying     | tell, → proceeding   | tell, → completed          | send, E = min(2E, T2) | tell → terminated | tell, terminated |
 * | proceeding | tell                 | tell, → completed          | send, E = T2          | tell → terminated | tell, terminated |
 * | completed  | –                    | –                          | –                     | –                 | –                |
 *
 * A completed transaction is out of this object's hands: the layer absorbs what comes until Timer K (`completed.ts`).
 * On reliable flows nothing is sent again, there is no Timer E, and the final response terminates.
 */
export class NonInviteClient implements ClientTransaction, Due {
  method!: string;
  flow!: Flow;
  /** Number in the branch, by which responses find the transaction. */
  sequence = 0;
  state: ClientState = "trying";
  retransmissions = 0;
  /** Whether its user lets it go with its final response, so that it may `begin` again when it is completed. */
  isReusable = false;
  readonly #keeper: NonInviteClientKeeper;
  /** The request lies in here, where it may have to be sent again and its user cannot write it: a view is made only then. */
  #piece: Piece | undefined;
  #from = 0;
  #length = 0;
  #endsAt: Millis = 0;
  #user: ClientTransactionUser | undefined;
  #interval: Millis = 0;
  /** Undefined in the first interval, which `FirstTimer` ends. */
  #alarm: Alarm | undefined;

  /** Nothing is sent before `begin`. */
  constructor(keeper: NonInviteClientKeeper) {
    this.#keeper = keeper;
  }

  /** Sends a request at once; `octets` are copied when they may have to be sent again and the user cannot write them. */
  begin(
    method: string,
    sequence: number,
    octets: Uint8Array,
    flow: Flow,
    user: ClientTransactionUser,
    departing?: Departing,
  ): this {
    const { wheel, timers, slab, firstTimer } = this.#keeper;
    this.method = method;
    this.sequence = sequence;
    this.flow = flow;
    this.state = "trying";
    this.retransmissions = 0;
    this.#length = octets.length;
    this.isReusable = user.rewrite !== undefined;
    if (!flow.reliable && !this.isReusable) {
      this.#from = slab.place(octets);
      this.#piece = slab.piece();
    }
    this.#user = user;
    this.#endsAt = wheel.now + transactionTimeout(timers);
    this.#interval = timers.t1;
    flow.send(octets, departing);
    if (!flow.open) this.#alarm = wheel.arm(0, this, "closed");
    else if (flow.reliable) this.#alarm = this.#armTimerE();
    else firstTimer.add(sequence);
    return this;
  }

  /** See `ClientTransaction`. */
  request(): Uint8Array {
    const piece = this.#piece;
    if (piece !== undefined) return piece.octets.subarray(this.#from, this.#from + this.#length);
    return this.flow.reliable ? NO_OCTETS : this.#user?.rewrite?.() ?? NO_OCTETS;
  }

  /** A response to the request. */
  receive(message: Message, at: Millis): void {
    const user = this.#user;
    if (message.status < 200) this.state = "proceeding";
    else this.#complete();
    user?.onResponse(message, this, at);
  }

  /** From the wheel. */
  due(timer: string): void {
    this.#alarm = undefined;
    switch (timer) {
      case "timerE":
        return this.#sendAgain();
      case "timerF":
        return this.#timeOut();
      default:
        return this.onFlowFault("connection_closed");
    }
  }

  /** The flow failed; the user hears of it unless it has the final response. */
  onFlowFault(fault: TransportFault): void {
    const user = this.#user;
    this.#terminate();
    if (user === undefined) return;
    this.#keeper.counters.transportFaults++;
    user.onTransportFault(this, fault);
    this.#release();
  }

  /** Ends without telling anybody: the layer closes. */
  abandon(): void {
    this.#terminate();
    this.#release();
  }

  #armTimerE(): Alarm {
    const { wheel } = this.#keeper;
    const left = this.#endsAt - wheel.now;
    return !this.flow.reliable && this.#interval < left
      ? wheel.arm(this.#interval, this, "timerE")
      : wheel.arm(left, this, "timerF");
  }

  #sendAgain(): void {
    const { timers, counters } = this.#keeper;
    this.flow.send(this.request());
    this.retransmissions++;
    countOne(counters.retransmissions, this.method);
    this.#interval = this.state === "proceeding" ? timers.t2 : nextInterval(this.#interval, timers.t2);
    this.#alarm = this.#armTimerE();
  }

  #complete(): void {
    this.#release();
    if (this.flow.reliable) return this.#terminate();
    this.state = "completed";
    this.#cancelAlarm();
    this.#keeper.onCompleted(this);
  }

  #timeOut(): void {
    const user = this.#user;
    this.#terminate();
    this.#keeper.counters.timeouts++;
    user?.onTimeout(this);
    this.#release();
  }

  #terminate(): void {
    if (this.state === "terminated") return;
    this.state = "terminated";
    this.#cancelAlarm();
    this.#keeper.onTerminated(this);
  }

  #cancelAlarm(): void {
    if (this.#alarm !== undefined) this.#keeper.wheel.cancel(this.#alarm);
    this.#alarm = undefined;
  }

  #release(): void {
    if (this.#piece !== undefined) this.#keeper.slab.forget(this.#piece);
    this.#piece = undefined;
    this.#user = undefined;
  }
}

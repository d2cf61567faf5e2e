/** The 2xx to an INVITE, sent again until its ACK arrives, on every transport (RFC 3261 §13.3.1.4). */
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due, Wheel } from "../clock/wheel.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { nextInterval, type TimerValues, transactionTimeout } from "../sip/timers.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";

/** Sends a 2xx again at T1, doubling to T2, and gives up after 64*T1. */
export class AnswerRetransmission implements Due {
  readonly #wheel: Wheel;
  readonly #transaction: ServerTransaction;
  readonly #octets: Uint8Array;
  readonly #giveUp: () => void;
  readonly #timers: TimerValues;
  #interval: Millis;
  #again: Alarm;
  readonly #end: Alarm;

  /** `octets` were sent once already; `giveUp` is called when no ACK came in time. */
  constructor(endpoint: Endpoint, transaction: ServerTransaction, octets: Uint8Array, giveUp: () => void) {
    this.#wheel = endpoint.wheel;
    this.#timers = endpoint.timers;
    this.#interval = endpoint.timers.t1;
    this.#transaction = transaction;
    this.#octets = octets;
    this.#giveUp = giveUp;
    this.#again = this.#wheel.arm(this.#interval, this, "again");
    this.#end = this.#wheel.arm(transactionTimeout(endpoint.timers), this, "end");
  }

  /** The ACK arrived, or the session is over. */
  stop(): void {
    this.#wheel.cancel(this.#again);
    this.#wheel.cancel(this.#end);
  }

  /** From the wheel. */
  due(timer: string): void {
    if (timer === "end") {
      this.stop();
      this.#giveUp();
      return;
    }
    this.#transaction.flow.send(this.#octets);
    this.#interval = nextInterval(this.#interval, this.#timers.t2);
    this.#again = this.#wheel.arm(this.#interval, this, "again");
  }
}

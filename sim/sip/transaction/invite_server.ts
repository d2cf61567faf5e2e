/** INVITE server transaction (RFC 3261 §17.2.1, Figure 7, with the corrections of RFC 6026 §7.1 and §8.5). */
import type { Millis } from "../../clock/clock.ts";
import type { Alarm, Due } from "../../clock/wheel.ts";
import type { Flow } from "../../transport/flow.ts";
import { nextInterval, transactionTimeout, TRYING_DELAY } from "../timers.ts";
import { type Keeper, NO_OCTETS } from "./keeper.ts";
import type { ServerState, ServerTransaction } from "./user.ts";

/**
 * Answers an INVITE, and sends a final response other than 2xx until it is acknowledged.
 *
 * | state      | INVITE again  | ACK                 | 1xx of the core | 2xx of the core         | 3xx–6xx of the core          | Timer G               | Timer H, I, L | flow fault |
 * | ---------- | ------------- | ------------------- | --------------- | ----------------------- | ---------------------------- | --------------------- | ------------- | ---------- |
 * | proceeding | send last 1xx | –                   | send            | send, → accepted, arm L | send, → completed, arm G, H  | –                     | –             | terminated |
 * | accepted   | –             | tell                | –               | send                    | –                            | –                     | terminated    | terminated |
 * | completed  | send          | → confirmed, arm I  | –               | –                       | –                            | send, G = min(2G, T2) | terminated    | terminated |
 * | confirmed  | –             | –                   | –               | –                       | –                            | –                     | terminated    | terminated |
 *
 * On reliable flows G only comes by and I is 0. Unless the core has answered, 100 leaves after 200 ms. Repeating a 2xx
 * until its ACK is the core's affair (RFC 3261 §13.3.1.4).
 */
export class InviteServer implements ServerTransaction, Due {
  readonly method = "INVITE";
  readonly flow: Flow;
  /** By which retransmissions, ACK and CANCEL find the transaction. */
  readonly key: number;
  state: ServerState = "proceeding";
  /** Whether any response has been sent, be it the 100. */
  responded = false;
  readonly #keeper: Keeper<InviteServer>;
  /** The 100 to come, then the last response sent; empty when nothing is to be sent again. */
  #response: Uint8Array = NO_OCTETS;
  #endsAt: Millis = 0;
  #interval: Millis = 0;
  #alarm: Alarm | undefined;

  /** A transaction for an INVITE that has just arrived. */
  constructor(keeper: Keeper<InviteServer>, key: number, flow: Flow) {
    this.#keeper = keeper;
    this.key = key;
    this.flow = flow;
  }

  /** Sends a response; does nothing when the state does not allow it any more. */
  respond(status: number, octets: Uint8Array): void {
    if (this.state === "accepted") {
      if (status >= 200 && status < 300) this.flow.send(octets);
      return;
    }
    if (this.state !== "proceeding") return;
    this.responded = true;
    this.flow.send(octets);
    if (status < 200) this.#proceed(octets);
    else if (status < 300) this.#accept();
    else this.#complete(octets);
  }

  /** The core has not answered at once: `trying` is the 100 for later. */
  await100(trying: Uint8Array): void {
    this.#response = trying;
    this.#arm(TRYING_DELAY, "timer100");
  }

  /** The same INVITE arrived once more. */
  receiveAgain(): void {
    this.#keeper.counters.absorbedRequests++;
    if (this.responded && this.#response !== NO_OCTETS) this.flow.send(this.#response);
  }

  /** An ACK with the branch of the INVITE; gives whether it belongs to a 2xx and so to the core. */
  receiveAck(): boolean {
    if (this.state === "completed") this.#confirm();
    return this.state === "accepted";
  }

  /** The last response sent, while it is kept; empty before any and after a 2xx. */
  lastResponse(): Uint8Array {
    return this.responded ? this.#response : NO_OCTETS;
  }

  /** From the wheel. */
  due(timer: string): void {
    switch (timer) {
      case "timer100":
        this.responded = true;
        return this.flow.send(this.#response);
      case "timerG":
        return this.#sendAgain();
      case "timerH":
        this.#keeper.counters.unacknowledged++;
        return this.#terminate();
      default:
        return this.#terminate();
    }
  }

  /** The flow failed: there is no way back to the client. */
  onFlowFault(): void {
    this.#terminate();
  }

  /** Ends without a response: the layer closes. */
  abandon(): void {
    this.#terminate();
  }

  #proceed(octets: Uint8Array): void {
    this.#response = octets.slice();
    if (this.#alarm !== undefined) this.#keeper.wheel.cancel(this.#alarm);
  }

  #accept(): void {
    this.state = "accepted";
    this.#response = NO_OCTETS;
    this.#arm(transactionTimeout(this.#keeper.timers), "timerL");
  }

  #complete(octets: Uint8Array): void {
    const { wheel, timers } = this.#keeper;
    this.state = "completed";
    this.#response = this.flow.reliable ? NO_OCTETS : octets.slice();
    this.#endsAt = wheel.now + transactionTimeout(timers);
    this.#interval = this.flow.reliable ? timers.t2 : timers.t1;
    this.#armTimerG();
  }

  /** One alarm serves Timers G and H, for the reason in NonInviteClient. */
  #armTimerG(): void {
    const left = this.#endsAt - this.#keeper.wheel.now;
    if (this.#interval < left) this.#arm(this.#interval, "timerG");
    else this.#arm(left, "timerH");
  }

  #sendAgain(): void {
    const { timers, counters } = this.#keeper;
    if (!this.flow.reliable) {
      this.flow.send(this.#response);
      counters.responsesSentAgain++;
      this.#interval = nextInterval(this.#interval, timers.t2);
    }
    this.#armTimerG();
  }

  #confirm(): void {
    this.state = "confirmed";
    this.#response = NO_OCTETS;
    if (this.flow.reliable) this.#terminate();
    else this.#arm(this.#keeper.timers.t4, "timerI");
  }

  #arm(delay: Millis, timer: string): void {
    if (this.#alarm !== undefined) this.#keeper.wheel.cancel(this.#alarm);
    this.#alarm = this.#keeper.wheel.arm(delay, this, timer);
  }

  #terminate(): void {
    if (this.state === "terminated") return;
    this.state = "terminated";
    this.#response = NO_OCTETS;
    if (this.#alarm !== undefined) this.#keeper.wheel.cancel(this.#alarm);
    this.#keeper.onTerminated(this);
  }
}

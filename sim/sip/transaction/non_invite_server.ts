/** Non-INVITE server transaction (RFC 3261 §17.2.2, Figure 8, with the corrections of RFC 4320). */
import type { Alarm, Due } from "../../clock/wheel.ts";
import type { Flow } from "../../transport/flow.ts";
import { nonInviteTryingDelay, transactionTimeout } from "../timers.ts";
import { type Keeper, NO_OCTETS } from "./keeper.ts";
import type { Piece } from "./slab.ts";
import type { ServerState, ServerTransaction } from "./user.ts";

/** The surroundings of a non-INVITE server transaction. */
export interface NonInviteServerKeeper extends Keeper<NonInviteServer> {
  /** The final response has left over an unreliable flow: for 64*T1 more it is repeated when asked for (Timer J). */
  onCompleted(transaction: NonInviteServer): void;
}

/**
 * Answers a request, and its retransmissions.
 *
 * | state      | request again | 2xx–6xx of the core       | Timer 100          | expiry     | Timer J    | flow fault |
 * | ---------- | ------------- | ------------------------- | ------------------ | ---------- | ---------- | ---------- |
 * | trying     | –             | send, → completed, arm J  | 100, → proceeding  | terminated | –          | terminated |
 * | proceeding | send 100      | send, → completed, arm J  | –                  | terminated | –          | terminated |
 * | completed  | send          | –                         | –                  | –          | terminated | terminated |
 *
 * On reliable flows J is 0. 100 is the transaction's own affair: it leaves 3.5 s after the request (RFC 4320 §4.1). Once
 * 64*T1 have passed, an answer would find no client any more: the transaction ends without one (RFC 4320 §4.2).
 */
export class NonInviteServer implements ServerTransaction, Due {
  readonly method: string;
  readonly flow: Flow;
  /** By which retransmissions find the transaction. */
  readonly key: number;
  state: ServerState = "trying";
  readonly #keeper: NonInviteServerKeeper;
  /** The 100 to come while trying, or sent. */
  #trying: Uint8Array = NO_OCTETS;
  /** The final response lies in here. */
  #piece: Piece | undefined;
  #from = 0;
  #length = 0;
  #alarm: Alarm | undefined;

  /** A transaction for a request that has just arrived. */
  constructor(keeper: NonInviteServerKeeper, method: string, key: number, flow: Flow) {
    this.#keeper = keeper;
    this.method = method;
    this.key = key;
    this.flow = flow;
  }

  /** Sends the final response; throws for those that RFC 4320 forbids: 408, and provisional ones. */
  respond(status: number, octets: Uint8Array): void {
    if (status < 200 || status === 408) {
      throw new RangeError(`Cannot answer ${this.method} with ${status}: RFC 4320 forbids it`);
    }
    if (this.state !== "trying" && this.state !== "proceeding") return;
    this.flow.send(octets);
    if (this.flow.reliable) return this.#terminate();
    this.state = "completed";
    this.#from = this.#keeper.slab.place(octets);
    this.#piece = this.#keeper.slab.piece();
    this.#length = octets.length;
    this.#disarm();
    this.#keeper.onCompleted(this);
  }

  /** The core has not answered at once: `trying` is the 100 for later. */
  await100(trying: Uint8Array): void {
    this.#trying = trying;
    this.#arm(nonInviteTryingDelay(this.#keeper.timers), "timer100");
  }

  /** The same request arrived once more. */
  receiveAgain(): void {
    this.#keeper.counters.absorbedRequests++;
    if (this.state === "proceeding") this.flow.send(this.#trying);
    else if (this.#piece !== undefined) {
      this.flow.send(this.#piece.octets.subarray(this.#from, this.#from + this.#length));
    }
  }

  /** Timer J. */
  end(): void {
    this.#terminate();
  }

  /** From the wheel. */
  due(timer: string): void {
    if (timer === "timer100") return this.#proceed();
    if (timer === "expiry") this.#keeper.counters.unanswered++;
    this.#terminate();
  }

  /** The flow failed: there is no way back to the client. */
  onFlowFault(): void {
    this.#terminate();
  }

  /** Ends without a response: the layer closes. */
  abandon(): void {
    this.#terminate();
  }

  #proceed(): void {
    const { timers } = this.#keeper;
    this.state = "proceeding";
    this.flow.send(this.#trying);
    this.#arm(transactionTimeout(timers) - nonInviteTryingDelay(timers), "expiry");
  }

  #arm(delay: number, timer: string): void {
    this.#disarm();
    this.#alarm = this.#keeper.wheel.arm(delay, this, timer);
  }

  #disarm(): void {
    if (this.#alarm !== undefined) this.#keeper.wheel.cancel(this.#alarm);
    this.#alarm = undefined;
  }

  #terminate(): void {
    if (this.state === "terminated") return;
    this.state = "terminated";
    this.#trying = NO_OCTETS;
    if (this.#piece !== undefined) this.#keeper.slab.forget(this.#piece);
    this.#piece = undefined;
    this.#disarm();
    this.#keeper.onTerminated(this);
  }
}

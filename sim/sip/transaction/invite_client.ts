/** INVITE client transaction (RFC 3261 §17.1.1, Figure 5, with the corrections of RFC 6026 §7.2 and §8.4). */
import { OctetWriter } from "../../bytes/writer.ts";
import type { Millis } from "../../clock/clock.ts";
import type { Alarm, Due } from "../../clock/wheel.ts";
import type { Flow, TransportFault } from "../../transport/flow.ts";
import { Message } from "../message.ts";
import { parseMessage } from "../parse.ts";
import { transactionTimeout } from "../timers.ts";
import { countOne } from "./counters.ts";
import { writeAck, writeCancel } from "./derived_request.ts";
import { type Keeper, NO_OCTETS } from "./keeper.ts";
import type { Piece } from "./slab.ts";
import type { ClientState, ClientTransaction, ClientTransactionUser } from "./user.ts";

/** The surroundings of an INVITE client transaction. */
export interface InviteClientKeeper extends Keeper<InviteClient> {
  /** Starts the client transaction of a CANCEL, whose branch is that of its INVITE. */
  sendCancel(invite: InviteClient, octets: Uint8Array): void;
}

/**
 * Sends an INVITE until a response comes, and acknowledges every final response other than 2xx.
 *
 * | state      | 1xx                | 2xx                      | 3xx–6xx                       | Timer A       | Timer B          | Timer D, M | flow fault       |
 * | ---------- | ------------------ | ------------------------ | ----------------------------- | ------------- | ---------------- | ---------- | ---------------- |
 * | calling    | tell, → proceeding | tell, → accepted, arm M  | ACK, tell, → completed, arm D | send, A = 2A  | tell, terminated | –          | tell, terminated |
 * | proceeding | tell               | tell, → accepted, arm M  | ACK, tell, → completed, arm D | –             | after CANCEL     | –          | tell, terminated |
 * | accepted   | –                  | tell                     | –                             | –             | –                | terminated | terminated       |
 * | completed  | –                  | –                        | ACK                           | –             | –                | terminated | terminated       |
 *
 * On reliable flows nothing is sent again and D is 0. A CANCEL wanted while calling waits for the first 1xx; from the
 * CANCEL on, Timer B runs once more (RFC 3261 §9.1).
 */
export class InviteClient implements ClientTransaction, Due {
  readonly method = "INVITE";
  readonly flow: Flow;
  /** Number in the branch, by which responses find the transaction. */
  readonly sequence: number;
  state: ClientState = "calling";
  retransmissions = 0;
  readonly #keeper: InviteClientKeeper;
  /** The request lies in here until the final response: ACK and CANCEL are made from it. */
  #piece: Piece | undefined;
  readonly #from: number;
  readonly #length: number;
  #user: ClientTransactionUser | undefined;
  #endsAt: Millis;
  #interval: Millis;
  #alarm: Alarm;
  #cancel: "none" | "wanted" | "sent" = "none";
  /** Kept in the state completed only. */
  #ack: Uint8Array = NO_OCTETS;

  /** Sends the request at once; `octets` are copied. */
  constructor(
    keeper: InviteClientKeeper,
    sequence: number,
    octets: Uint8Array,
    flow: Flow,
    user: ClientTransactionUser,
  ) {
    const { wheel, timers } = keeper;
    this.sequence = sequence;
    this.flow = flow;
    this.#length = octets.length;
    this.#from = keeper.slab.place(octets);
    this.#piece = keeper.slab.piece();
    this.#keeper = keeper;
    this.#user = user;
    this.#endsAt = wheel.now + transactionTimeout(timers);
    this.#interval = flow.reliable ? timers.t2 : timers.t1;
    flow.send(octets);
    this.#alarm = flow.open ? this.#armTimerA() : wheel.arm(0, this, "closed");
  }

  /** See `ClientTransaction`. */
  request(): Uint8Array {
    return this.#piece?.octets.subarray(this.#from, this.#from + this.#length) ?? NO_OCTETS;
  }

  /** A response to the INVITE. */
  receive(message: Message, at: Millis): void {
    const status = message.status;
    if (this.state === "calling" || this.state === "proceeding") {
      const user = this.#user;
      if (status < 200) this.#proceed();
      else if (status < 300) this.#accept();
      else this.#complete(message);
      user?.onResponse(message, this, at);
    } else if (this.state === "accepted" && status >= 200 && status < 300) {
      this.#user?.onResponse(message, this, at);
    } else {
      this.#keeper.counters.absorbedResponses++;
      if (this.state === "completed" && status >= 300) this.flow.send(this.#ack);
    }
  }

  /** Gives the INVITE up: CANCEL is sent as soon as there is a provisional response, never after a final one. */
  cancel(): void {
    if (this.#cancel !== "none") return;
    if (this.state === "calling") this.#cancel = "wanted";
    else if (this.state === "proceeding") this.#sendCancel();
  }

  /** From the wheel. */
  due(timer: string): void {
    switch (timer) {
      case "timerA":
        return this.#sendAgain();
      case "timerB":
        return this.#timeOut();
      case "closed":
        return this.onFlowFault("connection_closed");
      default:
        this.#terminate();
        return this.#release();
    }
  }

  /** The flow failed; the user hears of it unless there was a final response. */
  onFlowFault(fault: TransportFault): void {
    const user = this.state === "calling" || this.state === "proceeding" ? this.#user : undefined;
    this.#terminate();
    if (user !== undefined) {
      this.#keeper.counters.transportFaults++;
      user.onTransportFault(this, fault);
    }
    this.#release();
  }

  /** Ends without telling anybody: the layer closes. */
  abandon(): void {
    this.#terminate();
    this.#release();
  }

  /** One alarm serves Timers A and B; on reliable flows A comes by without sending, for the reason in NonInviteClient. */
  #armTimerA(): Alarm {
    const { wheel } = this.#keeper;
    const left = this.#endsAt - wheel.now;
    return this.#interval < left ? wheel.arm(this.#interval, this, "timerA") : wheel.arm(left, this, "timerB");
  }

  #sendAgain(): void {
    if (!this.flow.reliable) {
      this.flow.send(this.request());
      this.retransmissions++;
      countOne(this.#keeper.counters.retransmissions, this.method);
      this.#interval *= 2;
    }
    this.#alarm = this.#armTimerA();
  }

  #proceed(): void {
    if (this.state === "calling") {
      this.state = "proceeding";
      this.#keeper.wheel.cancel(this.#alarm);
    }
    if (this.#cancel === "wanted") this.#sendCancel();
  }

  #accept(): void {
    this.state = "accepted";
    this.#forgetRequest();
    this.#rearm(transactionTimeout(this.#keeper.timers), "timerM");
  }

  #complete(message: Message): void {
    const writer = new OctetWriter(512);
    writeAck(writer, this.#parsed(), message);
    this.flow.send(writer.view());
    this.#release();
    if (this.flow.reliable) return this.#terminate();
    this.state = "completed";
    this.#ack = writer.take();
    this.#rearm(transactionTimeout(this.#keeper.timers), "timerD");
  }

  #sendCancel(): void {
    this.#cancel = "sent";
    const writer = new OctetWriter(512);
    writeCancel(writer, this.#parsed());
    this.#rearm(transactionTimeout(this.#keeper.timers), "timerB");
    this.#keeper.sendCancel(this, writer.view());
  }

  /** The INVITE, read from its octets; ACK and CANCEL are rare enough for that. */
  #parsed(): Message {
    const message = new Message();
    parseMessage(this.request(), message);
    return message;
  }

  #timeOut(): void {
    this.#terminate();
    this.#keeper.counters.timeouts++;
    this.#user?.onTimeout(this);
    this.#release();
  }

  #rearm(delay: Millis, timer: string): void {
    this.#keeper.wheel.cancel(this.#alarm);
    this.#alarm = this.#keeper.wheel.arm(delay, this, timer);
  }

  #terminate(): void {
    if (this.state === "terminated") return;
    this.state = "terminated";
    this.#keeper.wheel.cancel(this.#alarm);
    this.#keeper.onTerminated(this);
    if (this.#ack !== NO_OCTETS) this.#ack = NO_OCTETS;
  }

  #release(): void {
    this.#forgetRequest();
    this.#user = undefined;
  }

  #forgetRequest(): void {
    if (this.#piece !== undefined) this.#keeper.slab.forget(this.#piece);
    this.#piece = undefined;
  }
}

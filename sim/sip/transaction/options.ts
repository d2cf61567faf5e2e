/** What a transaction layer is made of (RFC 3261 §17, §18.2.2). */
import type { Random } from "../../clock/random.ts";
import type { Wheel } from "../../clock/wheel.ts";
import type { TimerValues } from "../timers.ts";
import type { FlowToPort } from "./answer_flow.ts";
import type { ServerCore } from "./user.ts";

/** What a layer is made of. */
export interface TransactionLayerOptions {
  readonly wheel: Wheel;
  readonly random: Random;
  /** Gets requests, and responses that match nothing. */
  readonly core: ServerCore;
  /** T1, T2 and T4 other than RFC 3261's. */
  readonly timers?: TimerValues;
  /** Finds the way of responses that do not go back to where the request left from; without it all of them do. */
  readonly flowToPort?: FlowToPort | undefined;
}

/** What every transaction shares with its layer. */
import type { Wheel } from "../../clock/wheel.ts";
import type { TimerValues } from "../timers.ts";
import type { LayerCounters } from "./counters.ts";
import type { Slab } from "./slab.ts";

/** The surroundings of a transaction; `T` is the transaction that tells when it has ended. */
export interface Keeper<T> {
  readonly wheel: Wheel;
  readonly timers: TimerValues;
  readonly counters: LayerCounters;
  /** For copies that last no longer than 64*T1. */
  readonly slab: Slab;
  /** The transaction has terminated and is to be forgotten; called once. */
  onTerminated(transaction: T): void;
}

/** Stands for octets that are not kept, or not kept any more. */
export const NO_OCTETS: Uint8Array = new Uint8Array(0);

/** Orders of messages. */
import type { Millis } from "../clock/clock.ts";
import type { MessageOrder } from "../ua/message_order.ts";

/** The number that runs of stands have in the marks of their messages. */
export const STAND_RUN = 7;

/** An order of `size` octets of text to bob, who is none of ours; it counts, and its mode is chosen by its size. */
export function messageOrder(sequence: number, dueAt: Millis, size = 100): MessageOrder {
  return {
    sequence,
    run: STAND_RUN,
    to: "sip:bob@ims.example",
    receiver: -1,
    size,
    sizeIsTotal: false,
    dueAt,
    counted: true,
  };
}

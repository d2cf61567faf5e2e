/** What the load model asks of a client. */
import type { Millis } from "../clock/clock.ts";
import type { ContentKind } from "../im/filler.ts";
import type { Mode } from "../im/mode.ts";
import type { SettleListener } from "../metrics/attempt.ts";

/** A message to be sent, as the load model asks for it; valid until `UserAgent.send` returns. */
export interface MessageOrder {
  /** Number of the message in its run, carried in its mark. */
  readonly sequence: number;
  /** Number of the run, carried in its mark. */
  readonly run: number;
  /** Address of record of the receiver. */
  readonly to: string;
  /** The receiver's index in the whole run; -1 when it is not ours. */
  readonly receiver: number;
  readonly size: number;
  /** Whether `size` is of the whole request rather than of the content. */
  readonly sizeIsTotal: boolean;
  /** The intended instant. */
  readonly dueAt: Millis;
  /** False in warm-up. */
  readonly counted: boolean;
  /** Whether it hides who sends it: `Privacy: id` (RFC 3323 §4.2); undefined: no. */
  readonly anonymous?: boolean;
  /** A mode whatever the size; undefined: as the client's settings say. */
  readonly mode?: Mode | undefined;
  /** Told when the message is settled. */
  readonly listener?: SettleListener | undefined;
  /** What the content is made of; undefined: text. */
  readonly content?: ContentKind | undefined;
  /** The content itself, instead of one of `size` octets that carries the mark. */
  readonly text?: string;
}

/** An order to fill in: one for all messages of a load. */
export type WritableOrder = { -readonly [Key in keyof MessageOrder]: MessageOrder[Key] };

/** An order for nobody yet. */
export function emptyOrder(run: number): WritableOrder {
  return {
    sequence: 0,
    run,
    to: "",
    receiver: -1,
    size: 0,
    sizeIsTotal: false,
    dueAt: 0,
    counted: true,
    anonymous: false,
    mode: undefined,
    content: undefined,
    listener: undefined,
  };
}

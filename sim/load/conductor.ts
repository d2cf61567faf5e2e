/** What a coordinator asks when somebody else says when its run begins and ends. */
import type { Millis } from "../clock/clock.ts";
import type { Share } from "./clients.ts";
import type { ForeignDelivery } from "./order.ts";
import type { Unreached } from "./reach.ts";

/** Somebody outside who conducts a run, which may be one of several that make up a whole. */
export interface Conductor {
  /** This run's part of the whole; worker `w` of `n` in part `i` of `m` has the share `i + m·w` of `m·n`. */
  readonly share: Share;
  /** Marks the messages of all parts: 30 bits. */
  readonly run: number;
  /** Milliseconds by which deliveries may be heard of late. */
  readonly newsDelay: Millis;
  /** All clients have registered or failed: `begin` or `finish` follows. */
  readonly onReady: (unreached: Unreached) => void;
  /** Nothing of this part is under way any more: `finish` follows. */
  readonly onQuiet: () => void;
  /** Messages of the share `owner` of the whole arrived here. */
  readonly onForeign: (owner: number, deliveries: readonly ForeignDelivery[]) => void;
}

/** The counts of messages by what became of them: numbers of counters that are resolved once, and sums to check. */
import { MESSAGE_COUNTS, type MessageCount } from "./catalogue.ts";
import type { Mode } from "./outcome.ts";
import type { Recorder } from "./recorder.ts";

/** One count: its counters for all modes and for one, and how often it was counted. */
export interface Tally {
  readonly inAll: number;
  readonly ofMode: number;
  count: number;
}

/** The counts of one mode. */
export type Tallies = Readonly<Record<MessageCount, Tally>>;

/** The counts of both modes. */
export type ModeTallies = Readonly<Record<Mode, Tallies>>;

/** All counts at nothing. */
export function newTallies(recorder: Recorder): ModeTallies {
  return { pager: talliesOf(recorder, "pager"), large: talliesOf(recorder, "large") };
}

/** How often each was counted in both modes together. */
export function sumsOf({ pager, large }: ModeTallies): Readonly<Record<MessageCount, number>> {
  const pairs = PARTS.map((part) => [part, pager[part].count + large[part].count] as const);
  return Object.fromEntries(pairs) as Record<MessageCount, number>;
}

const PARTS = Object.keys(MESSAGE_COUNTS) as MessageCount[];

function talliesOf(recorder: Recorder, mode: Mode): Tallies {
  const tallyOf = (part: MessageCount): Tally => ({
    inAll: recorder.counterId(`messages.${part}`),
    ofMode: recorder.counterId(`messages.${mode}.${part}`),
    count: 0,
  });
  return Object.fromEntries(PARTS.map((part) => [part, tallyOf(part)])) as unknown as Tallies;
}

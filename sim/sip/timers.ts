/** The timer values of RFC 3261 §17 and Appendix A, and what follows from them. */
import type { Millis } from "../clock/clock.ts";

/** The three values that every timer comes from. */
export interface TimerValues {
  /** Estimate of the round-trip time. */
  readonly t1: Millis;
  /** Longest interval between retransmissions of a non-INVITE request and of a response to INVITE. */
  readonly t2: Millis;
  /** Longest time that a message stays in the network. */
  readonly t4: Millis;
}

/** The defaults of RFC 3261 §17.1.1.1 and §17.1.2.2. */
export const DEFAULT_TIMERS: TimerValues = { t1: 500, t2: 4000, t4: 5000 };

/** How long an INVITE may stay without any response before 100 is sent (RFC 3261 §17.2.1). */
export const TRYING_DELAY: Millis = 200;

/** 64*T1: timers B, D, F, H, J, L and M, 32 s by default (RFC 3261 Appendix A, RFC 6026 §8.3). */
export function transactionTimeout(timers: TimerValues): Millis {
  return 64 * timers.t1;
}

/** The interval after `interval`: doubled, at most `longest` (timers E and G; timer A has no such limit). */
export function nextInterval(interval: Millis, longest: Millis): Millis {
  return Math.min(2 * interval, longest);
}

/**
 * How long a non-INVITE request stays without a response before 100 is sent: until the client's Timer E has been set
 * to T2 (RFC 4320 §4.1), 3.5 s by default.
 */
export function nonInviteTryingDelay(timers: TimerValues): Millis {
  let delay = 0;
  for (let interval = timers.t1; interval < timers.t2; interval = nextInterval(interval, timers.t2)) delay += interval;
  return delay;
}

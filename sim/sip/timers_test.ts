import { assertEquals } from "@std/assert";
import { DEFAULT_TIMERS, nextInterval, nonInviteTryingDelay, transactionTimeout } from "./timers.ts";

Deno.test("transactionTimeout is 32 s with the default T1 (RFC 3261 Appendix A)", () => {
  assertEquals(transactionTimeout(DEFAULT_TIMERS), 32_000);
  assertEquals(transactionTimeout({ t1: 10, t2: 80, t4: 100 }), 640);
});

Deno.test("nextInterval doubles up to its limit (RFC 3261 §17.1.2.2)", () => {
  const intervals = [DEFAULT_TIMERS.t1];
  while (intervals.length < 6) intervals.push(nextInterval(intervals.at(-1)!, DEFAULT_TIMERS.t2));
  assertEquals(intervals, [500, 1000, 2000, 4000, 4000, 4000]);
});

Deno.test("nonInviteTryingDelay is the instant at which Timer E becomes T2 (RFC 4320 §4.1)", () => {
  assertEquals(nonInviteTryingDelay(DEFAULT_TIMERS), 3500);
});

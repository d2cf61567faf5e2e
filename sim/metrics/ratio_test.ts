import { assertEquals, assertThrows } from "@std/assert";
import { ratioEntry, ratioOf, RATIOS, sumOf } from "./ratio.ts";

Deno.test("ratioOf gives null when the denominator is 0", () => {
  for (const { name } of RATIOS) assertEquals(ratioOf(name, {}), { share: null, samples: 0 }, name);
});

Deno.test("ratioOf gives a share of 1 and the number of samples", () => {
  const counters = {
    "messages.pager.accepted_200": 7,
    "messages.pager.accepted_202": 2,
    "messages.pager.attempted": 10,
  };
  assertEquals(ratioOf("pager.success_ratio", counters), { share: 0.9, samples: 10 });
});

Deno.test("ratioOf leaves messages to others out of the delivery ratio", () => {
  const counters = { "messages.delivered": 4, "messages.attempted": 10, "messages.unobserved": 5 };
  assertEquals(ratioOf("messages.delivery_ratio", counters), { share: 0.8, samples: 5 });
});

Deno.test("ratioOf does not take challenges for failed registrations (RFC 6076 §4.2)", () => {
  const counters = {
    "requests.REGISTER": 20,
    "responses.REGISTER.401": 10,
    "responses.REGISTER.200": 8,
    "responses.REGISTER.403": 1,
    "timeouts.REGISTER": 1,
  };
  assertEquals(ratioOf("rfc6076.IRA", counters), { share: 0.1, samples: 20 });
});

Deno.test("ratioOf leaves redirected sessions out of SER and SEER (RFC 6076 §4.6, §4.7)", () => {
  const counters = {
    "sessions.invited": 12,
    "sessions.established": 6,
    "failures.invite_rejected_302": 2,
    "failures.invite_rejected_486": 3,
    "failures.invite_rejected_503": 1,
  };
  assertEquals(ratioOf("rfc6076.SER", counters).share, 0.6);
  assertEquals(ratioOf("rfc6076.SEER", counters).share, 0.9);
  assertEquals(ratioOf("rfc6076.ISA", counters).share, 1 / 12);
});

Deno.test("ratioOf takes sessions without an answer for ineffective ones (RFC 6076 §4.8)", () => {
  const counters = { "sessions.invited": 8, "failures.invite_timed_out": 1, "failures.invite_rejected_504": 1 };
  assertEquals(ratioOf("rfc6076.ISA", counters), { share: 0.25, samples: 8 });
});

Deno.test("ratioOf of sessions hears nothing of what is on the wire besides: challenges, re-INVITEs, a warm-up", () => {
  const counters = {
    "sessions.invited": 2,
    "sessions.established": 2,
    "responses.INVITE.401": 2,
    "responses.INVITE.503": 1,
    "responses.re-INVITE.500": 3,
    "timeouts.re-INVITE": 1,
  };
  assertEquals(ratioOf("rfc6076.SER", counters).share, 1);
  assertEquals(ratioOf("rfc6076.SEER", counters).share, 1);
  assertEquals(ratioOf("rfc6076.ISA", counters).share, 0);
});

Deno.test("sumOf adds classes of statuses and subtracts names after a minus", () => {
  const counters = {
    "responses.INVITE.400": 1,
    "responses.INVITE.486": 2,
    "responses.INVITE.500": 4,
    "responses.INFO.404": 8,
  };
  assertEquals(sumOf(["responses.INVITE.4xx"], counters), 3);
  assertEquals(sumOf(["responses.INVITE.4xx", "-responses.INVITE.486", "gone"], counters), 1);
});

Deno.test("ratioOf refuses a name that is no ratio", () => {
  assertEquals(ratioEntry("messages.lost"), undefined);
  assertThrows(() => ratioOf("messages.lost", {}), TypeError, "ratio");
});

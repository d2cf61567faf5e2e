import { assert, assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import { afterRefreshFailure, glareDelay, refreshMethodFor, refreshOffer } from "./session_refresh.ts";
import { MinSeMemory } from "./session_timer.ts";

Deno.test("refreshOffer leaves the refresher as it is, named from this transaction (RFC 4028 §7.4)", () => {
  const memory = new MinSeMemory();
  assertEquals(refreshOffer({ expires: 600, refresher: "us" }, memory), { expires: 600, refresher: "uac" });
  assertEquals(refreshOffer({ expires: 600, refresher: "peer" }, memory), { expires: 600, refresher: "uas" });
});

Deno.test("refreshOffer keeps to the largest Min-SE seen, the peer's refreshes included (RFC 4028 §7.4)", () => {
  const memory = new MinSeMemory();
  memory.raise(200);
  assertEquals(refreshOffer({ expires: 100, refresher: "us" }, memory), { expires: 200, minSe: 200, refresher: "uac" });
  assertEquals(refreshOffer({ expires: 900, refresher: "us" }, memory), { expires: 900, minSe: 200, refresher: "uac" });
});

Deno.test("refreshMethodFor takes UPDATE where the peer is known to support it (RFC 4028 §7.4)", () => {
  assertEquals(refreshMethodFor(["INVITE", "ACK", "BYE", "UPDATE"], "auto"), "UPDATE");
  assertEquals(refreshMethodFor(["INVITE", "ACK", "BYE"], "auto"), "INVITE");
  assertEquals(refreshMethodFor([], "auto"), "INVITE");
  assertEquals(refreshMethodFor(undefined, "auto"), "INVITE");
  assertEquals(refreshMethodFor(["INVITE"], "update"), "UPDATE");
  assertEquals(refreshMethodFor(["UPDATE"], "reinvite"), "INVITE");
});

Deno.test("afterRefreshFailure releases after 408, 481 and no answer, and follows other codes (RFC 4028 §10)", () => {
  assertEquals(["timeout" as const, 408, 481].map(afterRefreshFailure), ["release", "release", "release"]);
  assertEquals([401, 407].map(afterRefreshFailure), ["authenticate", "authenticate"]);
  assertEquals(afterRefreshFailure(422), "interval_too_small");
  assertEquals(afterRefreshFailure(491), "glare");
  assertEquals([500, 503, 488].map(afterRefreshFailure), Array(3).fill("wait_for_expiration"));
});

Deno.test("glareDelay keeps owner and other party apart, in steps of 10 ms (RFC 3261 §14.1)", () => {
  const random = new Random(1);
  for (const [ownsCallId, least, most] of [[true, 2100, 4000], [false, 0, 2000]] as const) {
    const delays = Array.from({ length: 5000 }, () => glareDelay(ownsCallId, random));
    assertEquals([Math.min(...delays), Math.max(...delays)], [least, most]);
    assert(delays.every((delay) => delay % 10 === 0));
  }
});

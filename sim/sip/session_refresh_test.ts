import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Random } from "../clock/random.ts";
import { LARGE_INVITE, LARGE_OK, messageOf } from "../testing/messages.ts";
import type { Message } from "./message.ts";
import { afterRefreshFailure, glareDelay, MinSeMemory, refreshMethodFor, refreshOffer } from "./session_refresh.ts";

/** A 422 with this Min-SE, or without one. */
function tooSmall(minSe?: number | string): Message {
  const line = minSe === undefined ? "" : `\nMin-SE: ${minSe}`;
  const text = LARGE_OK.replace("SIP/2.0 200 OK", "SIP/2.0 422 Session Interval Too Small");
  return messageOf(text.replace("\nCSeq:", `${line}\nCSeq:`));
}

function refresh(minSe: number): Message {
  return messageOf(LARGE_INVITE.replace("\nCSeq:", `\nMin-SE: ${minSe}\nCSeq:`));
}

Deno.test("MinSeMemory asks again for what the 422 wants (RFC 4028 §7.3)", () => {
  const memory = new MinSeMemory();
  const offer = { expires: 1800, refresher: "uac" } as const;
  assertEquals(memory.raise(offer), offer);
  assertEquals(memory.onTooSmall(tooSmall(3600)), "retry");
  assertEquals(memory.raise(offer), { expires: 3600, minSe: 3600, refresher: "uac" });
});

Deno.test("MinSeMemory follows a path whose proxies raise one after another (RFC 4028 §7.3)", () => {
  const memory = new MinSeMemory();
  assertEquals([3600, 4000].map((minSe) => memory.onTooSmall(tooSmall(minSe))), ["retry", "retry"]);
  assertEquals(memory.raise({ expires: 1800 }), { expires: 4000, minSe: 4000 });
});

Deno.test("MinSeMemory gives up after five 422 in a row; a 2xx begins a new row", () => {
  const memory = new MinSeMemory();
  const verdicts = [100, 200, 300, 400, 500, 600].map((minSe) => memory.onTooSmall(tooSmall(minSe)));
  assertEquals(verdicts, ["retry", "retry", "retry", "retry", "retry", "give_up"]);
  memory.onAccepted();
  assertEquals(memory.onTooSmall(tooSmall(700)), "retry");
});

Deno.test("MinSeMemory gives up where another try would be the same request (RFC 4028 §10)", () => {
  const memory = new MinSeMemory();
  assertEquals(memory.onTooSmall(tooSmall(3600)), "retry");
  assertEquals(memory.onTooSmall(tooSmall(3600)), "give_up");
  assertEquals(memory.onTooSmall(tooSmall(1000)), "give_up");
  for (const minSe of [undefined, "soon", -1]) {
    assertEquals(new MinSeMemory().onTooSmall(tooSmall(minSe)), "give_up");
  }
});

Deno.test("MinSeMemory never repeats a minimum below 90 s (RFC 4028 §5)", () => {
  const memory = new MinSeMemory();
  assertEquals(memory.onTooSmall(tooSmall(60)), "retry");
  assertEquals(memory.raise({ expires: 30 }), { expires: 90, minSe: 90 });
});

Deno.test("MinSeMemory remembers Min-SE of a refresh of the peer for our next one (RFC 4028 §7.4)", () => {
  const memory = new MinSeMemory();
  memory.onRefresh(refresh(200));
  memory.onRefresh(refresh(150));
  memory.onRefresh(messageOf(LARGE_INVITE));
  assertEquals(refreshOffer({ expires: 100, refresher: "us" }, memory), { expires: 200, minSe: 200, refresher: "uac" });
  assertEquals(refreshOffer({ expires: 900, refresher: "us" }, memory), { expires: 900, minSe: 200, refresher: "uac" });
});

Deno.test("MinSeMemory asks for ever more within a row, so that it ends", () => {
  fc.assert(fc.property(fc.array(fc.nat(10_000)), (minima) => {
    const memory = new MinSeMemory();
    const retries = minima.map((minSe) => {
      const before = memory.raise({ expires: 90 }).expires;
      const verdict = memory.onTooSmall(tooSmall(minSe));
      const after = memory.raise({ expires: 90 });
      assert(after.expires >= before && after.expires >= (after.minSe ?? 0));
      return verdict;
    });
    assert(retries.filter((verdict) => verdict === "retry").length <= 5);
  }));
});

Deno.test("refreshOffer leaves the refresher as it is, named from this transaction (RFC 4028 §7.4)", () => {
  const memory = new MinSeMemory();
  assertEquals(refreshOffer({ expires: 600, refresher: "us" }, memory), { expires: 600, refresher: "uac" });
  assertEquals(refreshOffer({ expires: 600, refresher: "peer" }, memory), { expires: 600, refresher: "uas" });
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

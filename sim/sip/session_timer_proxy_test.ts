import { assertEquals } from "@std/assert";
import { LARGE_INVITE, LARGE_OK, messageOf } from "../testing/messages.ts";
import type { Message } from "./message.ts";
import { completeSessionTimer, forwardSessionTimer } from "./session_timer_proxy.ts";

function withLines(sample: string, lines: readonly string[]): Message {
  const bare = sample.split("\n").filter((line) => !/^(Supported|Require|Session-Expires):/.test(line)).join("\n");
  return messageOf(bare.replace("\nCSeq:", `${lines.map((line) => `\n${line}`).join("")}\nCSeq:`));
}

function invite(...lines: string[]): Message {
  return withLines(LARGE_INVITE, lines);
}

Deno.test("forwardSessionTimer leaves an interval that suits (RFC 4028 §8.1)", () => {
  assertEquals(
    forwardSessionTimer(invite("Supported: timer", "Session-Expires: 1800;refresher=uac"), { minSe: 90 }),
    { status: "forward", offer: undefined, expires: 1800, clientSupports: true },
  );
  assertEquals(
    forwardSessionTimer(invite("Supported: timer"), { minSe: 90 }),
    { status: "forward", offer: undefined, expires: undefined, clientSupports: true },
  );
});

Deno.test("forwardSessionTimer refuses too small an interval of a client that understands 422 (RFC 4028 §8.1)", () => {
  const request = invite("Supported: timer", "Session-Expires: 100");
  assertEquals(forwardSessionTimer(request, { minSe: 3600 }), { status: 422, minSe: 3600 });
  const withMinSe = invite("Supported: timer", "Session-Expires: 100", "Min-SE: 4000");
  assertEquals(forwardSessionTimer(withMinSe, { minSe: 3600 }), { status: 422, minSe: 4000 });
});

Deno.test("forwardSessionTimer raises interval and Min-SE of a client that does not (RFC 4028 §8.1)", () => {
  assertEquals(
    forwardSessionTimer(invite("Session-Expires: 100"), { minSe: 3600 }),
    { status: "forward", offer: { expires: 3600, minSe: 3600 }, expires: 3600, clientSupports: false },
  );
});

Deno.test("forwardSessionTimer lowers an interval down to Min-SE of the request and keeps the refresher", () => {
  const request = invite("Supported: timer", "Session-Expires: 1800;refresher=uas", "Min-SE: 900");
  assertEquals(
    forwardSessionTimer(request, { minSe: 90, expires: 600 }),
    {
      status: "forward",
      offer: { expires: 900, refresher: "uas", minSe: 900 },
      expires: 900,
      clientSupports: true,
    },
  );
});

Deno.test("forwardSessionTimer puts a missing interval in, without a refresher (RFC 4028 §8.1)", () => {
  assertEquals(
    forwardSessionTimer(invite(), { minSe: 90, expires: 600 }),
    { status: "forward", offer: { expires: 600 }, expires: 600, clientSupports: false },
  );
  assertEquals(
    forwardSessionTimer(invite("Min-SE: 900"), { minSe: 90, expires: 600 }),
    { status: "forward", offer: { expires: 900, minSe: 900 }, expires: 900, clientSupports: false },
  );
});

Deno.test("completeSessionTimer makes the client refresh where the server cannot (RFC 4028 §8.2)", () => {
  const bare = withLines(LARGE_OK, []);
  assertEquals(completeSessionTimer({ expires: 600, clientSupports: true }, bare), { expires: 600, refresher: "uac" });
  assertEquals(completeSessionTimer({ expires: 600, clientSupports: false }, bare), undefined);
  assertEquals(completeSessionTimer({ expires: undefined, clientSupports: true }, bare), undefined);
  assertEquals(completeSessionTimer({ expires: 600, clientSupports: true }, messageOf(LARGE_OK)), undefined);
});

import { assertEquals } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { PAGER_MESSAGE, PAGER_OK, REGISTER, wire } from "../testing/messages.ts";
import { wireEventOf } from "./wire_event.ts";

const AT = 1_795_000_000_000.125;

function eventOf(octets: Uint8Array) {
  return wireEventOf({ direction: "sent", octets, transport: "udp", at: AT });
}

Deno.test("wireEventOf says of a request and its response what ties them together", () => {
  const request = eventOf(wire(PAGER_MESSAGE))!;
  const response = eventOf(wire(PAGER_OK))!;
  assertEquals([request.method, request.status, request.to_tag], ["MESSAGE", undefined, ""]);
  assertEquals([response.method, response.status], ["MESSAGE", 200]);
  for (const key of ["branch", "call_id", "cseq", "from_tag"] as const) assertEquals(request[key], response[key], key);
  assertEquals([request.event, request.direction, request.transport], ["sip", "sent", "udp"]);
  assertEquals([request.at_us, request.octets], [1_795_000_000_000_125, wire(PAGER_MESSAGE).length]);
});

Deno.test("wireEventOf says for how long a REGISTER asks", () => {
  const event = eventOf(wire(REGISTER.replace("CSeq", "Expires: 60\nCSeq")))!;
  assertEquals([event.method, event.expires], ["REGISTER", 60]);
});

Deno.test("wireEventOf has nothing to say of MSRP, keep-alives and garbage", () => {
  for (const text of ["\r\n\r\n", "MSRP 12345678 SEND\r\nTo-Path: msrp://x:1/s;tcp\r\n-------12345678$\r\n", "hello"]) {
    assertEquals(eventOf(toOctets(text)), undefined, text);
  }
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { quote, splitList, unfold, unquote } from "./header_value.ts";

Deno.test("unfold puts a folded value on one line (RFC 3261 §7.3.1)", () => {
  assertEquals(unfold("newfangled value\r\n  continued\r\n\tagain"), "newfangled value continued again");
  assertEquals(unfold("plain  value"), "plain  value");
});

Deno.test("splitList parts at commas outside quotes and angle brackets (RFC 3261 §7.3.1)", () => {
  assertEquals(splitList('"a, \\"b" <sip:c,d@e> ;x=1 , <sip:f>,,g'), ['"a, \\"b" <sip:c,d@e> ;x=1', "<sip:f>", "g"]);
  assertEquals(splitList(""), []);
  assertEquals(splitList('"open, <never'), ['"open, <never']);
});

Deno.test("unquote takes off what quote put on", () => {
  assertEquals(quote('a "b" \\c'), '"a \\"b\\" \\\\c"');
  assertEquals(unquote("token"), "token");
  assertEquals(unquote('"'), '"');
  fc.assert(fc.property(fc.string(), (text) => assertEquals(unquote(quote(text)), text)));
});

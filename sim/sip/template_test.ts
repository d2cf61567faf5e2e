import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { messageOf } from "../testing/messages.ts";
import { type SlotValue, Template } from "./template.ts";

const SOURCE = `MESSAGE {target} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch={branch};rport
{*routes}
From: <{user}>;tag={tag}
To: <{target}>
Call-ID: {callId}
CSeq: {number} MESSAGE
Content-Length: {length}

{body}`;
const SLOTS = ["target", "branch", "routes", "user", "tag", "callId", "number", "length", "body"];

function filled(template: Template, values: readonly SlotValue[]): string {
  const writer = new OctetWriter(1);
  template.fill(writer, values);
  assertEquals(template.size(values), writer.length);
  return toText(writer.view());
}

Deno.test("Template fills slots with text, numbers and octets", () => {
  const values = ["sip:b@c", "z9hG4bK1", "Route: <sip:p;lr>\r\n", "sip:a@c", "t", "i@h", 42, 3, toOctets("h\u00e9")];
  const text = filled(Template.compile(SOURCE, SLOTS), values);
  assertEquals(
    text,
    "MESSAGE sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;rport\r\nRoute: <sip:p;lr>\r\n" +
      "From: <sip:a@c>;tag=t\r\nTo: <sip:b@c>\r\nCall-ID: i@h\r\nCSeq: 42 MESSAGE\r\nContent-Length: 3\r\n\r\nh\u00e9",
  );
  const message = messageOf(toOctets(text));
  assertEquals([message.header("Route"), message.toTag(), message.fromTag()], ["<sip:p;lr>", "", "t"]);
});

Deno.test("Template leaves no trace of an empty block of header lines", () => {
  const template = Template.compile("A: 1\n{*more}\nB: 2\n\n", ["more"]);
  assertEquals(filled(template, [""]), "A: 1\r\nB: 2\r\n\r\n");
  assertEquals(filled(template, ["X: 1\r\nY: 2\r\n"]), "A: 1\r\nX: 1\r\nY: 2\r\nB: 2\r\n\r\n");
  assertEquals(filled(template, [toOctets("X: 1\r\n")]), "A: 1\r\nX: 1\r\nB: 2\r\n\r\n");
});

Deno.test("Template appends, and gives the same octets each time", () => {
  const template = Template.compile("{a}{b}", ["b", "a"]);
  const writer = new OctetWriter().text("x");
  template.fill(writer, [1, "y"]);
  template.fill(writer, [1, "y"]);
  assertEquals(toText(writer.view()), "xy1y1");
});

Deno.test("Template counts octets, not characters", () => {
  const template = Template.compile("{text}: {number}", ["text", "number"]);
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.maxSafeNat(), (text, number) => {
    assertEquals(filled(template, [text, number]), `${text}: ${number}`);
  }));
});

Deno.test("Template writes 32 bits in eight hexadecimal digits", () => {
  const template = Template.compile("{a:bits}-{b}", ["a", "b"]);
  assertEquals(filled(template, [-2, 3]), "fffffffe-3");
});

Deno.test("Template with some slots filled for good gives the same octets as with all of them filled each time", () => {
  const whole = Template.compile(SOURCE, SLOTS);
  const values = { target: "sip:b@c", branch: "z9hG4bK1", routes: "", user: "sip:h\u00e9@c", tag: "t", callId: "i@h" };
  const template = whole.with({ target: values.target, routes: "", user: values.user });
  const rest = [42, 3, "abc"];
  assertEquals(
    filled(template, [values.branch, values.tag, values.callId, ...rest]),
    filled(whole, [...Object.values(values), ...rest]),
  );
  assertThrows(() => whole.with({ nobody: "" }), RangeError, 'unknown slot "nobody"');
  assertThrows(() => template.with({ user: "" }), RangeError, 'unknown slot "user"');
});

Deno.test("Template refuses a source that does not fit its slots", () => {
  assertThrows(() => Template.compile("{a}", []), SyntaxError, 'unknown slot "a"');
  assertThrows(() => Template.compile("a", ["a"]), SyntaxError, 'slot "a" is not in the text');
  assertThrows(() => Template.compile("x {*a}\n", ["a"]), SyntaxError, 'stray "{"');
  assertThrows(() => Template.compile("a\r\n", []), SyntaxError, "stray");
  assertThrows(() => Template.compile("{a} }", ["a"]), SyntaxError, 'stray "}"');
});

Deno.test("Template refuses another number of values", () => {
  const template = Template.compile("{a}", ["a"]);
  assertThrows(() => template.fill(new OctetWriter(), []), RangeError, "0 values for 1 slots");
  assertThrows(() => template.size(["1", "2"]), RangeError, "2 values for 1 slots");
});

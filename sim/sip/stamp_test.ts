import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { Stamp } from "./stamp.ts";
import { type SlotValue, Template } from "./template.ts";

const TEMPLATE = Template.compile("{to}: {tag:bits} <{from}> {to} {number}\n{*lines}\n{tag:bits}", [
  "from",
  "to",
  "tag",
  "number",
  "lines",
]);

const VALUES: fc.Arbitrary<SlotValue[]> = fc.tuple(
  fc.constantFrom("a", "bc", "d\u00e9").map((text) => toOctets(text)),
  fc.constantFrom(...["e", "f", "gh"].map((text) => toOctets(text))),
  fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  fc.constantFrom(1, 2, 10),
  fc.constantFrom<SlotValue[]>("", "X: 1\r\n", "X: 2\r\n", toOctets("X: 3\r\n")),
);

Deno.test("Stamp writes what its template writes, whatever it wrote before, and what comes behind", () => {
  fc.assert(fc.property(fc.array(VALUES, { maxLength: 20 }), fc.string(), (all, behind) => {
    const stamp = new Stamp(TEMPLATE);
    for (const values of all) {
      const expected = new OctetWriter();
      TEMPLATE.fill(expected, values);
      assertEquals(toText(stamp.fill(values).text(behind).view()), toText(expected.text(behind).view()));
    }
  }));
});

Deno.test("Stamp keeps nothing of the array that it is given", () => {
  const stamp = new Stamp(TEMPLATE);
  const values: SlotValue[] = [toOctets("a"), toOctets("b"), 1, 2, ""];
  stamp.fill(values);
  values[0] = toOctets("c");
  assertEquals(toText(stamp.fill(values).view()), "b: 00000001 <c> b 2\r\n00000001");
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decideMode, type Mode, type ModeRule, PAGER_THRESHOLD, sizeFor } from "./mode.ts";

function rule(changes: Partial<ModeRule> = {}): ModeRule {
  return { threshold: PAGER_THRESHOLD, boundary: "literal", endToEndReliable: false, force: "auto", ...changes };
}

/** Every row of the decision table: size, reliable path known, boundary, mode. */
const TABLE: readonly (readonly [number, boolean, "literal" | "inclusive", Mode])[] = [
  [0, false, "literal", "pager"],
  [0, true, "literal", "pager"],
  [1299, false, "literal", "pager"],
  [1299, true, "literal", "pager"],
  [1300, false, "literal", "large"],
  [1300, true, "literal", "large"],
  [1301, false, "literal", "large"],
  [1301, true, "literal", "pager"],
  [1_000_000, false, "literal", "large"],
  [1_000_000, true, "literal", "pager"],
  [1299, false, "inclusive", "pager"],
  [1300, false, "inclusive", "pager"],
  [1300, true, "inclusive", "pager"],
  [1301, false, "inclusive", "large"],
  [1301, true, "inclusive", "pager"],
];

Deno.test("decideMode follows every row of the decision table (I585 §9, RFC 3428 §8)", () => {
  for (const [size, endToEndReliable, boundary, expected] of TABLE) {
    const mode = decideMode(size, rule({ endToEndReliable, boundary }));
    assertEquals(mode, expected, `${size} octets, reliable ${endToEndReliable}, ${boundary}`);
  }
});

Deno.test("decideMode follows another threshold", () => {
  assertEquals([299, 300, 301].map((size) => decideMode(size, rule({ threshold: 300 }))), ["pager", "large", "large"]);
});

Deno.test("decideMode uses a forced mode whatever the size", () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.constantFrom("pager", "large"), fc.boolean(), (size, force, endToEndReliable) => {
      assertEquals(decideMode(size, rule({ force, endToEndReliable })), force);
    }),
  );
});

Deno.test("decideMode differs between the boundaries at the threshold only", () => {
  fc.assert(
    fc.property(fc.nat(3000), fc.boolean(), (size, endToEndReliable) => {
      const literal = decideMode(size, rule({ endToEndReliable }));
      const inclusive = decideMode(size, rule({ endToEndReliable, boundary: "inclusive" }));
      assertEquals(literal !== inclusive, size === PAGER_THRESHOLD);
    }),
    { examples: [[1299, false], [1300, false], [1300, true], [1301, true]] },
  );
});

Deno.test("sizeFor picks the size that the rule is about", () => {
  const sizes = { request: 1500, body: 900, content: 640 };
  assertEquals([sizeFor("request", sizes), sizeFor("body", sizes), sizeFor("content", sizes)], [1500, 900, 640]);
});

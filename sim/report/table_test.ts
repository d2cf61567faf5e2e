import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import stringWidth from "fast-string-width";
import { fitted, labelled, REPORT_WIDTH, spread, table, wrapped } from "./table.ts";

Deno.test("table aligns by the width of characters, not by their number", () => {
  assertEquals(table([["漢字", "1"], ["ab", "1,000"], ["", ""]]), ["  漢字      1", "  ab    1,000", ""]);
});

Deno.test("wrapped keeps every word and no line is too wide", () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(fc.property(words, fc.nat({ max: 8 }), (list, indent) => {
    const lines = wrapped(list.join(" "), indent, 20);
    assert(lines.every((line) => stringWidth(line) <= 20));
    assertEquals(lines.map((line) => line.trim()).join(" "), list.join(" "));
  }));
});

Deno.test("labelled indents the lines that follow to the text", () => {
  const lines = labelled("failures", Array.from({ length: 30 }, (_, i) => `fault ${i},`).join(" "));
  assert(lines.length > 1);
  assert(lines[0]!.startsWith("  failures    fault 0,"));
  assert(lines[1]!.startsWith(" ".repeat(14)) && lines.every((line) => line.length <= REPORT_WIDTH));
});

Deno.test("spread puts a text at the right end, two spaces away at least", () => {
  assertEquals(spread("a", "b", 10), "a        b");
  assertEquals(spread("aaaaaaaaaa", "b", 10), "aaaaaaaaaa  b");
});

Deno.test("fitted cuts by width", () => {
  assertEquals([fitted("abc", 3), fitted("abcd", 3), fitted("漢字漢字", 5)], ["abc", "ab…", "漢字…"]);
});

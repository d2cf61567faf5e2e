import { assertEquals } from "@std/assert";
import { paintFor } from "./paint.ts";
import { cutLine, flowLines } from "./painted_line.ts";

Deno.test("cutLine cuts to columns, and leaves a line that fits as it is", () => {
  assertEquals([3, 5, 9, 0].map((width) => cutLine("abcde", width)), ["abc", "abcde", "abcde", ""]);
  assertEquals(cutLine("a日本", 4), "a日");
});

Deno.test("cutLine counts no colours, and ends those that it has begun", () => {
  const { red } = paintFor(true);
  assertEquals(cutLine(`${red("abc")}def${red("ghi")}`, 2), `${red("ab")}${red("")}`);
  assertEquals(cutLine(`${red("abc")}def`, 4), `${red("abc")}d`);
});

Deno.test("flowLines breaks between parts, below the first of them", () => {
  const { red } = paintFor(true);
  assertEquals(flowLines("ab", [red("cd"), "ef", "ghijkl"], 10), [`ab  ${red("cd")}  ef`, "    ghijkl"]);
  assertEquals(flowLines("ab", ["longer than all"], 5), ["ab  longer than all"]);
});

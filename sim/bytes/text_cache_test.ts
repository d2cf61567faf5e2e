import { assert, assertEquals } from "@std/assert";
import { TextCache } from "./text_cache.ts";

Deno.test("TextCache reads a text once and gives the same value again", () => {
  const read: string[] = [];
  const cache = new TextCache((text) => {
    read.push(text);
    return text.split(",");
  });
  assertEquals(cache.of("a,b"), ["a", "b"]);
  assert(cache.of("a,b") === cache.of(["a", "b"].join(",")));
  assertEquals([cache.of("c"), read], [["c"], ["a,b", "c"]]);
});

Deno.test("TextCache holds no more than its capacity, and still reads right", () => {
  let reads = 0;
  const cache = new TextCache((text) => {
    reads++;
    return text.length;
  }, 2);
  assertEquals(["a", "bb", "ccc", "ccc", "a"].map((text) => cache.of(text)), [1, 2, 3, 3, 1]);
  assertEquals(reads, 4);
});

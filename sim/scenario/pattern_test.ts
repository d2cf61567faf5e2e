import { assert, assertEquals } from "@std/assert";
import { compilePattern, isNumbered, numberIn } from "./pattern.ts";

function name(text: string, n: number): string {
  const pattern = compilePattern(text);
  assert(typeof pattern === "function");
  return pattern(n);
}

Deno.test("compilePattern puts the number in, padded as asked", () => {
  assertEquals(name("user{n:06}", 42), "user000042");
  assertEquals(name("user{n}", 42), "user42");
  assertEquals(name("{n:03}@ims.example", 7), "007@ims.example");
  assertEquals(name("a{n}b{n:02}c", 5), "a5b05c");
  assertEquals(name("user{n:02}", 12345), "user12345");
  assertEquals(name("bob", 3), "bob");
});

Deno.test("compilePattern says which braces it does not know", () => {
  for (const text of ["user{m}", "user{n", "user}", "{n:x}", "{n:+6}"]) {
    const pattern = compilePattern(text);
    assert(typeof pattern === "object", text);
    assert(pattern.fault.includes("braces"), text);
  }
  assertEquals(compilePattern(""), { fault: "must not be empty" });
});

Deno.test("isNumbered tells patterns from plain names, time after time", () => {
  for (let i = 0; i < 3; i++) {
    assert(isNumbered("user{n:06}"));
    assert(!isNumbered("user"));
  }
});

Deno.test("numberIn gives back the number of a name", () => {
  for (const pattern of ["user{n:06}", "{n}", "a{n}b{n:03}c", "x{n:02}0"]) {
    const name = compilePattern(pattern) as (n: number) => string;
    for (const n of [0, 7, 99, 1234567]) assertEquals(numberIn(pattern, name(n)), n, `${pattern} ${n}`);
    assertEquals(numberIn(pattern, `${name(5)}?`), undefined);
  }
  assertEquals([numberIn("bob", "bob"), numberIn("bob", "alice")], [0, undefined]);
  assertEquals(numberIn("user{n:06}", "user7"), undefined);
});

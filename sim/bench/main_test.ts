import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions } from "./main.ts";

Deno.test("parseOptions measures everything in three pairs unless told otherwise", () => {
  assertEquals(parseOptions([]), { quick: false, parts: ["cpu", "memory", "lossless"], pairs: 3, json: undefined });
  const options = parseOptions(["--quick", "--only=memory", "--json=a=b.json"]);
  assertEquals(options, { quick: true, parts: ["memory"], pairs: 1, json: "a=b.json" });
  assertEquals(parseOptions(["--quick", "--pairs=5"]).pairs, 5);
});

Deno.test("parseOptions refuses what it does not know", () => {
  for (const argument of ["--only=disk", "--pairs=0", "--fast", "cpu", "--json"]) {
    assertThrows(() => parseOptions([argument]), Error, `Cannot understand ${argument}`);
  }
});

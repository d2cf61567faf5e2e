import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions } from "./main.ts";
import { PARTS } from "./parts.ts";

Deno.test("parseOptions measures everything in five pairs unless told otherwise", () => {
  assertEquals(parseOptions([]), { quick: false, parts: PARTS, pairs: 5, json: undefined });
  const options = parseOptions(["--quick", "--only=memory", "--json=a=b.json"]);
  assertEquals(options, { quick: true, parts: ["memory"], pairs: 1, json: "a=b.json" });
  assertEquals(parseOptions(["--quick", "--pairs=3"]).pairs, 3);
  assertEquals(parseOptions(["--only=cpu,rate"]).parts, ["cpu", "rate"]);
});

Deno.test("parseOptions refuses what it does not know", () => {
  for (const argument of ["--only=disk", "--only=cpu,disk", "--pairs=0", "--fast", "cpu", "--json"]) {
    assertThrows(() => parseOptions([argument]), Error, `Cannot understand ${argument}`);
  }
});

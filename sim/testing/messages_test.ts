import { assertEquals, assertThrows } from "@std/assert";
import { LARGE_INVITE, LARGE_OFFER, LARGE_OK, messageOf, PAGER_MESSAGE, PAGER_OK, REGISTER, wire } from "./messages.ts";

Deno.test("samples have the sizes that their descriptions name", () => {
  assertEquals([PAGER_MESSAGE, LARGE_INVITE, LARGE_OFFER].map((text) => wire(text).length), [564, 926, 266]);
});

Deno.test("messageOf takes the samples and throws on anything else", () => {
  for (const text of [PAGER_MESSAGE, PAGER_OK, LARGE_INVITE, LARGE_OK, REGISTER]) messageOf(text);
  assertThrows(() => messageOf("hello\n\n"), Error, "Cannot parse sample: bad_start_line");
});

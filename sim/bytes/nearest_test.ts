import { assertEquals } from "@std/assert";
import { hint, nearest } from "./nearest.ts";

Deno.test("nearest finds a typo and leaves strangers alone", () => {
  const fields = ["transport", "clients", "name", "to"];
  assertEquals(nearest("trnsport", fields), "transport");
  assertEquals(nearest("Client", fields), "clients");
  assertEquals(nearest("nmae", fields), "name");
  assertEquals(nearest("colour", fields), undefined);
  assertEquals(nearest("a-very-long-word-indeed", fields), undefined);
});

Deno.test("hint is a sentence's end, or nothing", () => {
  assertEquals(hint("phonez", ["phones"]), '; did you mean "phones"?');
  assertEquals(hint("phonez", []), "");
});

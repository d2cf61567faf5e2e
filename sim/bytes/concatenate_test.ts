import { assertEquals } from "@std/assert";
import { concatenate } from "./concatenate.ts";

Deno.test("concatenate copies all pieces in their order, none included", () => {
  const first = Uint8Array.of(1, 2);
  const whole = concatenate([first, new Uint8Array(0), Uint8Array.of(3)]);
  first[0] = 9;
  assertEquals(whole, Uint8Array.of(1, 2, 3));
  assertEquals(concatenate([]), new Uint8Array(0));
});

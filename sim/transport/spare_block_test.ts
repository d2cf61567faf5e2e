import { assert, assertEquals } from "@std/assert";
import { SpareBlock } from "./spare_block.ts";

Deno.test("SpareBlock lends the block again that was given, to one at a time and where it is large enough", () => {
  const spare = new SpareBlock();
  const first = spare.take(1000);
  assertEquals(first.length, 1000);
  spare.give(first);
  assert(spare.take(1001) !== first);
  assert(spare.take(500) === first);
  assert(spare.take(500) !== first);
});

Deno.test("SpareBlock keeps the largest block only, and nothing once it is closed", () => {
  const spare = new SpareBlock();
  const small: Uint8Array = new Uint8Array(10);
  const large: Uint8Array = new Uint8Array(20);
  const last: Uint8Array = new Uint8Array(30);
  for (const block of [small, large, small]) spare.give(block);
  assert(spare.take(1) === large);
  spare.give(large);
  spare.close();
  spare.give(last);
  assert(![small, large, last].includes(spare.take(1)));
});

Deno.test("SpareBlock lets go of what nobody asks for", async () => {
  const spare = new SpareBlock(0);
  const block = new Uint8Array(10);
  spare.give(block);
  // a later timer of the same kind
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(spare.take(1) !== block);
});

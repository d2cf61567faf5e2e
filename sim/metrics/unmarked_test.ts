import { assertEquals } from "@std/assert";
import { UnmarkedMemory } from "./unmarked.ts";

Deno.test("UnmarkedMemory takes an arrival for the oldest message of that pair and size", () => {
  const memory = new UnmarkedMemory<{ name: string; sender: number; receiver: number; size: number }>();
  const fields = { sender: 1, receiver: 2, size: 5 };
  const [first, second] = [{ name: "first", ...fields }, { name: "second", ...fields }];
  for (const message of [first, second, { name: "other", ...fields, size: 6 }]) memory.expect(message);
  assertEquals(memory.oldest(fields)?.name, "first");
  memory.forget(first);
  assertEquals(memory.oldest(fields)?.name, "second");
  memory.forget(second);
  memory.forget(second);
  assertEquals([memory.oldest(fields), memory.oldest({ ...fields, size: 6 })?.name], [undefined, "other"]);
});

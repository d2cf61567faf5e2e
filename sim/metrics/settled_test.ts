import { assertEquals } from "@std/assert";
import { type Settled, SettledMemory } from "./settled.ts";

const MESSAGE: Settled = {
  sequence: 5,
  size: 3_000_000_000,
  receiver: 9,
  mode: "large",
  counted: true,
  isDelivered: false,
  wasCorrupted: true,
  wasTruncated: true,
  wasMisrouted: false,
};

Deno.test("SettledMemory recalls what it was given", () => {
  const memory = new SettledMemory();
  memory.remember(MESSAGE);
  memory.remember({ ...MESSAGE, sequence: 6, mode: "pager", counted: false, isDelivered: true, wasMisrouted: true });
  assertEquals(memory.recall(5), MESSAGE);
  assertEquals(memory.recall(6)?.mode, "pager");
  assertEquals(memory.recall(6)?.wasMisrouted, true);
  assertEquals(memory.recall(7), undefined);
});

Deno.test("SettledMemory forgets a message when a much later one takes its place", () => {
  const memory = new SettledMemory();
  memory.remember(MESSAGE);
  memory.remember({ ...MESSAGE, sequence: 5 + (1 << 18) });
  assertEquals(memory.recall(5), undefined);
  assertEquals(memory.recall(5 + (1 << 18))?.receiver, 9);
});

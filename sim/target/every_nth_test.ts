import { assertEquals } from "@std/assert";
import { EveryNth, type MishapIntervals } from "./every_nth.ts";

function mishaps(intervals: MishapIntervals, messages: number): string[] {
  const every = new EveryNth(intervals);
  return Array.from({ length: messages }, () => every.next() ?? "-");
}

Deno.test("every third message is lost", () => {
  assertEquals(mishaps({ lose: 3 }, 7), ["-", "-", "lose", "-", "-", "lose", "-"]);
  assertEquals(mishaps({}, 2), ["-", "-"]);
  assertEquals(mishaps({ lose: 0 }, 2), ["-", "-"]);
});

Deno.test("mishaps that are due at once befall messages one after another, so that none is left out", () => {
  const all = mishaps({ lose: 4, corrupt: 4, duplicate: 6 }, 15);
  assertEquals(all.join(" "), "- - - lose corrupt duplicate - lose corrupt - - lose corrupt duplicate -");
});

import { assertEquals } from "@std/assert";
import { Keeper } from "./keeper.ts";

Deno.test("Keeper tells the first failure once and tries nothing after it", () => {
  const told: string[] = [];
  const done: string[] = [];
  const keeper = new Keeper((what) => told.push(what));
  keeper.keep(() => done.push("first"));
  assertEquals(keeper.failed().aborted, false);
  for (const what of ["disk full", "disk still full"]) {
    keeper.keep(() => {
      throw new Error(what);
    });
  }
  keeper.keep(() => done.push("last"));
  assertEquals([done, told, keeper.failed().aborted], [["first"], ["disk full"], true]);
});

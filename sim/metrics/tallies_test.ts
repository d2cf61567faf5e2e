import { assertEquals } from "@std/assert";
import { Recorder } from "./recorder.ts";
import { newTallies, sumsOf } from "./tallies.ts";

Deno.test("newTallies knows both counters of a count, for all modes and for one", () => {
  const recorder = new Recorder();
  const { lost } = newTallies(recorder).large;
  recorder.countId(lost.inAll, 2);
  recorder.countId(lost.ofMode, 3);
  assertEquals(recorder.take(0, 0).counters, { "messages.lost": 2, "messages.large.lost": 3 });
});

Deno.test("sumsOf adds both modes up", () => {
  const tallies = newTallies(new Recorder());
  tallies.pager.delivered.count = 2;
  tallies.large.delivered.count = 3;
  const sums = sumsOf(tallies);
  assertEquals([sums.delivered, sums.lost], [5, 0]);
});

import { assert, assertEquals } from "@std/assert";
import { LoadStand } from "../testing/load_stand.ts";

/** 300 clients that register within 0.3 s and refresh every 30 s; gives their refreshes second by second. */
function refreshes(spread: number, seconds: number): number[] {
  const stand = new LoadStand({
    populations: [{
      name: "phones",
      clients: 300,
      register: { rate: "1000/s", expires: "60s", refresh_spread: spread },
      messages: { size: 100 },
    }],
    phases: [{ executor: "constant-arrival-rate", rate: "1/s", duration: "600s" }],
  });
  let before = 0;
  return Array.from({ length: seconds }, () => {
    stand.run(1000);
    const all = stand.count("clients.refreshed");
    const more = all - before;
    before = all;
    return more;
  });
}

Deno.test("Bindings of clients that registered together are refreshed together unless that is spread", () => {
  const together = refreshes(0, 95).filter((count) => count > 0);
  assertEquals(together, [300, 300, 300]);
});

Deno.test("Bindings whose first refresh is spread are refreshed evenly from then on", () => {
  const counts = refreshes(1, 120);
  // 10 a second are expected; 30 would come once in a million seconds
  assert(Math.max(...counts) < 30, counts.join(" "));
  const rounds = [30, 60, 90].map((from) => counts.slice(from, from + 30).reduce((sum, count) => sum + count, 0));
  assertEquals(rounds.map((count) => Math.round(count / 15)), [20, 20, 20]);
});

import { assertEquals } from "@std/assert";
import { sampleSnapshots } from "../testing/sample_run.ts";
import { conservationFaults } from "./conservation.ts";
import { totalsOf } from "./snapshot.ts";

const { counters } = totalsOf(sampleSnapshots());

Deno.test("the counts of a run are conserved", () => {
  assertEquals(conservationFaults(counters), []);
  assertEquals(conservationFaults({}), []);
});

Deno.test("a message counted twice or never breaks a law, and the sentence says which", () => {
  const attempted = counters["messages.attempted"]!;
  const wrong = { ...counters, "messages.lost": counters["messages.lost"]! + 1 };
  assertEquals(conservationFaults(wrong), [
    `counts are not conserved: fates of messages.attempted at receivers: ${attempted + 1}, not ${attempted}`,
    `counts are not conserved: messages.lost of all modes: ${wrong["messages.lost"] - 1}, not ${
      wrong["messages.lost"]
    }`,
  ]);
  assertEquals(conservationFaults({ ...counters, "decisions.large": 0 }).length, 2);
  assertEquals(conservationFaults({ ...counters, "ledger.unbalanced": 1 }), [
    "counts are not conserved: 1 ledgers did not add up when they were closed",
  ]);
});

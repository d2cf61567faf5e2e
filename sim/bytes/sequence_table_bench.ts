/** A number that comes and goes while others stay, few and many: the cost must not grow with theirs. */
import { SequenceTable } from "./sequence_table.ts";

const BATCH = 1000;

for (const stay of [16, 1000, 100_000]) {
  const table = new SequenceTable<object>();
  const value = {};
  let next = 0;
  while (next < stay) table.set(next++, value);
  Deno.bench(`1000 come and go, in order, while ${stay} stay`, { group: "sequence table" }, () => {
    for (let k = 0; k < BATCH; k++) {
      table.set(next, value);
      table.delete(next - stay);
      next++;
    }
  });
}

import { assert, assertEquals } from "@std/assert";
import { Lease, LeaseWatch } from "./lease.ts";

Deno.test("Lease is over when nobody renewed it for its whole length", () => {
  const lease = new Lease(1000, 0);
  assertEquals([lease.left(0), lease.left(400), lease.isOver(999)], [1000, 600, false]);
  lease.renew(900);
  assert(!lease.isOver(1899));
  assert(lease.isOver(1900));
});

Deno.test("LeaseWatch tells once that a lease is over, then that one more has passed; a late request changes nothing", () => {
  const lease = new Lease(1000, 0);
  const told: string[] = [];
  const watch = new LeaseWatch(lease, { onOver: () => told.push("over"), onOverdue: () => told.push("overdue") });
  watch.look(900);
  assertEquals([told, watch.wasOver()], [[], false]);
  watch.look(1100);
  watch.look(1200);
  lease.renew(1300);
  watch.look(2100);
  assertEquals([told, watch.wasOver()], [["over"], true]);
  watch.look(2101);
  assertEquals(told, ["over", "overdue"]);
});

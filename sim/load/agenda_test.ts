import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Agenda } from "./agenda.ts";

Deno.test("tasks begin in the order of their moments, each with its own, those that are due and no others", () => {
  const moments = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 });
  fc.assert(fc.property(moments, fc.integer({ min: 0, max: 50 }), (list, now) => {
    const agenda = new Agenda();
    const begun: number[] = [];
    for (const due of list) agenda.add(due, { begin: (at) => begun.push(at) });
    agenda.begin(now);
    const sorted = list.toSorted((a, b) => a - b);
    assertEquals(begun, sorted.filter((due) => due <= now));
    assertEquals(agenda.size, list.length - begun.length);
    assertEquals(agenda.nextDue(), sorted[begun.length] ?? Infinity);
    agenda.begin(Infinity);
    assertEquals(begun, sorted);
  }));
});

Deno.test("a task that adds itself again for now does so once a call", () => {
  const agenda = new Agenda();
  let count = 0;
  const again = { begin: (due: number) => (count++, agenda.add(due, again)) };
  agenda.add(5, again);
  agenda.begin(5);
  assertEquals([count, agenda.size], [1, 1]);
  agenda.clear();
  assertEquals([agenda.size, agenda.nextDue()], [0, Infinity]);
});

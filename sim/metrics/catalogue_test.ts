import { assert, assertEquals } from "@std/assert";
import {
  counterEntry,
  COUNTERS,
  gaugeMerge,
  GAUGES,
  isLatencyName,
  LATENCIES,
  RECEIVER_COUNTS,
  SENDER_COUNTS,
} from "./catalogue.ts";
import { RATIOS } from "./ratio.ts";

Deno.test("catalogue has each name once, over all kinds", () => {
  const names = [...COUNTERS, ...LATENCIES, ...GAUGES, ...RATIOS].map((each) => each.name);
  assertEquals(names.length, new Set(names).size);
});

Deno.test("catalogue names are dotted words, and meanings are phrases without a full stop", () => {
  for (const { name, meaning } of [...COUNTERS, ...LATENCIES, ...GAUGES, ...RATIOS]) {
    assert(/^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/.test(name), name);
    assert(meaning.length > 5 && !meaning.endsWith("."), name);
  }
});

Deno.test("counterEntry of every counter names a counter that exists as its samples", () => {
  for (const { name, of } of COUNTERS) assert(counterEntry(of) !== undefined, name);
});

Deno.test("counterEntry knows families by their prefix and nothing else", () => {
  assertEquals(counterEntry("responses.MESSAGE.200")?.of, "messages.attempted");
  assertEquals(counterEntry("retransmissions.INVITE")?.unit, "count");
  assertEquals(counterEntry("responses."), undefined);
  assertEquals(counterEntry("messages.gone"), undefined);
});

Deno.test("catalogue has the six counts of senders and the five of receivers", () => {
  assertEquals([SENDER_COUNTS.length, RECEIVER_COUNTS.length], [6, 5]);
});

Deno.test("isLatencyName and gaugeMerge tell known names from unknown ones", () => {
  assert(isLatencyName("pager_accept"));
  assert(!isLatencyName("pager_accepted"));
  assertEquals([gaugeMerge("sessions.open"), gaugeMerge("generator.cpu_share"), gaugeMerge("new")], [
    "sum",
    "max",
    "max",
  ]);
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Histogram } from "./histogram.ts";
import { fixedCounterId, Recorder } from "./recorder.ts";
import type { CounterName } from "./catalogue.ts";

Deno.test("Recorder gives increments of the interval and starts the next one at nothing", () => {
  const recorder = new Recorder(3);
  recorder.count("sessions.invited");
  recorder.count("sessions.invited", 4);
  recorder.count("responses.MESSAGE.200");
  const first = recorder.take(0, 1000);
  assertEquals(first.counters, { "sessions.invited": 5, "responses.MESSAGE.200": 1 });
  assertEquals([first.worker, first.index, first.at], [3, 0, 1000]);
  recorder.count("responses.MESSAGE.200", 2);
  assertEquals(recorder.take(1, 2000).counters, { "responses.MESSAGE.200": 2 });
  assertEquals(recorder.take(2, 3000).counters, {});
});

Deno.test("Recorder counts by number as by name", () => {
  const recorder = new Recorder();
  const id = recorder.counterId("retransmissions.MESSAGE");
  assertEquals(recorder.counterId("retransmissions.MESSAGE"), id);
  recorder.countId(id);
  recorder.count("retransmissions.MESSAGE");
  assertEquals(recorder.take(0, 0).counters, { "retransmissions.MESSAGE": 2 });
});

Deno.test("Recorder counts members of families by their parts as by name", () => {
  const recorder = new Recorder();
  recorder.countBy("responses.INVITE", 200);
  recorder.countBy("responses.BYE", 200);
  recorder.countBy("responses.INVITE", 200);
  recorder.countBy("requests", "BYE");
  recorder.count("responses.INVITE.200");
  const { counters } = recorder.take(0, 0);
  assertEquals(counters, { "responses.INVITE.200": 3, "responses.BYE.200": 1, "requests.BYE": 1 });
  recorder.countBy("responses.INVITE", 200);
  assertEquals(recorder.take(1, 0).counters, { "responses.INVITE.200": 1 });
  assertThrows(() => recorder.countBy("gone" as "requests", 1), TypeError, "catalogue");
});

Deno.test("Recorder refuses names that the catalogue does not have", () => {
  const recorder = new Recorder();
  assertThrows(() => recorder.count("messages.gone" as CounterName), TypeError, "catalogue");
  assertThrows(() => recorder.latency("gone" as "register", 1), TypeError, "catalogue");
});

Deno.test("Recorder gives encodings of latencies that were recorded, and only of those", () => {
  const recorder = new Recorder();
  recorder.latency("register", 2);
  recorder.latencyOfId(recorder.latencyId("register"), 4);
  const { histograms } = recorder.take(0, 0);
  assertEquals(Object.keys(histograms), ["register"]);
  assertEquals(Histogram.decode(histograms.register!)?.summary().min, 2000);
  assertEquals(recorder.take(1, 0).histograms, {});
});

Deno.test("Recorder writes what was recorded under several names at once as each of them, without loss", () => {
  const recorder = new Recorder();
  const small = recorder.latencyId("pager_accept", "pager_accept{size=b64}");
  const large = recorder.latencyId("pager_accept", "pager_accept{size=b128}");
  for (let i = 1; i <= 100; i++) recorder.latencyOfId(i % 4 === 0 ? small : large, i);
  recorder.latencyBy("register", "transport", "tcp", 3);
  recorder.latencyBy("register", "transport", "udp", 5);
  const all = new Histogram();
  for (let i = 1; i <= 100; i++) all.record(i);
  for (let second = 0; second < 2; second++) {
    const { histograms } = recorder.take(second, 0);
    if (second === 1) return assertEquals(histograms, {});
    assertEquals(histograms.pager_accept, all.encode());
    const counts = Object.entries(histograms).map(([name, each]) => [name, Histogram.decode(each)!.count()]);
    assertEquals(Object.fromEntries(counts), {
      pager_accept: 100,
      "pager_accept{size=b64}": 25,
      "pager_accept{size=b128}": 75,
      register: 2,
      "register{transport=tcp}": 1,
      "register{transport=udp}": 1,
    });
  }
});

Deno.test("Recorder refuses parts by a dimension that there is not", () => {
  const recorder = new Recorder();
  assertThrows(() => recorder.latencyId("pager_accept{weather=rain}" as "pager_accept"), TypeError, "catalogue");
  assertThrows(() => recorder.latencyId("gone{size=b64}" as "pager_accept"), TypeError, "catalogue");
});

Deno.test("Recorder counts latencies out of range", () => {
  const recorder = new Recorder();
  recorder.latency("register", -5);
  assertEquals(recorder.take(0, 0).counters, { "generator.latency_overflows": 1 });
});

Deno.test("Recorder keeps the last value of a gauge within the interval", () => {
  const recorder = new Recorder();
  recorder.gauge("sessions.open", 4);
  recorder.gauge("sessions.open", 3);
  assertEquals(recorder.take(0, 0).gauges, { "sessions.open": 3 });
  assertEquals(recorder.take(1, 0).gauges, {});
});

Deno.test("Recorder snapshots can be passed between workers", () => {
  const recorder = new Recorder();
  recorder.latency("refresh", 1);
  recorder.count("sessions.invited");
  const snapshot = recorder.take(0, 0);
  assertEquals(structuredClone(snapshot), snapshot);
  assert(snapshot.histograms.refresh instanceof Uint8Array);
});

Deno.test("fixedCounterId gives the number a counter has in every recorder, and none to a member of a family", () => {
  const recorder = new Recorder();
  recorder.countId(fixedCounterId("decisions.pager"), 3);
  assertEquals(recorder.take(0, 0).counters, { "decisions.pager": 3 });
  assertThrows(() => fixedCounterId("responses.MESSAGE.200"), TypeError, "Cannot number");
});

import { assertEquals, assertStringIncludes } from "@std/assert";
import { toText } from "../bytes/text.ts";
import { toOctets } from "../bytes/text.ts";
import { writeContent } from "../im/body.ts";
import { EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { EvidenceKeeper, objectivesOf } from "./evidence_keeper.ts";
import { FlightRecorder } from "./flight_recorder.ts";

const RUN = 77;

function stand(): { ledger: Ledger; ring: EvidenceRing; keeper: EvidenceKeeper; recorder: Recorder } {
  const recorder = new Recorder();
  const ledger = new Ledger(recorder, 1000);
  const ring = new EvidenceRing();
  const flightRecorder = new FlightRecorder();
  const content = toText(writeContent(100, { run: RUN, sequence: 5 }));
  flightRecorder.keep("sent", toOctets(`MESSAGE sip:b SIP/2.0\r\nCall-ID: c5\r\n\r\n${content}`), 101);
  flightRecorder.keep("received", toOctets("SIP/2.0 202 Accepted\r\nCall-ID: c5\r\n\r\n"), 170);
  const thresholds = ["pager_accept.p99 < 50ms", "pager_delivery.p99 < 10ms"];
  const parts = { run: RUN, thresholds, ring, recorder, flightRecorder, indexOf: () => 1 };
  const keeper = ledger.watch = new EvidenceKeeper(parts);
  return { ledger, ring, keeper, recorder };
}

function attempt(ledger: Ledger, counted: boolean): ReturnType<Ledger["open"]> {
  return ledger.open({ sequence: 5, sender: 1, receiver: 2, mode: "pager", size: 100, dueAt: 100, counted });
}

Deno.test("a message above the bound of its threshold is kept with its whole exchange, one below is not", () => {
  const { ledger, ring } = stand();
  ledger.settle(attempt(ledger, true), "accepted_202", 170);
  const [slow, ...others] = ring.take();
  assertEquals([slow?.kind, others.length], ["slow_pager_accept", 0]);
  assertStringIncludes(slow!.detail, "took 70.0 ms, objective 50 ms");
  assertEquals(slow!.messages.map(({ direction, at }) => [direction, at]), [["sent", 101], ["received", 170]]);
  ledger.deliver(5, 2, true, 105);
  assertEquals(ring.take(), []);
});

Deno.test("a lost message is kept when the grace is over, one of a warm-up is not", () => {
  for (const counted of [true, false]) {
    const { ledger, ring } = stand();
    ledger.settle(attempt(ledger, counted), "accepted_202", 120);
    ledger.expire(1200);
    assertEquals(ring.take().map(({ kind, messages }) => [kind, messages.length]), counted ? [["lost", 2]] : []);
  }
});

Deno.test("what arrives strangely is kept by its mark", () => {
  const { ring, keeper, recorder } = stand();
  const content = writeContent(100, { run: RUN, sequence: 5 });
  keeper.onStray({ delivery: "duplicated", sequence: 5, receiver: 2, from: "sip:a@x", size: 100, content, at: 180 });
  const [entry] = ring.take();
  assertEquals([entry?.kind, entry?.sender, entry?.messages.length], ["duplicated", 1, 2]);
  assertEquals(recorder.take(0, 0).counters["evidence.kept"], 1);
});

Deno.test("the objective of a latency is the highest upper bound that a threshold sets", () => {
  const objectives = objectivesOf([
    "pager_accept.p50 < 5ms",
    "pager_accept{transport=udp}.p99 <= 50ms over 10s",
    "pager_accept.min > 1us",
    "large_delivery.count < 9",
    "messages.lost == 0",
  ]);
  assertEquals([...objectives], [["pager_accept", 50]]);
});

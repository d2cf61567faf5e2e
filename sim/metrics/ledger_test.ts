import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RECEIVER_COUNTS, SENDER_COUNTS } from "./catalogue.ts";
import { Histogram } from "./histogram.ts";
import type { Attempt, AttemptFields } from "./attempt.ts";
import { Ledger, UNMARKED_BELOW } from "./ledger.ts";
import { MODES, type Outcome, OUTCOMES } from "./outcome.ts";
import { Recorder } from "./recorder.ts";

const GRACE = 5000;

class Trial {
  readonly recorder = new Recorder();
  readonly ledger = new Ledger(this.recorder, GRACE);
  #sequence = 0;

  open(fields: Partial<AttemptFields> = {}): Attempt {
    const sequence = this.#sequence++;
    return this.ledger.open({
      sequence,
      sender: 1,
      receiver: 2,
      mode: "pager",
      size: 140,
      dueAt: 100,
      counted: true,
      ...fields,
    });
  }

  /** The smallest value of some latencies, in whole milliseconds. */
  millis(names: readonly string[]): Record<string, number> {
    const { histograms } = this.recorder.take(0, 0);
    const values = names.map((name) => [name, Math.round(Histogram.decode(histograms[name]!)!.quantile(0) / 1000)]);
    return Object.fromEntries(values);
  }

  /** Every `messages.*` count in all (`messages.` cut off) that is not 0. */
  counts(): Record<string, number> {
    const { counters } = this.recorder.take(0, 0);
    const entries = Object.entries(counters).filter(([name]) => /^messages\.[a-z_0-9]+$/.test(name));
    return Object.fromEntries(entries.map(([name, count]) => [name.slice("messages.".length), count]));
  }
}

Deno.test("Ledger counts a message that is delivered and then accepted, in all and of its mode", () => {
  const trial = new Trial();
  const attempt = trial.open();
  assertEquals(trial.ledger.deliver(0, 2, true, 102), "delivered");
  assertEquals(trial.ledger.size, 1);
  trial.ledger.settle(attempt, "accepted_200", 103);
  assertEquals(trial.ledger.size, 0);
  const { counters } = trial.recorder.take(0, 0);
  assertEquals(counters["messages.delivered"], 1);
  assertEquals(counters["messages.pager.accepted_200"], 1);
  assertEquals(counters["messages.pager.octets_delivered"], 140);
  trial.ledger.finish(200);
});

Deno.test("Ledger records latencies from the intended instant, and one from the sending", () => {
  const trial = new Trial();
  const attempt = trial.open({ dueAt: 100 });
  trial.ledger.sent(attempt, 110);
  trial.ledger.deliver(0, 2, true, 125);
  trial.ledger.settle(attempt, "accepted_202", 130);
  assertEquals(trial.millis(["pager_sent", "pager_accept", "pager_accept_from_sent", "pager_delivery"]), {
    pager_sent: 10,
    pager_accept: 30,
    pager_accept_from_sent: 20,
    pager_delivery: 25,
  });
});

Deno.test("Ledger tells latencies apart by transport and by powers of two of the content", () => {
  const trial = new Trial();
  const message = (size: number, transport: "udp" | "tcp", took: number): void => {
    const attempt = trial.open({ size, transport, dueAt: 0 });
    trial.ledger.deliver(attempt.sequence, 2, true, took - 1);
    trial.ledger.settle(attempt, "accepted_200", took);
  };
  message(127, "udp", 10);
  message(128, "udp", 20);
  message(128, "tcp", 30);
  message(0, "tcp", 40);
  const { histograms } = trial.recorder.take(0, 0);
  const counts = Object.entries(histograms).map(([name, each]) => [name, Histogram.decode(each)!.count()]);
  const parts = { "{transport=udp}": 2, "{transport=tcp}": 2, "{size=b0}": 1, "{size=b64}": 1, "{size=b128}": 2 };
  const expected = ["pager_accept", "pager_delivery"].flatMap((name) => [
    [name, 4],
    ...Object.entries(parts).map(([part, count]) => [name + part, count]),
  ]);
  assertEquals(Object.fromEntries(counts), {
    ...Object.fromEntries(expected),
    pager_accept_from_sent: 4,
    pager_response: 4,
    "pager_response{response=2xx}": 4,
  });
  const tcp = Histogram.decode(histograms["pager_accept{transport=tcp}"]!)!;
  assertEquals([tcp.quantile(0), tcp.quantile(1)].map((micros) => Math.round(micros / 1000)), [30, 40]);
});

Deno.test("Ledger counts an accepted message as lost only after the grace", () => {
  const trial = new Trial();
  trial.ledger.settle(trial.open(), "accepted_202", 200);
  trial.ledger.expire(200 + GRACE - 1);
  assertEquals(trial.counts().lost, undefined);
  trial.ledger.expire(200 + GRACE);
  assertEquals(trial.counts().lost, 1);
  assertEquals(trial.ledger.size, 0);
});

Deno.test("Ledger delivers an accepted message that arrives within the grace", () => {
  const trial = new Trial();
  trial.ledger.settle(trial.open(), "accepted_202", 200);
  assertEquals(trial.ledger.deliver(0, 2, true, 4000), "delivered");
  trial.ledger.expire(100_000);
  const { delivered, lost } = trial.counts();
  assertEquals([delivered, lost], [1, undefined]);
});

Deno.test("Ledger keeps a message lost that arrives later, and counts it as late", () => {
  const trial = new Trial();
  trial.ledger.settle(trial.open(), "accepted_200", 200);
  trial.ledger.expire(200 + GRACE);
  assertEquals(trial.ledger.deliver(0, 2, true, 9000), "late");
  const { lost, late, delivered } = trial.counts();
  assertEquals([lost, late, delivered], [1, 1, undefined]);
});

Deno.test("Ledger counts further arrivals as duplicated, before and after the answer", () => {
  const trial = new Trial();
  const attempt = trial.open();
  const arrivals = [0, 0].map((sequence) => trial.ledger.deliver(sequence, 2, true, 101));
  trial.ledger.settle(attempt, "accepted_200", 102);
  arrivals.push(trial.ledger.deliver(0, 2, true, 103));
  assertEquals(arrivals, ["delivered", "duplicated", "duplicated"]);
  const { delivered, duplicated } = trial.counts();
  assertEquals([delivered, duplicated], [1, 2]);
});

Deno.test("Ledger counts a corrupted message that was accepted as lost and corrupted", () => {
  const trial = new Trial();
  const attempt = trial.open();
  assertEquals(trial.ledger.deliver(0, 2, false, 101), "corrupted");
  assertEquals(trial.ledger.deliver(0, 2, false, 102), "corrupted");
  trial.ledger.settle(attempt, "accepted_200", 103);
  trial.ledger.finish(103 + GRACE);
  const { lost, corrupted, delivered } = trial.counts();
  assertEquals([lost, corrupted, delivered], [1, 1, undefined]);
});

Deno.test("Ledger tells a message that was cut from one that was changed, before and after it left", () => {
  const trial = new Trial();
  const cut = trial.open({ size: 140 });
  assertEquals(trial.ledger.deliver(0, 2, false, 150, 139), "truncated");
  assertEquals(trial.ledger.deliver(0, 2, false, 150, 70), "truncated");
  trial.ledger.settle(cut, "accepted_200", 200);
  trial.ledger.expire(200 + GRACE);
  assertEquals(trial.ledger.deliver(0, 2, false, 9000, 70), "truncated");
  assertEquals(trial.ledger.deliver(0, 2, false, 9000, 141), "corrupted");
  assertEquals(trial.counts(), { attempted: 1, accepted_200: 1, lost: 1, truncated: 1, corrupted: 1 });
});

Deno.test("Ledger knows a message whose mark was damaged by its sender, receiver and size", () => {
  const trial = new Trial();
  trial.open({ receiver: 3 });
  const damaged = trial.open();
  assertEquals(trial.ledger.deliverUnmarked(1, 2, 140, 150), "corrupted");
  trial.ledger.settle(damaged, "accepted_200", 160);
  assertEquals(trial.ledger.deliverUnmarked(1, 2, 140, 170), "unknown", "there is no second one");
  assertEquals(trial.ledger.deliverUnmarked(1, 2, 141, 170), "unknown");
  trial.ledger.expire(200 + GRACE);
  assertEquals(trial.counts(), { attempted: 2, accepted_200: 1, lost: 1, corrupted: 1, unknown: 2 });
});

Deno.test("Ledger counts messages that were overtaken on their way to one receiver", () => {
  const trial = new Trial();
  for (let i = 0; i < 4; i++) trial.open({ mode: i === 1 ? "large" : "pager" });
  trial.open({ receiver: 3 });
  for (const sequence of [0, 2, 3, 1]) trial.ledger.deliver(sequence, 2, true, 150);
  trial.ledger.deliver(4, 3, true, 150);
  const { counters } = trial.recorder.take(0, 0);
  assertEquals([counters["messages.out_of_order"], counters["messages.large.out_of_order"]], [1, 1]);
});

Deno.test("Ledger counts a misrouted message that was accepted as lost and misrouted", () => {
  const trial = new Trial();
  trial.ledger.settle(trial.open(), "accepted_200", 100);
  assertEquals(trial.ledger.deliver(0, 3, true, 101), "misrouted");
  trial.ledger.expire(100 + GRACE);
  assertEquals(trial.ledger.deliver(0, 3, true, 9000), "misrouted");
  const { lost, misrouted } = trial.counts();
  assertEquals([lost, misrouted], [1, 1]);
});

Deno.test("Ledger counts a message that was not accepted but arrived as delivered", () => {
  const trial = new Trial();
  trial.ledger.settle(trial.open(), "timed_out", 32_100);
  trial.ledger.deliver(0, 2, true, 32_200);
  const { timed_out, delivered, refused } = trial.counts();
  assertEquals([timed_out, delivered, refused], [1, 1, undefined]);
});

Deno.test("Ledger counts a message that was neither accepted nor arrived as refused", () => {
  const trial = new Trial();
  trial.ledger.settle(trial.open(), "rejected", 200);
  trial.ledger.expire(200 + GRACE);
  assertEquals(trial.counts(), { attempted: 1, rejected: 1, refused: 1 });
});

Deno.test("Ledger counts messages to others as unobserved, whatever the answer", () => {
  const trial = new Trial();
  trial.ledger.settle(trial.open({ receiver: -1 }), "accepted_200", 101);
  trial.ledger.settle(trial.open({ receiver: -1 }), "rejected", 101);
  assertEquals(trial.ledger.deliver(0, 7, true, 102), "unknown");
  trial.ledger.finish(102);
  assertEquals(trial.counts(), { attempted: 2, accepted_200: 1, rejected: 1, unobserved: 2, unknown: 1 });
});

Deno.test("Ledger leaves open what the end of the run cut off, and refuses what was rejected", () => {
  const trial = new Trial();
  trial.open();
  trial.ledger.settle(trial.open(), "accepted_200", 300);
  trial.ledger.settle(trial.open(), "rejected", 300);
  trial.ledger.finish(301);
  assertEquals(trial.counts(), { attempted: 3, unanswered: 1, accepted_200: 1, rejected: 1, open: 2, refused: 1 });
  assertEquals(trial.ledger.size, 0);
});

Deno.test("Ledger follows messages of the warm-up without counting them", () => {
  const trial = new Trial();
  const attempt = trial.open({ counted: false });
  assertEquals(trial.ledger.deliver(0, 2, true, 101), "delivered");
  trial.ledger.settle(attempt, "accepted_200", 102);
  assertEquals(trial.ledger.deliver(0, 2, true, 103), "duplicated");
  trial.ledger.finish(104);
  assertEquals(trial.recorder.take(0, 0), { worker: 0, index: 0, at: 0, counters: {}, gauges: {}, histograms: {} });
});

Deno.test("Ledger finds contents without a mark by sender, receiver and size, the oldest first", () => {
  const trial = new Trial();
  const size = UNMARKED_BELOW - 1;
  for (const dueAt of [100, 150]) trial.open({ size, dueAt });
  const deliveries = [[1, 2, size], [1, 2, size - 1], [1, 2, size], [1, 2, size]] as const;
  assertEquals(deliveries.map((each) => trial.ledger.deliverUnmarked(...each, 200)), [
    "delivered",
    "unknown",
    "delivered",
    "unknown",
  ]);
  const { delivered, unmarked, unknown } = trial.counts();
  assertEquals([delivered, unmarked, unknown], [2, 2, 2]);
});

Deno.test("Ledger counts arrivals that no attempt explains as unknown", () => {
  const trial = new Trial();
  assertEquals(trial.ledger.deliver(12, 2, true, 100), "unknown");
  assertEquals(trial.counts(), { unknown: 1 });
});

Deno.test("Ledger moves an attempt to the other mode, and each mode adds up", () => {
  const trial = new Trial();
  const attempt = trial.open();
  trial.ledger.switchMode(attempt, "large");
  trial.ledger.settle(attempt, "accepted_200", 120);
  trial.ledger.finish(121);
  const { counters } = trial.recorder.take(0, 0);
  assertEquals(counters["messages.large.attempted"], 1);
  assertEquals(counters["messages.pager.attempted"], undefined);
  assertEquals(counters["messages.large.open"], 1);
});

Deno.test("Ledger moves an arrival that is not ours to see along when an attempt changes its mode", () => {
  const trial = new Trial();
  const attempt = trial.open({ receiver: -1 });
  trial.ledger.switchMode(attempt, "large");
  trial.ledger.settle(attempt, "accepted_200", 120);
  trial.ledger.finish(121);
  const { counters } = trial.recorder.take(0, 0);
  assertEquals([counters["messages.large.unobserved"], counters["messages.pager.unobserved"]], [1, undefined]);
});

Deno.test("Ledger takes another size of an attempt, across the size below which contents carry no mark", () => {
  const trial = new Trial();
  const shrunk = trial.open();
  trial.ledger.resize(shrunk, 5);
  assertEquals(trial.ledger.deliverUnmarked(1, 2, 5, 110), "delivered");
  const grown = trial.open({ size: 5 });
  trial.ledger.resize(grown, 90);
  assertEquals(trial.ledger.deliverUnmarked(1, 2, 5, 110), "unknown");
  assertEquals(trial.ledger.deliver(1, 2, true, 110), "delivered");
  for (const attempt of [shrunk, grown]) trial.ledger.settle(attempt, "accepted_200", 120);
  trial.ledger.finish(121);
  assertEquals(trial.recorder.take(0, 0).counters["messages.octets_delivered"], 95);
});

Deno.test("Ledger refuses to settle twice and to open a sequence number twice", () => {
  const trial = new Trial();
  const attempt = trial.open();
  assertThrows(() => trial.open({ sequence: 0 }), RangeError, "under way");
  trial.ledger.settle(attempt, "rejected", 1);
  assertThrows(() => trial.ledger.settle(attempt, "failed", 2), Error, "settled as rejected");
});

Deno.test("Ledger ignores outcomes that come after finish", () => {
  const trial = new Trial();
  const attempt = trial.open();
  trial.ledger.finish(100);
  trial.ledger.settle(attempt, "accepted_200", 101);
  assertEquals(trial.counts(), { attempted: 1, unanswered: 1, open: 1 });
});

type Step =
  | { act: "open"; receiver: number; size: number; mode: "pager" | "large"; counted: boolean }
  | { act: "settle"; pick: number; outcome: Outcome }
  | { act: "deliver"; sequence: number; receiver: number; intact: boolean }
  | { act: "unmarked"; receiver: number; size: number }
  | { act: "switch"; pick: number }
  | { act: "pass"; millis: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    act: fc.constant("open" as const),
    receiver: fc.integer({ min: -1, max: 1 }),
    size: fc.constantFrom(3, 140),
    mode: fc.constantFrom(...MODES),
    counted: fc.boolean(),
  }),
  fc.record({ act: fc.constant("settle" as const), pick: fc.nat(), outcome: fc.constantFrom(...OUTCOMES) }),
  fc.record({
    act: fc.constant("deliver" as const),
    sequence: fc.nat({ max: 12 }),
    receiver: fc.nat({ max: 1 }),
    intact: fc.boolean(),
  }),
  fc.record({ act: fc.constant("unmarked" as const), receiver: fc.nat({ max: 1 }), size: fc.constantFrom(3, 4) }),
  fc.record({ act: fc.constant("switch" as const), pick: fc.nat() }),
  fc.record({ act: fc.constant("pass" as const), millis: fc.nat({ max: 4000 }) }),
);

/** Plays steps on a ledger; gives how many counted attempts there were. */
function play(trial: Trial, steps: readonly Step[]): number {
  const pending: Attempt[] = [];
  let now = 0;
  let counted = 0;
  for (const step of steps) {
    const at = now += 1;
    if (step.act === "open") {
      pending.push(trial.open({ ...step, dueAt: at }));
      if (step.counted) counted++;
    } else if (step.act === "settle" && pending.length > 0) {
      trial.ledger.settle(pending.splice(step.pick % pending.length, 1)[0]!, step.outcome, at);
    } else if (step.act === "deliver") trial.ledger.deliver(step.sequence, step.receiver, step.intact, at);
    else if (step.act === "unmarked") trial.ledger.deliverUnmarked(1, step.receiver, step.size, at);
    else if (step.act === "switch" && pending.length > 0) {
      trial.ledger.switchMode(pending[step.pick % pending.length]!, "large");
    } else if (step.act === "pass") {
      now += step.millis;
      trial.ledger.expire(now);
    }
  }
  trial.ledger.finish(now);
  return counted;
}

Deno.test("Ledger conserves messages: six outcomes and five arrivals add up in any order of events", () => {
  fc.assert(fc.property(fc.array(STEP, { maxLength: 80 }), (steps) => {
    const trial = new Trial();
    const counted = play(trial, steps);
    const { counters } = trial.recorder.take(0, 0);
    const sum = (scope: string, parts: readonly string[]): number =>
      parts.reduce((total, part) => total + (counters[`messages.${scope}${part}`] ?? 0), 0);
    assertEquals(sum("", ["attempted"]), counted);
    assertEquals(trial.ledger.size, 0);
    for (const parts of [SENDER_COUNTS, RECEIVER_COUNTS]) {
      assertEquals(sum("", parts), counted);
      assertEquals(sum("pager.", parts) + sum("large.", parts), counted);
    }
    // a switch after an arrival may move an attempt between the modes, not between the sums
    for (const part of [...SENDER_COUNTS, ...RECEIVER_COUNTS, "attempted", "late", "duplicated"]) {
      assertEquals(sum("pager.", [part]) + sum("large.", [part]), sum("", [part]), part);
    }
    assert(sum("", ["lost"]) <= sum("", ["accepted_200", "accepted_202"]));
  }));
});

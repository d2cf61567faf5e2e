import { assert, assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import type { ForeignDelivery } from "../load/order.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { DeliveryBuffer, pack, unpack } from "./deliveries.ts";
import { type ExchangeAnswer, readAnswer, readRequest, writeExchange } from "./exchange.ts";
import { Follower } from "./follower.ts";
import { Outbox } from "./outbox.ts";
import { Refusal } from "./refusal.ts";

/** Their clock minus ours. */
const OFFSET = 5000;

function delivery(sequence: number, at: number): ForeignDelivery {
  return { sequence, receiver: sequence * 3, intact: true, size: sequence + 8, from: "", at };
}

function snapshot(index: number): Snapshot {
  const histograms = { refresh: Uint8Array.of(index) };
  return { worker: 1, index, at: (index + 1) * 1000, counters: { a: 1 }, gauges: {}, histograms };
}

/** A lead and its agent, with what each heard. */
class Stand {
  readonly outbox = new Outbox();
  readonly heard = { orders: [] as unknown[], there: [] as ForeignDelivery[], here: [] as ForeignDelivery[] };
  readonly snapshots: Snapshot[] = [];
  readonly told: string[] = [];
  readonly follower = new Follower(1, "http://one", () => 1000, {
    onReady: (unreachable) => this.told.push(`ready ${unreachable}`),
    onQuiet: () => this.told.push("quiet"),
    onEnded: (failure) => this.told.push(`ended ${failure}`),
    onLost: (why) => this.told.push(why),
    onDropped: (count) => this.told.push(`dropped ${count}`),
    onSnapshot: (each) => this.snapshots.push(each),
    onEvidence: () => {},
    onDeliveries: (_owner, deliveries) => this.heard.here.push(...deliveries),
  });
  now = 1000;

  /** One question over octets; either way may lose it. */
  ask(isAskLost = false, isAnswerLost = false): void {
    const sent = this.now;
    const asked = readRequest(writeExchange(this.follower.question()));
    assert(!(asked instanceof Refusal));
    this.now += 1;
    let answer: ExchangeAnswer | undefined;
    if (!isAskLost) {
      const standing = { epoch: 3000 + OFFSET, state: "running", reason: "" } as const;
      const given = this.outbox.answer(asked, this.now + OFFSET, standing);
      if (given.isNew) {
        this.heard.orders.push(...asked.orders);
        for (const packed of asked.deliveries) this.heard.there.push(...unpack(packed, 0));
      }
      const read = readAnswer(writeExchange(given.answer));
      assert(!(read instanceof Refusal), read instanceof Refusal ? read.message : "");
      answer = isAnswerLost ? undefined : read;
    }
    this.now += 1;
    if (answer === undefined) this.follower.failed("nobody answered", this.now, 100);
    else this.follower.take(answer, sent, this.now);
  }
}

Deno.test("pack and unpack keep deliveries, whole, damaged and without a mark, and move their moments", () => {
  const whole = [delivery(0, 1.5), delivery(2 ** 40, 2.25)];
  const damaged = { ...delivery(9, 3), intact: false, size: 4, from: "sip:c@d" };
  const unmarked = { sequence: -1, receiver: 7, intact: true, size: 3, from: "sip:a@b", at: 9 };
  const back = unpack(pack(4, [damaged, ...whole, unmarked], 10), -10);
  assertEquals(back, [damaged, unmarked, ...whole]);
});

Deno.test("DeliveryBuffer drops what has no room and counts it", () => {
  const buffer = new DeliveryBuffer(3);
  buffer.add(0, [delivery(1, 0), delivery(2, 0)]);
  buffer.add(1, [delivery(3, 0), delivery(4, 0)]);
  assertEquals([buffer.size(), buffer.dropped], [3, 1]);
  const taken = buffer.take(1, 0);
  assertEquals([taken.map(({ owner }) => owner), buffer.size()], [[0, 1], 1]);
});

Deno.test("Follower and Outbox lose nothing and take nothing twice, whatever is lost on the way", () => {
  const random = new Random(7, 0);
  const stand = new Stand();
  for (let i = 0; i < 300; i++) {
    stand.follower.deliver(1, [delivery(i, i)]);
    stand.outbox.deliveries(0, [delivery(1000 + i, i + OFFSET)]);
    if (i % 10 === 0) stand.outbox.snapshot(snapshot(i / 10));
    if (i % 50 === 0) stand.follower.order({ kind: "pace", factor: i });
    // never so often in a row that it would count as lost
    const isBad = i % 3 !== 0;
    stand.ask(isBad && random.uniform() < 0.5, isBad && random.uniform() < 0.5);
  }
  stand.ask();
  stand.ask();
  const numbers = (list: readonly ForeignDelivery[]) => list.map(({ sequence }) => sequence);
  assertEquals(numbers(stand.heard.there), Array.from({ length: 300 }, (_, i) => i));
  assertEquals(numbers(stand.heard.here), Array.from({ length: 300 }, (_, i) => 1000 + i));
  assertEquals(stand.heard.orders.length, 6);
  assertEquals(stand.snapshots.length, 30);
  assertEquals(stand.told, []);
});

Deno.test("Follower moves moments from the other clock to ours and back, and seconds to those of our run", () => {
  const stand = new Stand();
  stand.ask();
  stand.follower.order({ kind: "begin", at: 4000 });
  stand.follower.deliver(1, [delivery(1, 1234)]);
  stand.outbox.deliveries(0, [delivery(2, 2345 + OFFSET)]);
  stand.outbox.snapshot(snapshot(0));
  stand.ask();
  assertEquals(stand.heard.orders, [{ kind: "begin", at: 4000 + OFFSET }]);
  assertEquals([stand.heard.there[0]!.at, stand.heard.here[0]!.at], [1234 + OFFSET, 2345]);
  // its workers started 2 s after ours
  assertEquals([stand.snapshots[0]!.index, stand.snapshots[0]!.at], [2, 3000]);
  const { clock_offset_us: offset, clock_error_us: error } = stand.follower.describe(stand.now);
  assertEquals([offset, error], [OFFSET * 1000, 1000]);
});

Deno.test("Follower hears once each that an agent is ready, quiet and ended, and ended only after everything else", () => {
  const stand = new Stand();
  stand.outbox.ready(undefined);
  for (let i = 0; i < 150; i++) stand.outbox.snapshot(snapshot(i));
  stand.outbox.quiet();
  stand.outbox.ended(undefined);
  stand.ask();
  assertEquals([stand.told, stand.outbox.isTaken()], [["ready undefined", "quiet"], false]);
  stand.ask();
  assertEquals([stand.told.at(-1), stand.snapshots.length], ["ended undefined", 150]);
  assert(stand.follower.isOver() && stand.outbox.isTaken());
});

Deno.test("Follower counts an agent as lost when it has not answered for as long as we are patient", () => {
  const stand = new Stand();
  stand.ask(true);
  stand.now += 99;
  stand.ask(true);
  assertEquals(stand.told, ["agent 1 (http://one) was lost: nobody answered"]);
  assert(stand.follower.isOver());
});

Deno.test("Outbox drops the oldest seconds that nobody takes and says how many", () => {
  const stand = new Stand();
  for (let i = 0; i < 3010; i++) stand.outbox.snapshot(snapshot(i));
  stand.ask();
  assertEquals([stand.told, stand.snapshots[0]!.index], [["dropped 10"], 12]);
});

Deno.test("readRequest and readAnswer refuse octets that are no exchange", () => {
  for (
    const octets of [new Uint8Array(), Uint8Array.of(0xc1), writeExchange({ number: 0, orders: [], deliveries: [] })]
  ) {
    assert(readRequest(octets) instanceof Refusal);
    assert(readAnswer(octets) instanceof Refusal);
  }
});

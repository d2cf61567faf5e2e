import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import type { ServerOptions } from "../target/options.ts";
import { TargetStand } from "../testing/target_stand.ts";

const TEXT = "Watson, come here.";

/** 200 messages of alice to bob through a server with faults. */
function run(options: ServerOptions) {
  const stand = new TargetStand(options);
  const [alice, bob] = [stand.client("alice"), stand.client("bob")];
  alice.register(3600);
  bob.register(3600);
  stand.pass(4000);
  alice.responses.length = 0;
  for (let i = 0; i < 200; i++) {
    alice.send("MESSAGE", { uri: bob.uri(), body: toOctets(TEXT) });
    stand.pass(5);
  }
  stand.pass(40_000);
  const texts = bob.requests.map((message) => toText(message.body()));
  return { stand, alice, bob, texts };
}

Deno.test("Faults loses a share of the datagrams, which retransmissions make good", () => {
  const { stand, alice, texts } = run({ loss: 0.2 });
  const finals = alice.statuses().filter((status) => status >= 200);
  assertEquals([finals.length, texts.length], [200, 200]);
  assert(stand.count("faults.lost") > 50);
});

Deno.test("Faults delivers a share of the messages twice, with one answer", () => {
  const { stand, alice, texts } = run({ duplicate: 0.1 });
  assertEquals([alice.statuses().length, texts.length], [200, 200 + stand.count("faults.duplicated")]);
  assert(stand.count("faults.duplicated") > 5);
});

Deno.test("Faults damages the content of a share of the messages, not its length", () => {
  const { stand, texts } = run({ corrupt: 0.1 });
  const damaged = texts.filter((text) => text !== TEXT);
  assertEquals([damaged.length, texts.length], [stand.count("faults.corrupted"), 200]);
  assert(damaged.length > 5 && damaged.every((text) => text.length === TEXT.length));
});

Deno.test("Faults meets every n-th message exactly: lost, changed, cut, gone astray, doubled", () => {
  const every = { lose: 40, corrupt: 33, truncate: 28, misroute: 60, duplicate: 45 };
  const { stand, alice, texts } = run({ every });
  const counted = ["messages_lost", "corrupted", "truncated", "misrouted", "duplicated"];
  assertEquals(counted.map((name) => stand.count(`faults.${name}`)), [5, 6, 7, 3, 4]);
  assertEquals(alice.statuses(), Array(200).fill(200));
  const half = TEXT.slice(0, TEXT.length / 2);
  assertEquals(texts.filter((text) => text === half).length, 7);
  assertEquals(texts.filter((text) => text === "Watson, come here/").length, 6);
  assertEquals(alice.requests.map((message) => toText(message.body())), Array(3).fill(TEXT));
  assertEquals(texts.length, 200 - 5 - 3 + 4);
});

Deno.test("Faults refuses a share of the requests with a status", () => {
  const { stand, alice, texts } = run({ refuse: { share: 0.1, status: 503 } });
  const refused = alice.statuses().filter((status) => status === 503).length;
  assertEquals([refused, texts.length], [stand.count("faults.refused"), 200 - refused]);
  assert(refused > 5);
});

Deno.test("Faults keeps requests for a time before they go on, ACK and CANCEL included", () => {
  const stand = new TargetStand({ delay: 50 });
  const [alice, bob] = [stand.registered("alice"), stand.registered("bob")];
  alice.send("MESSAGE", { uri: bob.uri() });
  stand.pass(50);
  assertEquals(bob.requests.length, 0);
  stand.pass(5);
  assertEquals([bob.requests.length, alice.statuses()], [1, [200]]);
  const { sequenceNumber: number, ...request } = {
    uri: bob.contact(),
    to: `<${bob.uri()}>;tag=bob`,
    sequenceNumber: 9,
  };
  alice.sendAck({ ...request, sequenceNumber: number });
  stand.pass(10);
  assertEquals(bob.acks.length, 0);
  stand.pass(60);
  assertEquals(bob.acks.length, 1);
});

Deno.test("Faults meets the same messages for the same seed", () => {
  const [first, second] = [run({ loss: 0.1, corrupt: 0.2 }), run({ loss: 0.1, corrupt: 0.2 })];
  assertEquals(first.texts, second.texts);
  assertNotEquals(first.texts, run({ loss: 0.1, corrupt: 0.4 }).texts);
});

import { assertEquals, assertMatch } from "@std/assert";
import { TargetStand } from "../testing/target_stand.ts";

Deno.test("Registrar binds contacts for the time asked for and lists all of them (RFC 3261 §10.3)", () => {
  const stand = new TargetStand();
  const alice = stand.client("alice");
  alice.register(60, {}, `<${alice.contact()}>;expires=60;+g.oma.sip-im, <sip:alice@127.0.0.1:6000>`);
  stand.pass(10);
  const contacts = alice.responses[0]!.headerLines("Contact").toSorted();
  assertEquals([alice.statuses(), stand.proxy.location.size], [[200], 2]);
  assertEquals(contacts, [`<${alice.contact()}>;expires=60;+g.oma.sip-im`, "<sip:alice@127.0.0.1:6000>;expires=3600"]);
  stand.pass(30_000);
  alice.register(60, {}, "<sip:alice@127.0.0.1:6001>;expires=5");
  stand.pass(10);
  assertEquals(alice.responses[1]!.headerLines("Contact").length, 3);
  stand.pass(30_000);
  assertEquals(stand.proxy.location.size, 1);
});

Deno.test("Registrar takes the Expires header for contacts without a time of their own, an hour without both", () => {
  const stand = new TargetStand();
  const alice = stand.client("alice");
  alice.register(0, { headers: [["Expires", "120"]] }, `<${alice.contact()}>`);
  stand.pass(10);
  alice.register(0, { headers: [["Expires", "soon"]] }, `<${alice.contact()}>`);
  stand.pass(10);
  const granted = alice.responses.map((response) => response.header("Contact")!);
  assertMatch(granted[0]!, /;expires=120$/);
  assertMatch(granted[1]!, /;expires=3600$/);
});

Deno.test("Registrar ends one binding by expires=0 and all of them by * (RFC 3261 §10.2.2)", () => {
  const stand = new TargetStand();
  const alice = stand.registered("alice");
  alice.register(60, {}, "<sip:alice@127.0.0.1:6000>");
  stand.pass(10);
  alice.register(0);
  stand.pass(10);
  assertEquals(alice.responses[1]!.headerLines("Contact"), ["<sip:alice@127.0.0.1:6000>;expires=3600"]);
  alice.register(0, { headers: [["Expires", "60"]] }, "*");
  stand.pass(10);
  alice.register(0, { headers: [["Expires", "0"]] }, "*");
  stand.pass(10);
  assertEquals([alice.statuses(), stand.proxy.location.size], [[200, 200, 400, 200], 0]);
  assertEquals(alice.responses[3]!.headerLines("Contact"), []);
});

Deno.test("Registrar refuses what was overtaken and changes nothing then (RFC 3261 §10.3 item 7)", () => {
  const stand = new TargetStand();
  const alice = stand.client("alice");
  alice.register(3600, { sequenceNumber: 5 });
  stand.pass(10);
  alice.register(0, { sequenceNumber: 4 });
  stand.pass(10);
  assertEquals([alice.statuses(), stand.proxy.location.size], [[200, 500], 1]);
  alice.register(0, { sequenceNumber: 1, callId: "after the boot" });
  stand.pass(10);
  assertEquals([alice.statuses().at(-1), stand.proxy.location.size], [200, 0]);
});

Deno.test("Registrar answers 423 with Min-Expires below its smallest interval (RFC 3261 §21.4.17)", () => {
  const stand = new TargetStand({ minExpires: 60 });
  const alice = stand.client("alice");
  alice.register(59);
  stand.pass(10);
  alice.register(60);
  stand.pass(10);
  alice.register(0);
  stand.pass(10);
  assertEquals(alice.statuses(), [423, 200, 200]);
  assertEquals(alice.responses[0]!.header("Min-Expires"), "60");
});

Deno.test("Registrar serves its domains alone, when it has any, and takes no contact it cannot read", () => {
  const stand = new TargetStand({ domain: ["ims.example"] });
  const alice = stand.client("alice");
  alice.register(60, { uri: "sip:elsewhere.example" });
  stand.pass(10);
  alice.register(60, {}, "<tel:+123>");
  stand.pass(10);
  assertEquals([alice.statuses(), stand.proxy.location.size], [[404, 400], 0]);
});

Deno.test("Registrar lists bindings for a REGISTER without Contact", () => {
  const stand = new TargetStand();
  const alice = stand.registered("alice");
  alice.send("REGISTER", { uri: "sip:ims.example", to: alice.uri() });
  stand.pass(10);
  assertEquals(alice.responses[0]!.headerLines("Contact").length, 1);
});

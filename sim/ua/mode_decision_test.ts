/** Which way a message goes by its size, on the wire (I585 §9), and exact sizes of whole requests. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { answering, CHALLENGE, challenging } from "../testing/peer_scripts.ts";
import { facing, type PartyOptions, scripted } from "../testing/user_agent_stand.ts";
import { PagerForm } from "./pager_form.ts";

/** What leaves for a message whose whole request has exactly `total` octets. */
function methodsFor(total: number, options: PartyOptions = {}): string[] {
  const { stand, peer } = scripted(options);
  answering(peer);
  stand.send({ size: total, sizeIsTotal: true });
  stand.wait(50);
  stand.end();
  return peer.methods().filter((method) => method !== "ACK");
}

Deno.test("UserAgent sends 1299 octets as one MESSAGE, and 1300 or 1301 as a session (T1, T2, T3, I585 §9)", () => {
  assertEquals([1299, 1300, 1301].map((total) => methodsFor(total)), [["MESSAGE"], ["INVITE"], ["INVITE"]]);
});

Deno.test("UserAgent takes exactly 1300 octets as pager where the boundary is inclusive (T2, RFC 3428 §8)", () => {
  const options: PartyOptions = { mode: { boundary: "inclusive" } };
  assertEquals([1299, 1300, 1301].map((total) => methodsFor(total, options)), [["MESSAGE"], ["MESSAGE"], ["INVITE"]]);
});

Deno.test("UserAgent with positive knowledge of the path sends 1301 as MESSAGE, 1300 as session (T3, T4, I585 §9)", () => {
  const options: PartyOptions = { mode: { endToEndReliable: true } };
  assertEquals([1299, 1300, 1301].map((total) => methodsFor(total, options)), [["MESSAGE"], ["INVITE"], ["MESSAGE"]]);
});

Deno.test("UserAgent counts each decision once, none of warm-up, and those at exactly the threshold (T2, I585 §9)", () => {
  const { stand, peer } = scripted();
  answering(peer);
  for (const size of [1000, 1299, 1300, 1301]) stand.send({ size, sizeIsTotal: true });
  for (const size of [1000, 1300]) stand.send({ size, sizeIsTotal: true, counted: false });
  stand.wait(50);
  stand.end();
  assertEquals(stand.family("decisions."), { pager: 2, large: 2, at_boundary: 1 });
  assertEquals(stand.count("messages.attempted"), 4);
});

Deno.test("UserAgent does not take TCP on the first hop for knowledge of the path (T5, RFC 3428 §8)", () => {
  assertEquals(methodsFor(1400, { transport: "tcp" }), ["INVITE"]);
});

for (const transport of ["udp", "tcp"] as const) {
  for (const total of [1299, 1300, 1301]) {
    Deno.test(`PagerMessage of a total of ${total} octets arrives as exactly that over ${transport}`, () => {
      const { stand, peer } = scripted({ transport, mode: { force: "pager" } });
      answering(peer);
      stand.send({ size: total, sizeIsTotal: true });
      stand.wait(50);
      const { message, flow } = peer.last("MESSAGE");
      assertEquals(message.octets.length, total);
      assertEquals(message.body().length, Number(message.header("Content-Length")));
      assertEquals(flow.transport, total > 1300 ? "tcp" : transport);
      stand.end();
    });
  }
}

for (const total of [1299, 1300, 1301]) {
  Deno.test(`PagerMessage keeps a total of ${total} octets when a 407 makes it carry credentials`, () => {
    const { stand, peer } = scripted({ password: "secret", mode: { force: "pager" } });
    challenging(peer);
    stand.send({ size: total, sizeIsTotal: true });
    stand.wait(50);
    const [first, second] = peer.all("MESSAGE").map(({ message }) => message);
    assertEquals([first!.octets.length, second!.octets.length], [total, total]);
    assertEquals(second!.body().length < first!.body().length, true);
    assertEquals([first!.body().slice(0, 13), second!.callId()], [second!.body().slice(0, 13), first!.callId()]);
    // and with the credentials known from the start
    stand.send({ size: total, sizeIsTotal: true });
    stand.wait(50);
    const third = peer.last("MESSAGE").message;
    assertEquals([third.octets.length, peer.all("MESSAGE").length], [total, 3]);
    assertStringIncludes(third.header("Proxy-Authorization")!, "nc=00000002");
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 2, accepted_200: 2 });
  });
}

Deno.test("PagerMessage that waited while credentials came keeps its exact total", () => {
  const { stand, peer } = scripted({ password: "secret" });
  challenging(peer);
  stand.send({ size: 1299, sizeIsTotal: true });
  stand.send({ size: 1299, sizeIsTotal: true });
  stand.wait(50);
  const sizes = peer.all("MESSAGE").map(({ message }) => message.octets.length);
  assertEquals(sizes, [1299, 1299, 1299]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 2, accepted_200: 2 });
});

Deno.test("Ledger counts the octets of the content that arrived, after it was made again around credentials", () => {
  const { stand, alice, bob } = facing({ password: "secret" });
  const answers = [407, 200];
  bob.agent.onRequest = (message, transaction, at) => {
    const status = answers.shift()!;
    const headers = status === 407 ? [["Proxy-Authenticate", CHALLENGE] as const] : [];
    bob.endpoint.respond(transaction, message, status, { toTag: "x", headers });
    if (status !== 200) return;
    bob.agent.settings.onDelivery({ receiver: 1, from: alice.agent.aor, content: message.body(), at });
  };
  stand.send({ size: 1299, sizeIsTotal: true });
  stand.wait(50);
  stand.end();
  assertEquals(stand.count("messages.octets_delivered"), bob.received[0]!.length);
  assertEquals(stand.count("messages.corrupted"), 0);
});

Deno.test("UserAgent measures octets, not characters (T6, RFC 3428 §8)", () => {
  const methods = [150, 400].map((characters) => {
    const { stand, peer } = scripted();
    answering(peer);
    stand.send({ text: "\u{1f600}".repeat(characters) });
    stand.wait(50);
    stand.end();
    return peer.methods()[0];
  });
  assertEquals(methods, ["MESSAGE", "INVITE"]);
});

Deno.test("PagerMessage becomes a large message when credentials carry it over the threshold (T7, I585 §9)", () => {
  const { stand, peer } = scripted({ password: "secret" });
  challenging(peer);
  const form = PagerForm.of(stand.alice.agent.settings);
  const size = form.contentSize(form.newFields(stand.alice.agent, "sip:bob@ims.example", false), 1290);
  stand.send({ size });
  stand.wait(50);
  assertEquals(peer.methods(), ["MESSAGE", "INVITE", "ACK"]);
  assertEquals(stand.count("decisions.switched_after_auth"), 1);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
  assertEquals([stand.count("messages.large.attempted"), stand.count("messages.large.rejected")], [1, 1]);
});

for (const sizeBasis of ["body", "content"] as const) {
  Deno.test(`UserAgent that measures the ${sizeBasis} sends 1500 octets in all as MESSAGE, over TCP (T8)`, () => {
    const { stand, peer } = scripted({ mode: { sizeBasis } });
    answering(peer);
    stand.send({ size: 1500, sizeIsTotal: true });
    stand.send({ size: 1300 });
    stand.wait(50);
    stand.end();
    assertEquals(peer.methods().slice(0, 2), ["MESSAGE", "INVITE"]);
    assertEquals(peer.last("MESSAGE").flow.transport, "tcp");
  });
}

Deno.test("PagerForm.contentSize meets every total it can, and says 0 below the size of the header fields", () => {
  const { stand } = scripted();
  const form = PagerForm.of(stand.alice.agent.settings);
  const fields = form.newFields(stand.alice.agent, "sip:bob@ims.example", false);
  const bare = form.size(fields, 0);
  for (let total = bare; total < bare + 1200; total++) {
    const size = form.contentSize(fields, total);
    const missed = total - form.size(fields, size);
    // one more digit of Content-Length costs an octet: those totals do not exist
    assertEquals(missed, total - bare === 10 || total - bare === 101 || total - bare === 1002 ? 1 : 0);
  }
  assertEquals(form.contentSize(fields, bare - 1), 0);
});

import { assert, assertEquals } from "@std/assert";
import type { HeaderField } from "../sip/request.ts";
import { facing, scripted } from "../testing/user_agent_stand.ts";

/** The peer sends one request to alice; gives her answer. */
function asked(method: string, headers: HeaderField[] = [], body?: string) {
  const { stand, alice, peer } = scripted();
  const toTag = headers.find(([name]) => name === "tag")?.[1];
  peer.request(method, undefined, {
    sequence: 1,
    headers: headers.filter(([name]) => name !== "tag"),
    ...(body === undefined ? {} : { body }),
    ...(toTag === undefined ? {} : { toTag }),
  });
  stand.wait(10);
  const answer = peer.responses.at(-1)?.message;
  // an INVITE that is refused is acknowledged
  if (method === "INVITE" && answer !== undefined) {
    peer.request("ACK", undefined, { sequence: 1, branch: answer.branch(), toTag: answer.toTag() });
    stand.wait(10);
  }
  stand.end();
  return { answer: answer!, received: alice.received };
}

Deno.test("UserAgent answers every method of its Allow, and every other one 405 with that list (T14, RFC 3261 §8.2.1)", () => {
  const allow = asked("OPTIONS").answer.headerValues("Allow");
  assertEquals(allow, ["INVITE", "ACK", "CANCEL", "BYE", "MESSAGE", "OPTIONS", "UPDATE"]);
  const methods = [...allow, "INFO", "SUBSCRIBE", "NOTIFY", "REFER", "PRACK", "PUBLISH", "REGISTER", "UNKNOWN"];
  const refused = methods.filter((method) => method !== "ACK" && asked(method).answer.status === 405);
  assertEquals(refused, methods.filter((method) => !allow.includes(method)));
  assertEquals(asked("INFO").answer.headerValues("Allow"), allow);
});

Deno.test("UserAgent says in its answer to OPTIONS what it takes (RFC 3261 §11.2)", () => {
  const { answer } = asked("OPTIONS");
  assertEquals([answer.status, answer.header("Supported")], [200, "timer"]);
  assertEquals(answer.headerValues("Accept"), ["application/sdp", "text/plain"]);
});

Deno.test("UserAgent takes a MESSAGE with 200 without content and Contact, and a To tag (T53, RFC 3428 §7)", () => {
  for (
    const headers of [[], [["Content-Type", "text/plain"]], [["c", "text/plain; charset=UTF-8"]]] as HeaderField[][]
  ) {
    const { answer, received } = asked("MESSAGE", headers, "hello");
    assertEquals([answer.status, answer.body().length, answer.header("Contact")], [200, 0, undefined]);
    assert(answer.toTag() !== "");
    assertEquals(received, ["hello"]);
  }
});

Deno.test("UserAgent answers a MESSAGE of another type 415 with the type it takes (RFC 3428 §7)", () => {
  const { answer, received } = asked("MESSAGE", [["Content-Type", "image/png"]], "x");
  assertEquals([answer.status, answer.header("Accept"), received], [415, "text/plain", []]);
});

Deno.test("UserAgent answers a compressed content 415 with the encoding it takes (RFC 3261 §8.2.3)", () => {
  for (const [method, type] of [["MESSAGE", "text/plain"], ["INVITE", "application/sdp"]] as const) {
    const encoded: HeaderField[] = [["Content-Type", type], ["e", "Deflate"]];
    const { answer, received } = asked(method, encoded, "x");
    assertEquals([answer.status, answer.header("Accept-Encoding"), received], [415, "identity", []]);
  }
  const plain: HeaderField[] = [["Content-Type", "text/plain"], ["Content-Encoding", "identity"]];
  assertEquals(asked("MESSAGE", plain, "x").received, ["x"]);
});

Deno.test("UserAgent refuses an extension that is required and unknown with 420 (RFC 3261 §8.2.2.3)", () => {
  const { answer, received } = asked("MESSAGE", [["Require", "timer, nothing"], ["Require", "more"]], "x");
  assertEquals([answer.status, answer.headerValues("Unsupported"), received], [420, ["nothing", "more"], []]);
  assertEquals(asked("MESSAGE", [["Require", "Timer"]], "x").answer.status, 200);
});

Deno.test("UserAgent answers requests for dialogs it does not have 481 (RFC 3261 §12.2.2)", () => {
  for (const method of ["BYE", "UPDATE", "INVITE"]) {
    assertEquals(asked(method, [["tag", "gone"]]).answer.status, 481, method);
  }
});

Deno.test("UserAgent gives a repeated MESSAGE the same answer, and takes it once (RFC 3261 §17.2.2)", () => {
  const { stand, alice, peer } = scripted();
  for (let k = 0; k < 3; k++) {
    peer.request("MESSAGE", undefined, { sequence: 1, branch: "z9hG4bKsame", body: "once" });
    stand.wait(10);
  }
  assertEquals([alice.received, peer.responses.length], [["once"], 3]);
  assertEquals(new Set(peer.responses.map(({ message }) => message.toTag())).size, 1);
  stand.end();
});

Deno.test("UserAgent survives what is no request at all", () => {
  const { stand, alice, peer } = scripted();
  const texts = [
    "",
    "\r\n\r\n",
    "\u0000\u0001",
    "MESSAGE",
    "SIP/2.0 200 OK\r\n\r\n",
    "BYE sip:a SIP/2.0\r\nVia: x\r\n\r\n",
  ];
  for (const text of texts) peer.sendRaw(text);
  stand.wait(50);
  assertEquals([alice.received, alice.endpoint.leftovers().transactions], [[], 0]);
  stand.end();
});

for (const conditions of [{ delay: 5 }, { loss: 0.3 }, { duplication: 0.5 }, { jitter: 100 }]) {
  Deno.test(`UserAgents exchange messages of all sizes over a network with ${JSON.stringify(conditions)}`, () => {
    const { stand, bob } = facing({ password: "unused" }, {}, conditions);
    const sizes = [0, 1, 7, 8, 16, 17, 100, 700, 1000, 3000, 70_000];
    for (const size of sizes) stand.send({ size });
    stand.wait(300_000);
    assertEquals(bob.received.length, sizes.length);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: sizes.length, accepted_200: sizes.length });
    assertEquals([stand.count("messages.delivered"), stand.count("messages.corrupted")], [sizes.length, 0]);
  });
}

Deno.test("UserAgents send to each other at the same time, in both modes", () => {
  const { stand, alice, bob } = facing();
  for (let k = 0; k < 10; k++) {
    const size = k % 2 === 0 ? 200 : 3000;
    stand.send({ size });
    const fields = { run: 7, sizeIsTotal: false, dueAt: stand.network.wheel.now, counted: true, size };
    bob.agent.send({ sequence: 1000 + k, to: alice.agent.aor, receiver: 0, ...fields });
  }
  stand.wait(1000);
  assertEquals([alice.received.length, bob.received.length], [10, 10]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 20, accepted_200: 20 });
  assertEquals(stand.count("messages.delivered"), 20);
});

import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { toOctets } from "../../bytes/text.ts";
import { Random } from "../../clock/random.ts";
import { read, requestOctets, responseOctets } from "../../testing/transaction_stand.ts";
import { Branches, serverKey } from "./key.ts";

Deno.test("Branches gives the magic cookie, a token and a number that responses are found by (RFC 3261 §17.1.3)", () => {
  const branches = new Branches(new Random(1));
  const [first, second] = [branches.next(), branches.next()];
  assertMatch(first, /^z9hG4bK[0-9a-f]{24}$/);
  assertNotEquals(first, second);
  const response = read(responseOctets(requestOctets({ method: "MESSAGE", branch: first }), 200));
  assertEquals(branches.sequenceIn(response), branches.sequenceOf(first));
  assertEquals(branches.sequenceOf(second), (branches.sequenceOf(first) + 1) % 2 ** 31);
});

Deno.test("Branches knows the branches of others, longer and shorter ones as foreign", () => {
  const branches = new Branches(new Random(1));
  const own = branches.next();
  const others = [new Branches(new Random(2)).next(), `${own}0`, own.slice(0, -1), `${own.slice(0, -1)}x`, "z9hG4bK"];
  for (const branch of others) {
    assertEquals(branches.sequenceIn(read(requestOctets({ method: "MESSAGE", branch }))), -1);
  }
  assertThrows(() => branches.sequenceOf(others[0]!), RangeError, "not one of newBranch");
  assertThrows(() => branches.sequenceOf(own.slice(0, 23)), RangeError, "not one of newBranch");
});

Deno.test("serverKey tells methods, branches and senders apart, and finds the INVITE of an ACK (RFC 3261 §17.2.3)", () => {
  const invite = read(requestOctets({ method: "INVITE", branch: "z9hG4bKa" }));
  const ack = read(requestOctets({ method: "ACK", branch: "z9hG4bKa", toTag: "bob" }));
  const elsewhere = read(toOctets(invite.text().replace("127.0.0.1:5070", "127.0.0.1:5071")));
  assertEquals(serverKey(ack, "INVITE"), serverKey(invite));
  assertNotEquals(serverKey(ack), serverKey(invite));
  assertNotEquals(serverKey(elsewhere), serverKey(invite));
  assertNotEquals(serverKey(read(requestOctets({ method: "INVITE", branch: "z9hG4bKb" }))), serverKey(invite));
});

Deno.test("serverKey takes Call-ID, From tag and CSeq where the magic cookie is missing (RFC 3261 §17.2.3)", () => {
  const old = (text: string) => read(toOctets(text.replace(";branch=z9hG4bKa", "")));
  const invite = requestOctets({ method: "INVITE", branch: "z9hG4bKa" });
  const text = read(invite).text();
  const ack = read(requestOctets({ method: "ACK", branch: "z9hG4bKa", toTag: "bob" })).text();
  assertEquals(serverKey(old(ack), "INVITE"), serverKey(old(text)));
  assertNotEquals(serverKey(old(text.replace("call-1", "call-2"))), serverKey(old(text)));
  assertNotEquals(serverKey(old(text.replace("CSeq: 1", "CSeq: 2"))), serverKey(old(text)));
});

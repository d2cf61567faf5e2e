import { assertEquals, assertMatch } from "@std/assert";
import type { HeaderField } from "../sip/request.ts";
import { scripted } from "../testing/user_agent_stand.ts";

const BODY: HeaderField = ["Content-Type", "application/sdp"];

/** A large message whose INVITE is answered 200 with these header fields; what came after it. */
function established(headers: HeaderField[], provisional: HeaderField[] = []) {
  const { stand, peer } = scripted();
  peer.script = (arrived) => {
    if (arrived.message.method === "BYE") return peer.respond(arrived, 200);
    if (arrived.message.method !== "INVITE") return;
    if (provisional.length > 0) peer.respond(arrived, 180, { headers: provisional });
    const body = new TextEncoder().encode(peer.description());
    peer.respond(arrived, 200, { headers: [...headers, BODY], body });
  };
  stand.send({ size: 3000 });
  stand.wait(100);
  stand.end();
  assertEquals(peer.methods(), ["INVITE", "ACK", "BYE"]);
  return { ack: peer.last("ACK"), bye: peer.last("BYE") };
}

Deno.test("Session sends to the Contact of the answer, through its Record-Route reversed (RFC 3261 §12.1.2, §12.2.1.1)", () => {
  const { ack, bye } = established([
    ["Contact", "<sip:session7@as.example>"],
    ["Record-Route", "<sip:last.example;lr>"],
    ["Record-Route", "<sip:10.0.0.2:5071;lr>"],
  ]);
  for (const { message, flow } of [ack, bye]) {
    assertEquals(message.requestUri(), "sip:session7@as.example");
    assertEquals(message.headerValues("Route"), ["<sip:10.0.0.2:5071;lr>", "<sip:last.example;lr>"]);
    assertEquals(flow.transport, "udp");
  }
  assertEquals([ack.message.cseq()!.sequenceNumber, bye.message.cseq()!.sequenceNumber], [1, 2]);
});

Deno.test("Session goes over the transport that the first route or the Contact names (RFC 3263 §4.1)", () => {
  const byRoute = established([
    ["Contact", "<sip:bob@as.example>"],
    ["Record-Route", "<sip:10.0.0.2:5071;transport=tcp;lr>"],
  ]);
  const byContact = established([["Contact", "<sip:bob@10.0.0.2:5071;transport=TCP>"]]);
  for (const { ack, bye } of [byRoute, byContact]) {
    for (const { message, flow } of [ack, bye]) {
      assertEquals(flow.transport, "tcp");
      assertMatch(message.header("Via")!, /^SIP\/2\.0\/TCP /);
    }
  }
});

Deno.test("Session puts the target last where the first route is a strict one (RFC 3261 §12.2.1.1)", () => {
  const { bye } = established([["Contact", "<sip:bob@as.example>"], ["Record-Route", "<sip:10.0.0.2:5071>"]]);
  assertEquals(bye.message.requestUri(), "sip:10.0.0.2:5071");
  assertEquals(bye.message.headerValues("Route"), ["<sip:bob@as.example>"]);
});

Deno.test("Session takes route and target of the 200, not of the 180 before it (RFC 3261 §13.2.2.4)", () => {
  const { bye } = established([["Contact", "<sip:late@as.example>"]], [
    ["Contact", "<sip:early@as.example>"],
    ["Record-Route", "<sip:nowhere.example;lr>"],
  ]);
  assertEquals([bye.message.requestUri(), bye.message.headerValues("Route")], ["sip:late@as.example", []]);
});

Deno.test("Session sends to the new Contact after a refresh of the peer, and of its own (RFC 3261 §12.2.1.2)", () => {
  const { stand, alice, peer } = scripted({ session: { hold: 10_000_000 } });
  const timer: HeaderField = ["Session-Expires", "600;refresher=uac"];
  peer.script = (arrived) => {
    const { method } = arrived.message;
    if (method === "INVITE") peer.accept(arrived, { headers: [timer, ["Allow", "UPDATE"]] });
    if (method === "UPDATE") peer.respond(arrived, 200, { headers: [timer, ["Contact", "<sip:third@as.example>"]] });
    if (method === "BYE") peer.respond(arrived, 200);
  };
  stand.send({ size: 3000 });
  stand.wait(100);
  peer.request("UPDATE", peer.last("INVITE"), { sequence: 1, headers: [["Contact", "<sip:second@as.example>"]] });
  stand.wait(100);
  // that refresh had no Session-Expires, so the timer is off (RFC 4028 §9)
  stand.wait(700_000);
  assertEquals(peer.all("UPDATE").length, 0);
  alice.agent.abandon();
  stand.wait(100);
  assertEquals(peer.last("BYE").message.requestUri(), "sip:second@as.example");
  stand.end();
});

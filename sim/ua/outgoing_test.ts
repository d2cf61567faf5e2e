import { assertEquals } from "@std/assert";
import { type NextHop, nextHopOf, uriOfRoute } from "./outgoing.ts";

const OTHERWISE: NextHop = { remote: { host: "10.0.0.9", port: 5060 }, transport: "udp" };

Deno.test("nextHopOf takes a numeric host as it is, and any other way for a name (RFC 3263 §4.1, §4.2)", () => {
  const hops = [
    ["sip:bob@10.0.0.2:5071", "10.0.0.2", 5071, "udp"],
    ["sip:10.0.0.2;transport=tcp", "10.0.0.2", 5060, "tcp"],
    ["sip:bob@10.0.0.2:5071;transport=UDP", "10.0.0.2", 5071, "udp"],
    ["sip:bob@[2001:db8::1]:5071;lr", "2001:db8::1", 5071, "udp"],
    ["sip:bob@ims.example;transport=tcp", "10.0.0.9", 5060, "udp"],
    ["tel:+123", "10.0.0.9", 5060, "udp"],
    ["", "10.0.0.9", 5060, "udp"],
  ] as const;
  for (const [uri, host, port, transport] of hops) {
    assertEquals(nextHopOf(uri, OTHERWISE), { remote: { host, port }, transport }, uri);
  }
});

Deno.test("uriOfRoute gives the URI inside the angle brackets of a route", () => {
  assertEquals(uriOfRoute("<sip:p.example;lr>;x=1"), "sip:p.example;lr");
  assertEquals(uriOfRoute('"P" <sip:p.example;lr>'), "sip:p.example;lr");
  assertEquals(uriOfRoute("sip:p.example"), "sip:p.example");
});

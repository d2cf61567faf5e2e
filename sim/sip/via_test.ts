import { assertEquals } from "@std/assert";
import { parseVia } from "./via.ts";

Deno.test("parseVia reads the element of a request (RFC 3261 §20.42, RFC 3581 §3)", () => {
  const via = parseVia("SIP/2.0/UDP pc33.atlanta.com:5070;branch=z9hG4bK776asdhds;rport;maddr=[2001:db8::1]")!;
  assertEquals(via.transport, "UDP");
  assertEquals(via.host, "pc33.atlanta.com");
  assertEquals(via.port, 5070);
  assertEquals(via.branch, "z9hG4bK776asdhds");
  assertEquals(via.rport, true);
  assertEquals(via.maddr, "2001:db8::1");
  assertEquals(via.received, undefined);
});

Deno.test("parseVia reads what a server amended, with and without brackets (RFC 3581 §4, RFC 5118 §4.5)", () => {
  assertEquals(parseVia("SIP/2.0/TCP [::1];received=[2001:db8::9:255];rport=5061")?.received, "2001:db8::9:255");
  const via = parseVia("SIP/2.0/TCP [::1];received=2001:db8::9:255;rport=5061")!;
  assertEquals([via.host, via.port, via.received, via.rport], ["::1", undefined, "2001:db8::9:255", 5061]);
  assertEquals(via.branch, "");
});

Deno.test("parseVia takes white space wherever it may stand (RFC 4475 §3.1.1.1)", () => {
  const via = parseVia("SIP  / 2.0  / tcp     spindle.example.com : 5060  ; branch  =   z9hG4bK9ikj8")!;
  assertEquals([via.transport, via.host, via.port, via.branch], ["TCP", "spindle.example.com", 5060, "z9hG4bK9ikj8"]);
});

Deno.test("parseVia reads other versions, so that they can be answered 505 (RFC 4475 §3.1.2.16)", () => {
  assertEquals(parseVia("SIP/7.0/UDP host;branch=z9hG4bKa")?.branch, "z9hG4bKa");
});

Deno.test("parseVia refuses what is no Via", () => {
  for (
    const text of [
      "",
      "SIP/2.0/UDP",
      "SIP/two/UDP host",
      "SIP/2.0/UDP host:0",
      "SIP/2.0/UDP host:70000",
      "SIP/2.0/UDP ho st",
      "SIP/2.0/UDP [::1",
      "SIP/2.0/UDP host;branch=<",
    ]
  ) assertEquals(parseVia(text), undefined, text);
});

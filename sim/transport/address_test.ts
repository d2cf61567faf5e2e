import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { isIP } from "node:net";
import { formatAddress, hostOfOctets, octetsOfHost, parseHostPort, sameAddress } from "./address.ts";

Deno.test("parseHostPort reads IPv4, IPv6 in brackets and host names", () => {
  assertEquals(parseHostPort("127.0.0.1:5060"), { host: "127.0.0.1", port: 5060 });
  assertEquals(parseHostPort("[::1]:5060"), { host: "::1", port: 5060 });
  assertEquals(parseHostPort("im.example:65535"), { host: "im.example", port: 65535 });
});

Deno.test("parseHostPort takes the default port where none is written", () => {
  assertEquals(parseHostPort("127.0.0.1", 5060), { host: "127.0.0.1", port: 5060 });
  assertEquals(parseHostPort("[2001:db8::10]", 5060), { host: "2001:db8::10", port: 5060 });
  assertEquals(parseHostPort("localhost"), undefined);
});

Deno.test("parseHostPort reads a bare IPv6 address as a host, never its last group as a port (RFC 5118 §4.3)", () => {
  assertEquals(parseHostPort("2001:db8::10:5070", 5060), { host: "2001:db8::10:5070", port: 5060 });
});

Deno.test("parseHostPort refuses what is no address", () => {
  const texts = ["", ":5060", "host:", "host:0", "host:65536", "host:5060x", "host: 5060", "[::1", "[::1]5060"];
  texts.push("[127.0.0.1]:5060", "[host]:5060", "a:b:5060", "user@host:5060", "1:2:3:4:5:6:7:8:9");
  for (const text of texts) assertEquals(parseHostPort(text, 5060), undefined, text);
});

Deno.test("formatAddress writes what parseHostPort reads", () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  fc.assert(fc.property(host, fc.integer({ min: 1, max: 65535 }), (host, port) => {
    assertEquals(parseHostPort(formatAddress({ host, port })), { host, port });
  }));
});

Deno.test("parseHostPort never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseHostPort(text, 5060);
    octetsOfHost(text);
  }));
});

Deno.test("sameAddress compares host and port", () => {
  const address = { host: "127.0.0.1", port: 5060 };
  assertEquals(sameAddress(address, { ...address }), true);
  assertEquals(sameAddress(address, { ...address, port: 5061 }), false);
  assertEquals(sameAddress(address, { ...address, host: "127.0.0.2" }), false);
});

Deno.test("octetsOfHost takes a text for numeric exactly where node:net does", () => {
  const part = fc.constantFrom("0", "1", "255", "256", "01", "ffff", "fffff", "g", ".", ":", "::", "127.0.0.1");
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.array(part, { maxLength: 12 }).map((parts) => parts.join("")));
  fc.assert(
    fc.property(text, (text) => {
      const family = octetsOfHost(text)?.length ?? 0;
      assertEquals(family, { 0: 0, 4: 4, 6: 16 }[isIP(text)], text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("hostOfOctets gives the same address back, IPv6 in its canonical form (RFC 5952 §4)", () => {
  fc.assert(fc.property(fc.ipV4(), (host) => assertEquals(hostOfOctets(octetsOfHost(host)!), host)));
  const zeros = fc.constantFrom(0, 0, 1, 255);
  fc.assert(fc.property(fc.array(zeros, { minLength: 16, maxLength: 16 }), (octets) => {
    const host = hostOfOctets(Uint8Array.from(octets));
    assertEquals([...octetsOfHost(host)!], octets);
    if (!host.includes(".")) assertEquals(new URL(`http://[${host}]/`).hostname, `[${host}]`);
  }));
  assertEquals(hostOfOctets(octetsOfHost("0:0:0:0:0:0:0:1")!), "::1");
  assertEquals(hostOfOctets(new Uint8Array(16)), "::");
  assertEquals(hostOfOctets(octetsOfHost("2001:db8:0:0:1:0:0:1")!), "2001:db8::1:0:0:1");
  assertEquals(hostOfOctets(octetsOfHost("1:0:2:3:4:5:6:7")!), "1:0:2:3:4:5:6:7");
  assertEquals(hostOfOctets(octetsOfHost("::ffff:7f00:1")!), "::ffff:127.0.0.1");
});

Deno.test("hostOfOctets throws on another number of octets", () => {
  assertThrows(() => hostOfOctets(new Uint8Array(5)), RangeError, "5 octets");
});

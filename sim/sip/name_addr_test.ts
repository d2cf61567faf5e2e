import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type NameAddr, parseNameAddr, writeNameAddr } from "./name_addr.ts";

Deno.test("parseNameAddr reads a name, a URI and the parameters of the header (RFC 3261 §20.10)", () => {
  assertEquals(parseNameAddr('"A. \\"G\\" Bell" <sip:agb@bell.example;transport=tcp> ;tag=a48s;q=0.5'), {
    displayName: 'A. "G" Bell',
    uri: "sip:agb@bell.example;transport=tcp",
    parameters: new Map([["tag", "a48s"], ["q", "0.5"]]),
  });
  assertEquals(parseNameAddr("Alice  Smith <sip:a@b>")?.displayName, "Alice  Smith");
  assertEquals(parseNameAddr('""<sip:a@b>'), { uri: "sip:a@b", parameters: new Map() });
});

Deno.test("parseNameAddr gives parameters behind a bare URI to the header (RFC 3261 §20.10)", () => {
  assertEquals(parseNameAddr("sip:a@b;tag=1"), { uri: "sip:a@b", parameters: new Map([["tag", "1"]]) });
  assertEquals(parseNameAddr("tel:+1555")?.uri, "tel:+1555");
  assertEquals(parseNameAddr(" * ")?.uri, "*");
});

Deno.test("parseNameAddr refuses malformed addresses (RFC 4475 §3.1.2)", () => {
  for (
    const text of [
      "",
      '"Mr. J. User <sip:j.user@example.com>',
      "Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
      '"Watson, Thomas" < sip:t.watson@example.org >',
      "<sip:a@b",
      "<>",
      "sip:a b@c",
      "sip:a@b?Route=%3Csip:c%3E",
      '"Bell" sip:a@b',
      "<sip:a@b> tag=1",
    ]
  ) assertEquals(parseNameAddr(text), undefined, text);
});

Deno.test("writeNameAddr gives back what parseNameAddr read", () => {
  const addresses = fc.record({
    displayName: fc.string({ unit: "grapheme", minLength: 1 }),
    uri: fc.stringMatching(/^(sip|sips|tel):[\w.@;=,?+-]{1,20}$/),
    parameters: fc.constantFrom(new Map(), new Map([["tag", "1"]]), new Map([["lr", undefined]])),
  }, { requiredKeys: ["uri", "parameters"], noNullPrototype: true });
  fc.assert(fc.property(addresses, (address: NameAddr) => {
    assertEquals(parseNameAddr(writeNameAddr(address)), address);
  }));
  assertEquals(writeNameAddr({ uri: "*", parameters: new Map() }), "*");
});

Deno.test("parseNameAddr never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseNameAddr(text);
    parseNameAddr(`"${text}<sip:${text}>;${text}`);
  }));
});

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { canonicalMsrpUri, type MsrpUri, parseMsrpUri, sameMsrpUri, writeMsrpUri } from "./uri.ts";

Deno.test("parseMsrpUri gives the parts (RFC 4975 §6)", () => {
  assertEquals(parseMsrpUri("msrp://127.0.0.1:2855/iau39+=/soe2843z;tcp"), {
    scheme: "msrp",
    host: "127.0.0.1",
    port: 2855,
    sessionId: "iau39+=/soe2843z",
    transport: "tcp",
  });
  assertEquals(parseMsrpUri("MSRPS://bob@[::1]/x;TCP;a=b;c"), {
    scheme: "msrps",
    host: "::1",
    port: undefined,
    sessionId: "x",
    transport: "tcp",
  });
  assertEquals(parseMsrpUri("msrp://relay.example:2855;tcp")?.sessionId, undefined);
});

Deno.test("parseMsrpUri refuses what the grammar does not give", () => {
  for (
    const text of [
      "",
      "sip:bob@ims.example",
      "msrp://host:2855/x",
      "msrp://host:99999/x;tcp",
      "msrp:///x;tcp",
      "msrp://host/;tcp",
      "msrp://host/a b;tcp",
      "msrp://host/x;",
      " msrp://host/x;tcp",
    ]
  ) assertEquals(parseMsrpUri(text), undefined, text);
});

Deno.test("sameMsrpUri compares as RFC 4975 §6.1 says", () => {
  const uri = "msrp://host.example:2855/AbC;tcp";
  assert(sameMsrpUri(uri, "MSRP://alice@HOST.example:2855/AbC;TCP;x=y"));
  assert(!sameMsrpUri(uri, "msrp://host.example:2855/abc;tcp"));
  assert(!sameMsrpUri(uri, "msrp://host.example/AbC;tcp"));
  assert(!sameMsrpUri(uri, "msrps://host.example:2855/AbC;tcp"));
  assert(!sameMsrpUri(uri, "msrp://host.example:2855;tcp"));
  assert(!sameMsrpUri("nothing", "nothing"));
});

Deno.test("parseMsrpUri reads back what writeMsrpUri wrote, and random text never throws", () => {
  const uri = fc.record<MsrpUri>({
    scheme: fc.constantFrom("msrp", "msrps"),
    host: fc.constantFrom("127.0.0.1", "::1", "host.example"),
    port: fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
    sessionId: fc.option(fc.stringMatching(/^[A-Za-z0-9._~+=/-]{1,30}$/), { nil: undefined }),
    transport: fc.constantFrom("tcp", "ws"),
  }, { noNullPrototype: true });
  fc.assert(fc.property(uri, (value) => {
    const text = writeMsrpUri(value);
    assertEquals(parseMsrpUri(text), value);
    assertEquals(canonicalMsrpUri(text), text);
  }));
  fc.assert(fc.property(fc.string(), (text) => void parseMsrpUri(`msrp://${text}`)));
});

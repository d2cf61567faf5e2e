import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { addressOfRecordOf, isLooseRouter, parameterOf, parseUri, sameUri, type SipUri, writeUri } from "./uri.ts";

Deno.test("parseUri takes a URI apart (RFC 3261 §19.1.1)", () => {
  const uri = parseUri("sip:alice:secret@[2001:db8::10]:5070;transport=tcp;lr?Subject=hello&Priority=urgent")!;
  assertEquals(uri.scheme, "sip");
  assertEquals(uri.user, "alice:secret");
  assertEquals(uri.host, "2001:db8::10");
  assertEquals(uri.port, 5070);
  assertEquals(parameterOf(uri, "Transport"), "tcp");
  assertEquals(parameterOf(uri, "lr"), "");
  assertEquals(parameterOf(uri, "maddr"), undefined);
  assertEquals(uri.headers, "Subject=hello&Priority=urgent");
});

Deno.test("parseUri leaves out what a URI has not", () => {
  assertEquals(parseUri("SIPS:ims.example"), { scheme: "sips", host: "ims.example", parameters: new Map() });
});

Deno.test("parseUri takes semicolons, question marks and escapes in the user (RFC 4475 §3.1.1.2, §3.1.1.9)", () => {
  assertEquals(
    parseUri(
      "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
    )?.host,
    "example.com",
  );
  assertEquals(parseUri("sip:user;par=u%40example.net@example.com")?.user, "user;par=u%40example.net");
  assertEquals(parseUri("sip:sips%3Auser%40example.com@example.net")?.user, "sips%3Auser%40example.com");
});

Deno.test("parseUri refuses what is no SIP URI", () => {
  for (
    const text of [
      "",
      "sip:",
      "tel:+15551212",
      "alice@ims.example",
      "<sip:a@b>",
      "sip:a b@c",
      "sip:a@b@c",
      "sip:@host",
      "sip:host:",
      "sip:host:0",
      "sip:host:65536",
      "sip:[::1",
      "sip:a%4@b",
      'sip:a@b;x="y"',
    ]
  ) assertEquals(parseUri(text), undefined, text);
});

Deno.test("isLooseRouter looks for lr (RFC 3261 §16.12)", () => {
  assertEquals(isLooseRouter(parseUri("sip:p1.example.com;lr")!), true);
  assertEquals(isLooseRouter(parseUri("sip:p1.example.com;lr=on")!), true);
  assertEquals(isLooseRouter(parseUri("sip:lr@p1.example.com")!), false);
});

Deno.test("addressOfRecordOf drops parameters and unescapes (RFC 3261 §10.3)", () => {
  assertEquals(addressOfRecordOf("sip:%61lice@IMS.Example;transport=tcp?Subject=x"), "sip:alice@ims.example");
  assertEquals(addressOfRecordOf("sip:null-%00-null@example.com"), "sip:null-%00-null@example.com");
  assertEquals(addressOfRecordOf("sip:+1555@ims.example;user=phone"), "sip:+1555@ims.example");
  assertEquals(addressOfRecordOf("tel:+1555"), undefined);
});

Deno.test("sameUri finds the examples of RFC 3261 §19.1.4 equal", () => {
  for (
    const [a, b] of [
      ["sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"],
      ["sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"],
      ["sip:carol@chicago.com", "sip:carol@chicago.com;security=on"],
      ["sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"],
      [
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
      ],
      [
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
      ],
    ] as const
  ) assertEquals([sameUri(a, b), sameUri(b, a)], [true, true], `${a} ${b}`);
});

Deno.test("sameUri finds the examples of RFC 3261 §19.1.4 different", () => {
  for (
    const [a, b] of [
      ["SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"],
      ["sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"],
      ["sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"],
      ["sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"],
      ["sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"],
      ["sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"],
      ["sip:carol@chicago.com;security=off", "sip:carol@chicago.com;security=on"],
      ["sip:a%40b@c", "sip:a@b"],
      ["sip:bob@biloxi.com", "sips:bob@biloxi.com"],
      ["tel:1", "sip:1"],
    ] as const
  ) assertEquals([sameUri(a, b), sameUri(b, a)], [false, false], `${a} ${b}`);
});

Deno.test("writeUri gives back what parseUri read", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
  const uris = fc.record({
    scheme: fc.constantFrom("sip" as const, "sips" as const),
    user: fc.stringMatching(/^[\w.!~*'()&=+$,;?/-]{1,12}$/),
    host: fc.oneof(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), fc.ipV4(), fc.ipV6()),
    port: fc.integer({ min: 1, max: 65535 }),
    parameters: fc.array(fc.tuple(name, fc.option(fc.stringMatching(/^[\w.[\]:+-]{1,8}$/), { nil: undefined })))
      .map((entries) => new Map(entries)),
    headers: fc.stringMatching(/^[a-z]{1,5}=[a-z]{0,5}$/),
  }, { requiredKeys: ["scheme", "host", "parameters"], noNullPrototype: true });
  fc.assert(fc.property(uris, (uri: SipUri) => assertEquals(parseUri(writeUri(uri)), uri)));
});

Deno.test("parseUri never throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    parseUri(text);
    parseUri(`sip:${text}`);
    sameUri(`sip:${text}`, text);
  }));
});

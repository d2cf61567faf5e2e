import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import sdpTransform from "sdp-transform";
import { attributeOf, type Description, parseDescription, writeDescription } from "./description.ts";

/** What is used here of the npm package `sdp-transform`, which brings no types. */
interface SdpTransform {
  parse(text: string): {
    version: number;
    origin: { username: string; sessionId: number; netType: string; address: string };
    name: string;
    connection?: { version: number; ip: string };
    direction?: string;
    media: {
      type: string;
      port: number;
      protocol: string;
      payloads: string;
      connection?: { ip: string };
      setup?: string;
    }[];
  };
}
const oracle = sdpTransform as unknown as SdpTransform;

const SAMPLE = [
  "v=0",
  "o=- 3913000000 3913000000 IN IP4 127.0.0.1",
  "s=-",
  "i=a talk",
  "c=IN IP4 127.0.0.1",
  "b=AS:64",
  "t=0 0",
  "a=sendonly",
  "m=audio 5004/2 RTP/AVP 0 8",
  "a=rtpmap:0 PCMU/8000",
  "m=message 2855 TCP/MSRP *",
  "c=IN IP6 ::1",
  "a=setup:actpass",
  "",
].join("\r\n");

function read(text: string): Description {
  const description = parseDescription(text);
  assert(typeof description !== "string", `fault ${JSON.stringify(description)}`);
  return description;
}

Deno.test("parseDescription gives session and media sections apart", () => {
  const description = read(SAMPLE);
  assertEquals(description.origin, "- 3913000000 3913000000 IN IP4 127.0.0.1");
  assertEquals(description.connection, "127.0.0.1");
  assertEquals(description.attributes, [{ name: "sendonly", value: undefined }]);
  assertEquals(description.media.map(({ media, port, formats }) => [media, port, formats.join()]), [
    ["audio", 5004, "0,8"],
    ["message", 2855, "*"],
  ]);
  assertEquals(description.media[1]!.connection, "::1");
  assertEquals(attributeOf(description.media[1]!.attributes, "setup"), "actpass");
  assertEquals(attributeOf(description.media[1]!.attributes, "path"), undefined);
});

Deno.test("parseDescription reads lines that end in LF alone (RFC 8866 §5)", () => {
  assertEquals(parseDescription(SAMPLE.replaceAll("\r\n", "\n")), read(SAMPLE));
});

Deno.test("parseDescription names what is wrong", () => {
  const cases: [string, string][] = [
    ["", "bad_version"],
    ["v=1\r\n", "bad_version"],
    ["v=0\r\ns=-\r\n", "bad_origin"],
    ["v=0\r\no=- 1 IN IP4 a\r\ns=-\r\n", "bad_origin"],
    ["v=0\r\no=- 1 1 IN IP4 a\r\nt=0 0\r\n", "bad_line"],
    ["v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\ny=what\r\n", "bad_line"],
    ["v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nnonsense\r\n", "bad_line"],
    ["v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\na=: \r\n", "bad_line"],
    ["v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nc=IN IP5 x\r\n", "bad_connection"],
    ["v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nm=message x TCP/MSRP *\r\n", "bad_media"],
    ["v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nm=message 65536 TCP/MSRP *\r\n", "bad_media"],
  ];
  for (const [text, fault] of cases) assertEquals<unknown>(parseDescription(text), fault, JSON.stringify(text));
});

Deno.test("parseDescription never throws, whatever the text", () => {
  const line = fc.tuple(fc.constantFrom("v", "o", "s", "c", "m", "a", "t", "z", "?"), fc.string()).map((it) =>
    it.join("=")
  );
  fc.assert(fc.property(fc.array(line), (lines) => {
    parseDescription(`v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\n${lines.join("\r\n")}`);
    parseDescription(lines.join("\n"));
  }));
});

Deno.test("parseDescription reads back what writeDescription wrote", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
  const attributes = fc.array(fc.record({ name: word, value: fc.option(word, { nil: undefined }) }), { maxLength: 4 });
  const connection = fc.constantFrom("127.0.0.1", "::1", undefined);
  const media = fc.record({
    media: word,
    port: fc.nat(65535),
    protocol: fc.constantFrom("TCP/MSRP", "TCP/TLS/MSRP", "RTP/AVP"),
    formats: fc.array(word, { minLength: 1, maxLength: 3 }),
    connection,
    attributes,
  });
  const description = fc.record({
    origin: fc.constant("- 1 2 IN IP4 127.0.0.1"),
    sessionName: word,
    connection,
    attributes,
    media: fc.array(media, { maxLength: 3 }),
  });
  fc.assert(fc.property(description, (value) => {
    assertEquals<unknown>(structuredClone(parseDescription(writeDescription(value))), structuredClone(value));
  }));
});

Deno.test("writeDescription gives lines that an independent parser reads the same", () => {
  const theirs = oracle.parse(writeDescription(read(SAMPLE)));
  assertEquals(theirs.version, 0);
  assertEquals([theirs.origin.sessionId, theirs.origin.address], [3913000000, "127.0.0.1"]);
  assertEquals(theirs.connection, { version: 4, ip: "127.0.0.1" });
  assertEquals(theirs.direction, "sendonly");
  const { type, port, protocol, payloads, setup, connection } = theirs.media[1]!;
  assertEquals([type, port, protocol, payloads, setup, connection?.ip], [
    "message",
    2855,
    "TCP/MSRP",
    "*",
    "actpass",
    "::1",
  ]);
});

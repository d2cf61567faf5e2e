import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LARGE_OFFER } from "../testing/messages.ts";
import {
  acceptsType,
  answerSetup,
  connector,
  isSdpFault,
  type MsrpMedia,
  parseMsrpMedia,
  type Setup,
  writeMsrpOffer,
} from "./msrp_media.ts";

const OFFER: MsrpMedia = {
  host: "127.0.0.1",
  port: 2855,
  path: ["msrp://127.0.0.1:2855/iau39soe2843z;tcp"],
  tls: false,
  acceptTypes: ["message/cpim"],
  acceptWrappedTypes: ["text/plain", "message/imdn+xml"],
  setup: "actpass",
  direction: "sendonly",
  origin: "- 3913000000 3913000000 IN IP4 127.0.0.1",
};

const OFFER_TEXT = LARGE_OFFER.replaceAll("\n", "\r\n");

Deno.test("writeMsrpOffer writes the offer of the fact sheet, 266 octets", () => {
  assertEquals(writeMsrpOffer(OFFER), OFFER_TEXT);
  assertEquals(writeMsrpOffer(OFFER).length, 266);
});

Deno.test("parseMsrpMedia reads back what writeMsrpOffer wrote", () => {
  const type = fc.constantFrom("message/cpim", "text/plain", "text/*", "*");
  const media = fc.record({
    host: fc.constantFrom("127.0.0.1", "::1"),
    port: fc.integer({ min: 1, max: 65535 }),
    path: fc.array(fc.constantFrom("msrp://127.0.0.1:9/a+b=c/d;tcp", "msrps://[::1]:2855/x;tcp;p=q"), { minLength: 1 }),
    tls: fc.boolean(),
    acceptTypes: fc.array(type, { minLength: 1 }),
    acceptWrappedTypes: fc.array(type, { minLength: 1 }),
    setup: fc.constantFrom<Setup>("active", "passive", "actpass"),
    direction: fc.constantFrom<MsrpMedia["direction"]>("sendonly", "recvonly", "sendrecv", "inactive"),
    maxSize: fc.nat(),
    origin: fc.constant("alice 1 2 IN IP4 127.0.0.1"),
  }, { requiredKeys: ["host", "port", "path", "tls", "acceptTypes", "direction", "origin"] });
  fc.assert(fc.property(media, (value) => {
    assertEquals<unknown>(structuredClone(parseMsrpMedia(writeMsrpOffer(value))), structuredClone(value));
  }));
});

Deno.test("parseMsrpMedia tells origins and paths apart in descriptions that are else alike, and their faults", () => {
  const path = "a=path:msrp://127.0.0.1:2855/iau39soe2843z;tcp";
  const read = (from: string, to: string) => {
    const media = parseMsrpMedia(OFFER_TEXT.replace(from, to));
    return isSdpFault(media) ? media : [media.origin, ...media.path];
  };
  const one = "msrp://127.0.0.1:1/one;tcp";
  const two = "msrp://127.0.0.1:2/two;tcp";
  assertEquals(read(path, `a=path:${one}`), [OFFER.origin, one]);
  assertEquals(read(path, `a=path:${two} ${one}`), [OFFER.origin, two, one]);
  assertEquals(read("o=- 3913000000", "o=- 7"), ["- 7 3913000000 IN IP4 127.0.0.1", ...OFFER.path]);
  assertEquals(read(path, `a=path:${one}\r\na=path:${two}`), [OFFER.origin, one], "the first one counts");
  assertEquals(read(path, `a=path:${one}\na=x`), [OFFER.origin, one], "lines may end in LF alone");
  assertEquals(read(path, "a=path:msrp://127.0.0.1"), "bad_path");
  assertEquals(read("o=- 3913000000", "o=- x"), "bad_sdp");
  assertEquals(read("m=message", `${path}\r\nm=audio 1 RTP/AVP 0\r\nm=message`), [OFFER.origin, ...OFFER.path]);
  assertEquals(read(path, "a=x"), "no_path");
});

Deno.test("parseMsrpMedia passes over attributes it does not know, and reads holdconn as absent (RFC 6135 §4.2.1)", () => {
  const text = OFFER_TEXT.replace("a=setup:actpass", "a=msrp-acm\r\na=connection:new\r\na=setup:holdconn");
  const media = parseMsrpMedia(text);
  assert(!isSdpFault(media));
  assertEquals(media.setup, undefined);
  assertEquals(media.direction, "sendonly");
});

Deno.test("parseMsrpMedia takes direction and setup of the session, and sendrecv by default (RFC 4975 §8.9)", () => {
  const text = OFFER_TEXT.replace("a=sendonly\r\n", "").replace("a=setup:actpass\r\n", "");
  const plain = parseMsrpMedia(text);
  assert(!isSdpFault(plain));
  assertEquals([plain.direction, plain.setup], ["sendrecv", undefined]);
  const session = parseMsrpMedia(text.replace("t=0 0\r\n", "t=0 0\r\na=recvonly\r\na=setup:active\r\n"));
  assert(!isSdpFault(session));
  assertEquals([session.direction, session.setup], ["recvonly", "active"]);
});

Deno.test("parseMsrpMedia names why a stream cannot be used", () => {
  const cases: [string, string, string][] = [
    ["v=0", "v=7", "bad_sdp"],
    ["m=message", "m=audio", "no_message_media"],
    ["TCP/MSRP", "RTP/AVP", "no_message_media"],
    ["message 2855", "message 0", "rejected"],
    ["c=IN IP4 127.0.0.1\r\n", "", "no_connection"],
    ["a=path:", "a=pfad:", "no_path"],
    ["127.0.0.1:2855/", "127.0.0.1/", "bad_path"],
    ["a=accept-types:message/cpim", "a=accept-types: ", "no_accept_types"],
    ["a=sendonly", "a=max-size:many", "bad_max_size"],
  ];
  for (const [from, to, fault] of cases) assertEquals<unknown>(parseMsrpMedia(OFFER_TEXT.replace(from, to)), fault);
});

Deno.test("connector follows the table of setups (RFC 6135 §4.2)", () => {
  const cases: [Setup | undefined, Setup | undefined, "offerer" | "answerer"][] = [
    ["actpass", "passive", "offerer"],
    ["actpass", "active", "answerer"],
    ["actpass", undefined, "offerer"],
    ["active", "passive", "offerer"],
    ["active", "active", "offerer"],
    ["active", undefined, "offerer"],
    [undefined, undefined, "offerer"],
    [undefined, "passive", "offerer"],
    [undefined, "active", "answerer"],
  ];
  for (const [offer, answer, expected] of cases) assertEquals(connector(offer, answer), expected, `${offer} ${answer}`);
});

Deno.test("answerSetup takes the policy only where the offer leaves the choice (RFC 6135 §4.2.2)", () => {
  assertEquals(answerSetup("actpass", "passive"), "passive");
  assertEquals(answerSetup("actpass", "active"), "active");
  for (const policy of ["passive", "active"] as const) {
    assertEquals(answerSetup("active", policy), "passive");
    assertEquals(answerSetup("passive", policy), "active");
    assertEquals(answerSetup(undefined, policy), "passive");
  }
});

Deno.test("answerSetup always gives a pair that somebody connects", () => {
  for (const offer of ["active", "actpass", undefined] as const) {
    for (const policy of ["passive", "active"] as const) {
      const answer = answerSetup(offer, policy);
      assertEquals(connector(offer, answer), answer === "active" ? "answerer" : "offerer");
    }
  }
});

Deno.test("acceptsType knows wildcards and ignores case and parameters (RFC 4975 §8.6)", () => {
  assert(acceptsType({ acceptTypes: ["*"] }, "image/png"));
  assert(acceptsType({ acceptTypes: ["text/*"] }, "Text/Plain;charset=UTF-8"));
  assert(acceptsType({ acceptTypes: ["message/CPIM"] }, "message/cpim"));
  assert(!acceptsType({ acceptTypes: ["message/cpim"] }, "text/plain"));
  assert(!acceptsType({ acceptTypes: ["text/*"] }, "message/cpim"));
});

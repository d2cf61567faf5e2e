import { assertEquals } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { areGoodVias, isUsualVia } from "./via_octets.ts";

const PARAMETERS = ";branch=z9hG4bKa;rport";

function isUsual(text: string): boolean {
  const octets = toOctets(`Via: ${text}\r\n`);
  return isUsualVia(octets, 5, octets.length - 2);
}

Deno.test("isUsualVia knows the form that everybody writes (RFC 3261 §20.42)", () => {
  for (const host of ["h", "127.0.0.1:5070", "[::1]", "[2001:db8::9:1]:5060", "[::ffff:192.0.2.1]"]) {
    assertEquals([isUsual(`SIP/2.0/UDP ${host}${PARAMETERS}`), areGoodVias(`SIP/2.0/UDP ${host}`)], [true, true], host);
  }
});

Deno.test("isUsualVia leaves unusual forms to areGoodVias", () => {
  for (
    const text of ["SIP / 2.0 / UDP h", "SIP/2.0/UDP  h", "SIP/2.0/UDP h ;x", "SIP/2.0/UDP h : 5060", "SIP/2.0/UDP h"]
  ) {
    assertEquals([isUsual(text), areGoodVias(text + PARAMETERS)], [false, true], text);
  }
});

Deno.test("Neither takes a Via that is malformed", () => {
  for (const host of ["", "h:x", "h:0", "[::1", "[", "[2001;x:db8::1]", "[2001:db8::9:1$", "h,;"]) {
    const text = `SIP/2.0/UDP ${host}${PARAMETERS}`;
    assertEquals([isUsual(text), areGoodVias(text)], [false, false], text);
  }
  for (const text of ["", ",SIP/2.0/UDP h", "SIP/3.0/UDP h", "SIP/2.0/UDP h, SIP/3.0/UDP i", "SIP/2.0/UDP h, ;"]) {
    assertEquals(areGoodVias(text), false, text);
  }
});

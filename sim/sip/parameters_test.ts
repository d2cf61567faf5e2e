import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { toOctets } from "../bytes/text.ts";
import { parameterValueFrom, parameterValueTo, parseParameters, writeParameters } from "./parameters.ts";

Deno.test("parseParameters reads names in any case, values as they stand", () => {
  const parameters = parseParameters(' ; Tag = a73k ;+sip.instance="<urn:uuid:1;2>";lr;empty=;received=[::1]');
  assertEquals(
    parameters,
    new Map([
      ["tag", "a73k"],
      ["+sip.instance", '"<urn:uuid:1;2>"'],
      ["lr", undefined],
      ["empty", ""],
      ["received", "[::1]"],
    ]),
  );
});

Deno.test("parseParameters passes over empty parameters and keeps the first of two", () => {
  assertEquals(parseParameters(";;a=1; ;A=2;"), new Map([["a", "1"]]));
  assertEquals(parseParameters(" "), new Map());
});

Deno.test("parseParameters refuses what is none", () => {
  for (const text of ["a=1", ";a=1 b", ';a="open', ";a=<b>", ";a,b", ";=1"]) {
    assertEquals(parseParameters(text), undefined, text);
  }
});

Deno.test("writeParameters gives back what parseParameters read", () => {
  const names = fc.stringMatching(/^[a-z0-9.!%*_+`'~-]{1,8}$/);
  const values = fc.oneof(
    fc.constant(undefined),
    fc.stringMatching(/^[\w.[\]:%+-]{0,8}$/),
    fc.stringMatching(/^"[\w ;,<>=]{0,8}"$/),
  );
  fc.assert(fc.property(fc.array(fc.tuple(names, values)), (entries) => {
    const parameters = new Map(entries);
    assertEquals(parseParameters(writeParameters(parameters)), parameters);
  }));
});

function valueIn(text: string, name: string): string | undefined {
  const octets = toOctets(`x${text}\r\n`);
  const to = octets.length - 2;
  const from = parameterValueFrom(octets, 1, to, name);
  return from < 0 ? undefined : new TextDecoder().decode(octets.subarray(from, parameterValueTo(octets, from, to)));
}

Deno.test("parameterValueFrom finds a parameter of the first element without making strings", () => {
  assertEquals(valueIn("SIP/2.0/UDP h;Branch=z9hG4bK1;rport", "branch"), "z9hG4bK1");
  assertEquals(valueIn("SIP/2.0/UDP h;rport", "rport"), "");
  assertEquals(valueIn("h ;\r\n branch  =\r\n  z9 ;x", "branch"), "z9");
  assertEquals(valueIn('"n;tag=1" <sip:a;tag=2>;tag=3', "tag"), "3");
  assertEquals(valueIn("h;a=1, h;branch=2", "branch"), undefined);
  assertEquals(valueIn("h;branchx=1;xbranch=2", "branch"), undefined);
  assertEquals(valueIn("h", "branch"), undefined);
});

Deno.test("parseParameters never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseParameters(text);
    parseParameters(`;${text}`);
    valueIn(text, "tag");
  }));
});

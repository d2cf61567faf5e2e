import { assertEquals } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { methodAt, METHODS } from "./method.ts";

Deno.test("methodAt knows every method by name", () => {
  for (const method of METHODS) assertEquals(methodAt(toOctets(`x${method} `), 1, 1 + method.length), method);
});

Deno.test("methodAt takes any other token as it stands, as methods are case-sensitive (RFC 3261 §7.1)", () => {
  for (const method of ["invite", "BYEX", "NEWMETHOD", "!interesting-Method0123456789_*+`.%indeed'~", "X"]) {
    assertEquals(methodAt(toOctets(method), 0, method.length), method);
  }
});

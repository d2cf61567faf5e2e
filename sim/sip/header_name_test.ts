import { assertEquals } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { headerIdAt, headerIdOf, headerNameOf, UNKNOWN_HEADER } from "./header_name.ts";

function idAt(name: string): number {
  return headerIdAt(toOctets(`:${name}:`), 1, 1 + name.length);
}

Deno.test("headerIdAt knows names in any case (RFC 3261 §7.3.1)", () => {
  for (const name of ["Via", "VIA", "via", "Call-ID", "call-id", "CSEQ", "session-expires", "P-Asserted-Identity"]) {
    assertEquals(headerNameOf(idAt(name)).toLowerCase(), name.toLowerCase());
    assertEquals(headerIdOf(name), idAt(name));
  }
});

Deno.test("headerIdAt knows compact forms in any case (RFC 3261 §7.3.3 and its extensions)", () => {
  const names: Record<string, string> = {
    a: "Accept-Contact",
    b: "Referred-By",
    c: "Content-Type",
    d: "Request-Disposition",
    e: "Content-Encoding",
    f: "From",
    i: "Call-ID",
    j: "Reject-Contact",
    k: "Supported",
    l: "Content-Length",
    m: "Contact",
    o: "Event",
    r: "Refer-To",
    s: "Subject",
    t: "To",
    u: "Allow-Events",
    v: "Via",
    x: "Session-Expires",
  };
  for (const [compact, name] of Object.entries(names)) {
    assertEquals(headerNameOf(idAt(compact)), name);
    assertEquals(headerNameOf(idAt(compact.toUpperCase())), name);
    assertEquals(headerNameOf(headerIdOf(compact)), name);
  }
});

Deno.test("headerIdAt gives no number to other names", () => {
  for (const name of ["", "X-Via", "Viax", "Vi", "q", "\xf6", "Fron", "constructor"]) {
    assertEquals(idAt(name), UNKNOWN_HEADER, name);
    assertEquals(headerIdOf(name), UNKNOWN_HEADER, name);
  }
  assertEquals(headerNameOf(UNKNOWN_HEADER), "");
});

import { assertEquals } from "@std/assert";
import { parseCSeq, writeCSeq } from "./cseq.ts";

Deno.test("parseCSeq reads number and method (RFC 3261 §20.16)", () => {
  assertEquals(parseCSeq("0009  INVITE"), { sequenceNumber: 9, method: "INVITE" });
  assertEquals(writeCSeq({ sequenceNumber: 9, method: "INVITE" }), "9 INVITE");
});

Deno.test("parseCSeq refuses numbers of 2^31 and more (RFC 3261 §8.1.1.5)", () => {
  assertEquals(parseCSeq("2147483647 BYE")?.sequenceNumber, 2147483647);
  for (const text of ["2147483648 BYE", "36893488147419103232 REGISTER", "-1 BYE", "BYE", "1", "1 B YE", ""]) {
    assertEquals(parseCSeq(text), undefined, text);
  }
});

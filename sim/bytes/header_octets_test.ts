import { assertEquals } from "@std/assert";
import { COMMA, SEMICOLON } from "./ascii.ts";
import {
  headerLineEnd,
  indexOutside,
  isToken,
  skipLinearWhiteSpace,
  tokenEnd,
  trimLinearWhiteSpace,
} from "./header_octets.ts";
import { toOctets } from "./text.ts";

Deno.test("isToken takes the characters of RFC 3261 §25.1 only", () => {
  const all = toOctets("azAZ09-.!%*_+`'~");
  assertEquals(isToken(all, 0, all.length), true);
  assertEquals(isToken(all, 3, 3), false);
  for (const char of ' \t"(),/:;<=>?@[\\]{}|^é') {
    const octets = toOctets(char);
    assertEquals(isToken(octets, 0, octets.length), false, char);
  }
});

Deno.test("tokenEnd stops at the first separator", () => {
  assertEquals(tokenEnd(toOctets("branch = x"), 0, 10), 6);
  assertEquals(tokenEnd(toOctets("branch"), 0, 6), 6);
});

Deno.test("headerLineEnd runs over folds (RFC 3261 §7.3.1)", () => {
  const octets = toOctets("To: a\r\n b\r\n\tc\r\nX: y\r\n\r\n");
  assertEquals(headerLineEnd(octets, 0, octets.length), 15);
  assertEquals(headerLineEnd(octets, 15, octets.length), 21);
  assertEquals(headerLineEnd(octets, 0, 6), -1);
  assertEquals(headerLineEnd(octets, 0, 7), 7);
  assertEquals(headerLineEnd(octets, 0, 9), -1);
});

Deno.test("linear white space is skipped and trimmed with its folds", () => {
  const octets = toOctets(" \r\n\ta b\r\n ");
  assertEquals(skipLinearWhiteSpace(octets, 0, octets.length), 4);
  assertEquals(trimLinearWhiteSpace(octets, 0, octets.length), 7);
  assertEquals(trimLinearWhiteSpace(octets, 0, 3), 0);
});

Deno.test("indexOutside passes over quoted strings and angle brackets", () => {
  const octets = toOctets('"a;\\",b" <sip:c;d,e>;tag=1,x');
  assertEquals(indexOutside(octets, 0, octets.length, SEMICOLON, COMMA), 20);
  assertEquals(indexOutside(octets, 21, octets.length, SEMICOLON, COMMA), 26);
  assertEquals(indexOutside(octets, 27, octets.length, SEMICOLON, COMMA), -1);
});

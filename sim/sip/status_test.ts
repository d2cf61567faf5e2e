import { assertEquals } from "@std/assert";
import { classOf, isFinal, isProvisional, isSuccess, reasonPhraseOf } from "./status.ts";

Deno.test("reasonPhraseOf gives the phrase of the code, else that of its class (RFC 3261 §21)", () => {
  assertEquals(reasonPhraseOf(202), "Accepted");
  assertEquals(reasonPhraseOf(422), "Session Interval Too Small");
  assertEquals(reasonPhraseOf(499), "Client Error");
  assertEquals(reasonPhraseOf(999), "Unknown");
});

Deno.test("isProvisional, isFinal and isSuccess part the classes (RFC 3261 §7.2)", () => {
  const classes = [100, 199, 200, 299, 300, 699, 700].map((status) => [
    isProvisional(status),
    isFinal(status),
    isSuccess(status),
  ]);
  assertEquals(classes, [
    [true, false, false],
    [true, false, false],
    [false, true, true],
    [false, true, true],
    [false, true, false],
    [false, true, false],
    [false, false, false],
  ]);
});

Deno.test("classOf names the class of a status", () => {
  assertEquals([100, 202, 487, 699].map(classOf), ["1xx", "2xx", "4xx", "6xx"]);
});

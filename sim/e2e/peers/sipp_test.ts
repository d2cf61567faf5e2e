import { assertEquals, assertThrows } from "@std/assert";
import { parseSippCount } from "./sipp.ts";

Deno.test("parseSippCount takes the totals of the last line", () => {
  const text = [
    "StartTime;CallRate(P);CallRate(C);SuccessfulCall(P);SuccessfulCall(C);FailedCall(C);Retransmissions(C);",
    "x;9;9;9;9;0;0;",
    "x;0.5;99.7;1;200;3;7;",
    "",
  ].join("\n");
  assertEquals(parseSippCount(text), { successful: 200, failed: 3, retransmissions: 7, rate: 99.7 });
});

Deno.test("parseSippCount refuses a file without counts", () => {
  assertThrows(() => parseSippCount(""), Error, "it wrote none");
  assertThrows(() => parseSippCount("A;B;\n1;2;\n"), Error, "no column SuccessfulCall(C)");
});

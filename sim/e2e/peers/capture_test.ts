import { assertEquals, assertThrows } from "@std/assert";
import { parseCaptureEnd } from "./capture.ts";

Deno.test("parseCaptureEnd reads what tcpdump prints at its end", () => {
  const log =
    "tcpdump: listening on lo\n1 packet captured\n12 packets received by filter\n3 packets dropped by kernel\n";
  assertEquals(parseCaptureEnd(log), { frames: 1, dropped: 3 });
  assertThrows(() => parseCaptureEnd("tcpdump: You don't have permission"), Error, "permission");
});

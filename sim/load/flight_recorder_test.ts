import { assertEquals, assertStringIncludes } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { FlightRecorder } from "./flight_recorder.ts";

function recorded(...messages: readonly (readonly ["sent" | "received", string, number])[]): FlightRecorder {
  const recorder = new FlightRecorder();
  for (const [direction, text, at] of messages) recorder.keep(direction, toOctets(text), at);
  return recorder;
}

Deno.test("a ladder is found by what the content carries, and goes on to the session and its dialog", () => {
  const recorder = recorded(
    ["sent", "INVITE sip:b SIP/2.0\r\nCall-ID: call-1\r\n\r\na=path:msrp://h:1/session;tcp\r\n", 1],
    ["sent", "MESSAGE sip:c SIP/2.0\r\nCall-ID: call-2\r\n\r\nother", 2],
    ["received", "SIP/2.0 200 OK\r\nCall-ID: call-1\r\n\r\na=path:msrp://h:2/answer;tcp\r\n", 3],
    ["sent", "MSRP d SEND\r\nTo-Path: msrp://h:2/answer;tcp\r\nFrom-Path: msrp://h:1/session;tcp\r\n\r\n~mark~", 4],
    ["received", "MSRP d 200 OK\r\nTo-Path: msrp://h:1/session;tcp\r\nFrom-Path: msrp://h:2/answer;tcp\r\n", 5],
    ["sent", "BYE sip:b SIP/2.0\r\nCall-ID: call-1\r\n\r\n", 6],
  );
  const ladder = recorder.around(["~mark~"], 0);
  assertEquals(ladder.map(({ at }) => at), [1, 3, 4, 5, 6]);
  assertEquals(ladder.map(({ direction }) => direction), ["sent", "received", "sent", "received", "sent"]);
});

Deno.test("what is older than the message is not looked at, and an unknown name finds nothing", () => {
  const recorder = recorded(["sent", "Call-ID: call-1\r\n", 1], ["sent", "Call-ID: call-1\r\n", 9]);
  assertEquals(recorder.around(["call-1"], 5).map(({ at }) => at), [9]);
  assertEquals(recorder.around(["call-2"], 0), []);
});

Deno.test("a long message is cut, and the oldest ones give way", () => {
  const recorder = recorded(["sent", `Call-ID: long\r\n${"x".repeat(5000)}`, 1]);
  assertStringIncludes(recorder.around(["long"], 0)[0]!.text, "… (2967 more octets)");
  for (let i = 0; i < 4096; i++) recorder.keep("sent", toOctets("filler"), 2);
  assertEquals(recorder.around(["long"], 0), []);
});

import { assertEquals } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { writeContent } from "../im/body.ts";
import { capturedIn, errorsOf, recordedIn } from "./message_accuracy.ts";

function frame(time: string, callId: string, status: string, sequence?: number): string {
  const content = sequence === undefined ? new Uint8Array() : writeContent(140, { run: 7, sequence });
  const head = toOctets(status === "" ? "MESSAGE sip:bob@ims.test SIP/2.0\r\n\r\n" : "SIP/2.0 200 OK\r\n\r\n");
  return [time, callId, status, head.toHex() + content.toHex()].join("\t");
}

function event(sequence: number, sent: number, settled: number, counted = true): string {
  return JSON.stringify({ event: "message", run: 7, sequence, sent_us: sent, settled_us: settled, counted });
}

Deno.test("Errors are those of single messages, by mark and Call-ID, first request to first answer", () => {
  const captured = capturedIn([
    frame("1795365547.000000100", "a", "", 1),
    frame("1795365547.000100100", "b", "", 2),
    frame("1795365547.000250100", "a", "200"),
    frame("1795365547.500100100", "b", "", 2),
    frame("1795365547.600100100", "b", "200"),
    frame("1795365547.700100100", "b", "200"),
    frame("1795365547.800000000", "c", "200"),
    "",
  ].join("\n"));
  assertEquals([...captured].map(([sequence, latency]) => [sequence, Math.round(latency)]), [[1, 250], [2, 600_000]]);
  const log = [event(1, 1000, 1240), event(2, 2000, 602_030), event(3, 0, 9, false), '{"event":"sip"}', ""].join("\n");
  const recorded = recordedIn(log);
  assertEquals([...recorded], [[1, 240], [2, 600_030]]);
  assertEquals(errorsOf(recorded, captured).map(Math.round), [10, 30]);
  assertEquals(errorsOf(new Map([[9, 1]]), captured), []);
});

import { assertEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import { Wheel } from "../clock/wheel.ts";
import { FlowRecorder } from "./flow_recorder.ts";

Deno.test("FlowRecorder keeps copies of what was sent with their moments", () => {
  const wheel = new Wheel();
  const flow = new FlowRecorder({ wheel });
  const octets = toOctets("one\r\ntwo");
  flow.send(octets);
  octets.fill(0);
  wheel.advance(7);
  flow.send(toOctets("three"));
  assertEquals([flow.startLines(), flow.moments()], [["one", "three"], [0, 7]]);
  assertEquals(toText(flow.last()), "three");
  assertEquals(flow.take().length, 2);
  flow.close();
  flow.send(toOctets("four"));
  assertEquals(flow.sent, []);
});

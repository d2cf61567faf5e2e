import { assertEquals } from "@std/assert";
import { assembleStreams } from "./tshark.ts";

Deno.test("assembleStreams puts each direction in order and takes a segment that came twice once", () => {
  const lines = ["0\t40000\t6\t6f", "0\t40000\t1\t68656c6c", "0\t2855\t1\t6f6b", "0\t40000\t6\t6f", ""];
  const streams = [...assembleStreams(lines.join("\n"))].map((
    [name, octets],
  ) => [name, new TextDecoder().decode(octets)]);
  assertEquals(streams, [["TCP stream 0 from port 40000", "hello"], ["TCP stream 0 from port 2855", "ok"]]);
});

Deno.test("assembleStreams takes octets once that came in segments of different lengths", () => {
  const lines = ["0\t40000\t1\t6865", "0\t40000\t1\t68656c6c6f", "0\t40000\t3\t6c6c6f20", "0\t40000\t6\t206f6b"];
  const [stream] = [...assembleStreams(lines.join("\n")).values()];
  assertEquals(new TextDecoder().decode(stream), "hello ok");
});

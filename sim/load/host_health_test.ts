import { assert, assertEquals } from "@std/assert";
import { descriptorLimitOf, dropsOf, HostHealth, processorTimeOf } from "./host_health.ts";
import { Proc } from "./proc.ts";

const STAT = "cpu  100 1 50 800 9 3 7 30 11 0\ncpu0 50 0 25 400 4 1 3 15 5 0\n";
const UDP =
  `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  412: 0100007F:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9123 2 0000000000000000 17
  413: 0100007F:C351 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9124 2 0000000000000000 0
`;

Deno.test("steal is the eighth of the processor times, and guests are counted once", () => {
  assertEquals(processorTimeOf(STAT), { all: 1000, steal: 30 });
  assertEquals(processorTimeOf("cpu 1 2 3\n"), undefined);
  assertEquals(processorTimeOf(""), undefined);
});

Deno.test("drops of a socket are found by its port, and unknown is not 0", () => {
  assertEquals([dropsOf(UDP, new Set([0x13c4])), dropsOf(UDP, new Set([0xc351, 80]))], [17, 0]);
  assertEquals([dropsOf(UDP, new Set([80])), dropsOf("", new Set([80]))], [undefined, undefined]);
});

Deno.test("the limit of descriptors is the soft one", () => {
  assertEquals(descriptorLimitOf("Max open files            1024                 524288               files\n"), 1024);
  assertEquals(
    descriptorLimitOf("Max open files            unlimited            unlimited            files\n"),
    undefined,
  );
});

Deno.test({
  name: "the machine's gauges go with worker 0, and a watched socket is not blind any more",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  fn: () => {
    const proc = new Proc();
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const health = new HostHealth(proc);
    health.watch(1, [(socket.addr as Deno.NetAddr).port]);
    const blind = { "generator.blind_sockets": 1 };
    const first = health.complete(0, { worker: 0, index: 0, at: 1000, counters: {}, gauges: blind, histograms: {} });
    const open = first.gauges["generator.descriptors"]!;
    assert(open > 3 && open < first.gauges["generator.descriptor_limit"]!, String(open));
    assertEquals(first.gauges["generator.blind_sockets"], 1);
    const second = health.complete(1, { worker: 1, index: 0, at: 1000, counters: {}, gauges: blind, histograms: {} });
    assertEquals([second.gauges, second.counters], [{ "generator.blind_sockets": 0 }, {}]);
    socket.close();
    proc.close();
  },
});

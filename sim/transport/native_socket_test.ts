/** Kernels, systems and libraries that do not give what batched sockets would like to have. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { obstacleToLibc } from "../testing/batches.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import { Libc, SO_RCVBUF, SO_RCVBUFFORCE, SO_RXQ_OVFL, SO_SNDBUFFORCE, SO_TIMESTAMPNS } from "./libc.ts";
import { BatchedUdp } from "./udp_batched.ts";
import { ManyUdp } from "./udp_many.ts";

const ANY = { host: "127.0.0.1", port: 0 };
const IP_RECVERR = 11;

const ignore = obstacleToLibc() !== undefined;

/** The C library on a kernel that refuses some options of sockets. */
function refusing(options: readonly number[]): Libc {
  const libc = Libc.open() as Libc;
  const setsockopt: Libc["symbols"]["setsockopt"] = (descriptor, level, option, value, length) =>
    options.includes(option) ? -1 : libc.symbols.setsockopt(descriptor, level, option, value, length);
  return {
    symbols: { ...libc.symbols, setsockopt },
    errno: () => libc.errno(),
    close: () => libc.close(),
  } as unknown as Libc;
}

for (const Udp of [BatchedUdp, ManyUdp]) {
  Deno.test({
    name: `${Udp.name} works on a kernel that refuses every option, and says what it has to do without`,
    ignore,
    fn: async () => {
      const receiver = new CollectingReceiver();
      const libc = refusing([SO_TIMESTAMPNS, SO_RXQ_OVFL, SO_RCVBUFFORCE, SO_SNDBUFFORCE, SO_RCVBUF, IP_RECVERR]);
      const options = { local: ANY, receiver, clock: MONOTONIC_CLOCK, driven: true, refusalGrace: 4000 };
      const socket = new Udp(options, libc, "Linux", () => true);
      const { reason, counters } = socket;
      assertStringIncludes(
        reason,
        "Linux; the kernel does not date datagrams (SO_TIMESTAMPNS): they are dated when read",
      );
      assertStringIncludes(reason, "; the kernel does not tell what it drops (SO_RXQ_OVFL); a receive buffer of ");
      assertStringIncludes(reason, " octets where 8388608 were asked for; ");
      assertStringIncludes(reason, "; the kernel does not tell of ICMP errors (IP_RECVERR)");
      const before = MONOTONIC_CLOCK.now();
      socket.flowTo(socket.local).send(toOctets("to myself"));
      socket.flush();
      assertEquals([socket.waits.wait(5000), socket.receiveNow()], [true, 1]);
      assertEquals(receiver.messages[0]!.at >= before, true);
      // nobody knows, which is not the same as none
      assertEquals(counters.overflowed, undefined);
      socket.close();
      await socket.closed;
    },
  });
}

Deno.test({
  name: "BatchedUdp has nothing to add to its reason where the kernel gives everything",
  ignore,
  fn: async () => {
    const options = { local: ANY, receiver: new CollectingReceiver(), clock: MONOTONIC_CLOCK, driven: true };
    const bufferSizes = { receive: 65_536, send: 65_536 };
    const socket = new BatchedUdp(
      { ...options, bufferSizes, refusalGrace: 1 },
      Libc.open() as Libc,
      "Linux",
      () => true,
    );
    assertEquals([socket.reason, socket.counters.overflowed], ["Linux", 0]);
    socket.close();
    await socket.closed;
  },
});

Deno.test("Libc says of other systems that they are none of its own", () => {
  assertEquals(
    Libc.open(undefined, { os: "darwin", arch: "aarch64" }),
    "the system is darwin on aarch64, not linux on x86_64",
  );
  assertEquals(
    Libc.open(undefined, { os: "linux", arch: "aarch64" }),
    "the system is linux on aarch64, not linux on x86_64",
  );
});

Deno.test({
  name: "Libc says why the library cannot be used that is not there, as where musl is",
  ignore,
  fn: () => {
    const absent = Libc.open("libc.musl-none.so.1");
    assertStringIncludes(String(absent), "libc.musl-none.so.1 cannot be opened: ");
  },
});

Deno.test({
  name: "Libc finds nothing in the way of batches on this kernel",
  ignore,
  fn: () => {
    const libc = Libc.open() as Libc;
    assertEquals(libc.obstacleToBatches(), undefined);
    libc.close();
  },
});

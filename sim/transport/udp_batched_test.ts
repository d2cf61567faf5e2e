/** What only batched sockets do; what all do is in udp_test.ts. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { HandClock, MONOTONIC_CLOCK } from "../clock/clock.ts";
import { obstacleToLibc } from "../testing/batches.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import type { DatagramOptions } from "./datagram.ts";
import type { Address } from "./flow.ts";
import { Libc } from "./libc.ts";
import { openUdp } from "./udp.ts";
import { BatchedUdp } from "./udp_batched.ts";

const ANY_PORT: Address = { host: "127.0.0.1", port: 0 };

/** A driven batched socket with its receiver; closes with `await using`. */
class Party {
  readonly receiver = new CollectingReceiver();
  readonly socket: BatchedUdp;

  constructor(options: Partial<DatagramOptions> = {}, mayReach: (remote: Address) => boolean = () => true) {
    const libc = Libc.open() as Libc;
    const { receiver } = this;
    const all = { local: ANY_PORT, receiver, clock: MONOTONIC_CLOCK, driven: true, ...options };
    this.socket = new BatchedUdp(all, libc, "asked for", mayReach);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.socket.closed;
  }
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: obstacleToLibc() !== undefined, fn });
}

test("BatchedUdp sends a full ring at once, and receives one ring at a time, in order", async () => {
  await using alice = new Party();
  await using bob = new Party();
  const flow = alice.socket.flowTo(bob.socket.local);
  for (let i = 0; i < 150; i++) flow.send(toOctets(`${i}`));
  // loopback delivers within the call that sends
  assertEquals([bob.socket.receiveNow(), bob.socket.receiveNow(), bob.socket.receiveNow()], [64, 64, 0]);
  alice.socket.flush();
  assertEquals([bob.socket.receiveNow(), bob.socket.receiveNow()], [22, 0]);
  assertEquals(await bob.receiver.texts(150), Array.from({ length: 150 }, (_, i) => `${i}`));
});

/** A port of this machine that nobody listens to. */
function closedPort(): Address {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = socket.addr as Deno.NetAddr;
  socket.close();
  return { host: hostname, port };
}

test("BatchedUdp fails the flow to a closed port once, and not that of another peer (RFC 3261 §18.4)", async () => {
  await using alice = new Party({ refusalGrace: 4000 });
  await using bob = new Party();
  const good = alice.socket.flowTo(bob.socket.local);
  const bad = alice.socket.flowTo(closedPort());
  for (let i = 0; i < 40; i++) {
    bad.send(toOctets("nobody"));
    good.send(toOctets("bob"));
  }
  alice.socket.flush();
  // the error ends a wait; faults are told by the next flush
  assertEquals(alice.socket.waits.wait(5000), true);
  assertEquals([alice.receiver.faults.length, bad.open, good.open], [0, false, true]);
  alice.socket.flush();
  assertEquals(alice.receiver.faults, [{ flow: bad, fault: "connection_refused" }]);
  assertEquals([alice.socket.counters.refused, alice.socket.counters.sendFaults], [40, 0]);
  assertEquals([bob.socket.receiveNow(), bob.socket.receiveNow()], [40, 0]);
  assertEquals([alice.socket.receiveNow(), alice.socket.waits.wait(0)], [0, false]);
  assert(alice.socket.flowTo(bad.remote) !== bad);
});

test("BatchedUdp tolerates a closed port where it has heard of the peer, until that has been silent for the grace", async () => {
  const clock = new HandClock();
  await using alice = new Party({ refusalGrace: 4000, clock });
  const bob = new Party();
  const flow = alice.socket.flowTo(bob.socket.local);
  bob.socket.flowTo(alice.socket.local).send(toOctets("hello"));
  bob.socket.flush();
  assertEquals(alice.socket.receiveNow(), 1);
  await bob[Symbol.asyncDispose]();
  const refusedAfter = (pause: number): boolean => {
    clock.moveTo(clock.now() + pause);
    flow.send(toOctets("are you there?"));
    alice.socket.flush();
    alice.socket.receiveNow();
    alice.socket.flush();
    return !flow.open;
  };
  assertEquals([refusedAfter(100_000), refusedAfter(3999), refusedAfter(1)], [false, false, true]);
  assertEquals([alice.receiver.faults.length, alice.socket.counters.refused], [1, 3]);
});

test("BatchedUdp that drives itself tells of a closed port by itself", async () => {
  await using alice = new Party({ refusalGrace: 4000, driven: false });
  const flow = alice.socket.flowTo(closedPort());
  flow.send(toOctets("nobody"));
  await alice.receiver.until(() => alice.receiver.faults.length === 1);
  assertEquals(alice.receiver.faults[0], { flow, fault: "connection_refused" });
});

test("BatchedUdp hears of a closed port over IPv6", async () => {
  await using alice = new Party({ refusalGrace: 4000, local: { host: "::1", port: 0 } });
  const flow = alice.socket.flowTo({ host: "::1", port: closedPort().port });
  flow.send(toOctets("nobody"));
  alice.socket.flush();
  alice.socket.waits.wait(5000);
  alice.socket.flush();
  assertEquals(alice.receiver.faults, [{ flow, fault: "connection_refused" }]);
});

test("BatchedUdp waits until something arrives, and no longer than it may", async () => {
  await using alice = new Party();
  await using bob = new Party();
  assertEquals([bob.socket.waits.wait(0), bob.socket.waits.wait(0.2), bob.socket.waits.wait(-1)], [
    false,
    false,
    false,
  ]);
  assertEquals(await bob.socket.waits.waitAsync(1), false);
  alice.socket.flowTo(bob.socket.local).send(toOctets("here"));
  alice.socket.flush();
  assertEquals([bob.socket.waits.wait(60_000), await bob.socket.waits.waitAsync(60_000)], [true, true]);
  assertEquals(bob.socket.receiveNow(), 1);
  assertEquals(bob.socket.waits.wait(0), false);
});

test("BatchedUdp ends a wait when it is closed", async () => {
  const alice = new Party();
  const waiting = alice.socket.waits.waitAsync(60_000);
  assert(waiting === alice.socket.waits.waitAsync(1));
  await alice[Symbol.asyncDispose]();
  assertEquals([await waiting, await alice.socket.waits.waitAsync(1)], [false, false]);
  assertEquals([alice.socket.waits.wait(1), alice.socket.receiveNow()], [false, 0]);
});

test("BatchedUdp dates what arrives by the kernel's time stamp, not by when it was read", async () => {
  await using alice = new Party();
  await using bob = new Party();
  const before = MONOTONIC_CLOCK.now();
  alice.socket.flowTo(bob.socket.local).send(toOctets("early"));
  alice.socket.flush();
  const sent = MONOTONIC_CLOCK.now();
  await alice.socket.waits.waitAsync(50);
  assertEquals(bob.socket.receiveNow(), 1);
  const { at } = bob.receiver.messages[0]!;
  // tolerance: two clocks are read one after the other
  assert(at >= before - 10 && at <= sent + 10, `${before} ${at} ${sent}`);
  assert(MONOTONIC_CLOCK.now() - at >= 30);
});

test("BatchedUdp counts what the kernel dropped because the buffer was full", async () => {
  await using alice = new Party();
  await using bob = new Party({ bufferSizes: { receive: 8192, send: 65536 } });
  const flow = alice.socket.flowTo(bob.socket.local);
  for (let i = 0; i < 100; i++) flow.send(new Uint8Array(1000));
  alice.socket.flush();
  const received = bob.socket.receiveNow();
  assert(received < 64);
  flow.send(toOctets("after the flood"));
  alice.socket.flush();
  assertEquals(bob.socket.receiveNow(), 1);
  assertEquals(bob.socket.counters.overflowed, 100 - received);
});

test("BatchedUdp tells the buffer sizes that it was granted", async () => {
  await using alice = new Party({ bufferSizes: { receive: 100_000, send: 50_000 } });
  assertEquals(alice.socket.bufferSizes, { receive: 200_000, send: 100_000 });
});

test("BatchedUdp lets a flush wait until everything received is delivered, and then tells of faults", async () => {
  await using alice = new Party();
  await using bob = new Party();
  const log: string[] = [];
  const unreachable = bob.socket.flowTo({ host: "::1", port: 1 });
  bob.receiver.onMessage = (octets, flow) => {
    flow.send(octets);
    unreachable.send(octets);
    bob.socket.flush();
    log.push(`${alice.socket.receiveNow()} ${bob.receiver.faults.length}`);
  };
  for (let i = 0; i < 3; i++) alice.socket.flowTo(bob.socket.local).send(toOctets(`${i}`));
  alice.socket.flush();
  assertEquals(bob.socket.receiveNow(), 3);
  assertEquals(log, ["0 0", "0 0", "0 0"]);
  assertEquals([alice.socket.receiveNow(), bob.receiver.faults.length], [3, 1]);
});

test("BatchedUdp refuses to receive while it delivers", async () => {
  await using alice = new Party();
  await using bob = new Party();
  bob.receiver.onMessage = () => assertThrows(() => bob.socket.receiveNow(), Error, "being delivered");
  alice.socket.flowTo(bob.socket.local).send(toOctets("one"));
  alice.socket.flush();
  assertEquals(bob.socket.receiveNow(), 1);
});

test("BatchedUdp sends nothing to a peer that Deno's permissions exclude, and nothing to a name", async () => {
  await using bob = new Party();
  await using alice = new Party({}, ({ port }) => port !== bob.socket.local.port);
  alice.socket.flowTo(bob.socket.local).send(toOctets("forbidden"));
  alice.socket.flowTo({ host: "localhost", port: 1 }).send(toOctets("to a name"));
  assertEquals(alice.receiver.faults, []);
  alice.socket.flush();
  assertEquals(alice.receiver.faults.map(({ fault }) => fault), ["not_permitted", "unreachable"]);
  assertEquals([bob.socket.receiveNow(), alice.socket.counters.sendFaults], [0, 2]);
});

test("BatchedUdp cannot be bound to an address of another host, or to a name", async () => {
  const libc = Libc.open() as Libc;
  const open = (host: string) => () => {
    const receiver = new CollectingReceiver();
    new BatchedUdp({ local: { host, port: 0 }, receiver, clock: MONOTONIC_CLOCK }, libc, "", () => true);
  };
  assertThrows(open("192.0.2.1"), Deno.errors.AddrNotAvailable, "192.0.2.1:0");
  assertThrows(open("localhost"), TypeError, "not numeric");
  libc.close();
  await Promise.resolve();
});

/** Whatever the environment asks for. */
const NOT_PORTABLE = "batched";

/** What `openUdp` says about a socket that it opens. */
async function choice(host = "127.0.0.1", wanted = NOT_PORTABLE): Promise<string> {
  const receiver = new CollectingReceiver();
  const socket = openUdp({ local: { host, port: 0 }, receiver, clock: MONOTONIC_CLOCK }, wanted);
  socket.close();
  await socket.closed;
  return `${socket.implementation}: ${socket.reason}`;
}

test("openUdp takes batched sockets where it can", async () => {
  assertStringIncludes(await choice(), "batched: ");
  assertEquals(await choice("localhost"), "portable: the local host is a name");
});

test("openUdp takes portable sockets when too many batched ones wait on threads of their own", async () => {
  const open = (driven: boolean) =>
    openUdp({ local: ANY_PORT, receiver: new CollectingReceiver(), clock: MONOTONIC_CLOCK, driven }, NOT_PORTABLE);
  const sockets = Array.from({ length: 9 }, () => open(false));
  sockets.push(open(true));
  assertEquals(sockets.map(({ implementation }) => implementation), [
    ...Array(8).fill("batched"),
    "portable",
    "batched",
  ]);
  assertEquals(sockets[8]!.reason, "8 batched sockets are open already");
  for (const socket of sockets) socket.close();
  await Promise.all(sockets.map(({ closed }) => closed));
  assertStringIncludes(await choice(), "batched: ");
});

Deno.test({
  name: "openUdp takes portable sockets without the permission ffi",
  permissions: { net: ["127.0.0.1"], ffi: false, env: true },
  async fn() {
    assertEquals(await choice(), "portable: the permission ffi is not granted");
  },
});

Deno.test({
  name: "openUdp asks for the permission net although libc would not",
  permissions: { net: ["127.0.0.2"], ffi: true },
  async fn() {
    const error = assertThrows(
      () => openUdp({ local: ANY_PORT, receiver: new CollectingReceiver(), clock: MONOTONIC_CLOCK }),
      Error,
    );
    assertEquals(error.name, "NotCapable");
    await Promise.resolve();
  },
});

Deno.test("openUdp takes portable sockets when they are asked for", async () => {
  assertEquals(await choice("127.0.0.1", "portable"), "portable: SIM_UDP asks for it");
});

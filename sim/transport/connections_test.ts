/** One table of tests for connections of the runtime and of the C library: both must do the same. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { once } from "node:events";
import { createServer } from "node:net";
import { LF } from "../bytes/ascii.ts";
import { toOctets, toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { HandClock, MONOTONIC_CLOCK } from "../clock/clock.ts";
import { obstacleToLibc } from "../testing/batches.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import { Connections, type ConnectionsOptions } from "./connections.ts";
import type { Address, Flow, Framer } from "./flow.ts";
import { NativeStreams } from "./native_streams.ts";

interface Implementation {
  readonly name: string;
  /** Why it cannot be tested here, if so. */
  readonly missing: string | undefined;
  /** Undefined: the runtime makes the connections. */
  readonly network: () => NativeStreams | undefined;
}

const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: "PortableStreams", missing: undefined, network: () => undefined },
  { name: "NativeStreams", missing: obstacleToLibc(), network: () => NativeStreams.open() },
];
const ANY_PORT: Address = { host: "127.0.0.1", port: 0 };

/** Messages are lines; one that begins with "!" cannot be understood, one with "~" is beyond the limits. */
const LINES: Framer = {
  frame(octets, from, to) {
    if (octets[from] === "!".charCodeAt(0)) return -1;
    if (octets[from] === "~".charCodeAt(0)) return -2;
    const end = octets.indexOf(LF, from);
    return end < 0 || end >= to ? 0 : end + 1 - from;
  },
};

/** Connections with their receiver, served as a loop would; closes with `await using`. */
class Party {
  readonly receiver = new CollectingReceiver();
  readonly connections: Connections;
  readonly local: Address;
  readonly #streams: NativeStreams | undefined;
  readonly #served: Promise<void> | undefined;
  #endServing = (): void => {};

  constructor({ network }: Implementation, options: Partial<ConnectionsOptions> = {}) {
    const { receiver } = this;
    this.#streams = network();
    const shared = { local: ANY_PORT, receiver, clock: MONOTONIC_CLOCK, framer: () => LINES, network: this.#streams };
    this.connections = new Connections({ ...shared, ...options });
    this.local = this.connections.listen(options.local ?? ANY_PORT);
    this.#served = this.#streams?.serveUntil(new Promise<void>((resolve) => this.#endServing = resolve));
  }

  async fault(): Promise<string> {
    await this.receiver.until(() => this.receiver.faults.length > 0);
    return this.receiver.faults.map(({ fault }) => fault).join();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connections.close();
    this.#endServing();
    await this.#served;
    this.#streams?.close();
  }
}

/** A peer that is no `Connections`, with the flow to it; closes with `using`. */
class RawPeer {
  readonly flow: Flow;
  readonly connection: Deno.TcpConn;

  constructor(flow: Flow, connection: Deno.TcpConn) {
    this.flow = flow;
    this.connection = connection;
  }

  static async of(party: Party): Promise<RawPeer> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { hostname, port } = listener.addr as Deno.NetAddr;
    const flow = party.connections.flowTo({ host: hostname, port });
    return new RawPeer(flow, await listener.accept());
  }

  async write(text: string): Promise<void> {
    for (let rest = toOctets(text); rest.length > 0;) rest = rest.subarray(await this.connection.write(rest));
  }

  async readToEnd(): Promise<Uint8Array> {
    const writer = new OctetWriter();
    const buffer = new Uint8Array(65536);
    for (let count = await this.connection.read(buffer); count !== null; count = await this.connection.read(buffer)) {
      writer.copy(buffer, 0, count);
    }
    return writer.view();
  }

  [Symbol.dispose](): void {
    this.connection.close();
  }
}

/** An address of this host where nothing listens. */
function nobody(): Address {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { host: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port };
}

for (const implementation of IMPLEMENTATIONS) {
  const { name, missing } = implementation;
  const test = (what: string, fn: () => Promise<void>) =>
    Deno.test({ name: `${name}: ${what}`, ignore: missing !== undefined, fn });

  test("Connections carry messages both ways over one connection, used again by both sides", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    bob.receiver.onMessage = (octets, flow) => flow.send(toOctets(`answer to ${toText(octets)}`));
    const flow = alice.connections.flowTo(bob.local);
    flow.send(toOctets("one\n"));
    await alice.receiver.texts(1);
    alice.connections.flowTo({ ...bob.local }).send(toOctets("two\n"));
    assertEquals(await alice.receiver.texts(2), ["answer to one\n", "answer to two\n"]);
    assert(alice.receiver.messages.every((message) => message.flow === flow));
    const accepted = bob.receiver.messages[0]!.flow;
    assert(bob.connections.flowTo(accepted.remote) === accepted);
    assertEquals([alice.connections.size, bob.connections.size], [1, 1]);
    assertEquals([flow.local, flow.remote, accepted.local], [alice.local, bob.local, bob.local]);
    assertEquals([flow.transport, flow.reliable, flow.open, flow.queued], ["tcp", true, true, 0]);
  });

  test("Connections count what they make and move", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    alice.connections.flowTo(bob.local).send(toOctets("one\n"));
    alice.connections.flowTo(bob.local).send(toOctets("two\nthree\n"));
    await bob.receiver.texts(3);
    const { attempted, connected, sent, sentOctets } = alice.connections.counters;
    assertEquals([attempted, connected, sent, sentOctets], [1, 1, 2, 14]);
    const { accepted, received, receivedOctets } = bob.connections.counters;
    assertEquals([accepted, received, receivedOctets, bob.connections.counters.connected], [1, 3, 14, 0]);
  });

  test("A flow takes messages while it is being connected, counts them as queued and tells when they left", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    const flow = alice.connections.flowTo(bob.local);
    const octets = new Uint8Array(10).fill(LF, 9);
    for (let i = 0; i < 10; i++) {
      octets.fill(48 + i, 0, 9);
      flow.send(octets);
    }
    assertEquals(flow.queued, 100);
    await alice.receiver.until(() => alice.receiver.drained.length > 0);
    assertEquals([flow.queued, alice.receiver.drained.length], [0, 1]);
    const digits = [..."0123456789"];
    assertEquals(await bob.receiver.texts(10), digits.map((digit) => `${digit.repeat(9)}\n`));
  });

  test("A flow that is refused says so later, once, and the next one is a new one", async () => {
    await using alice = new Party(implementation);
    const remote = nobody();
    const flow = alice.connections.flowTo(remote);
    flow.send(toOctets("in vain\n"));
    assertEquals([flow.open, alice.receiver.faults.length], [true, 0]);
    assertEquals(await alice.fault(), "connection_refused");
    assert(alice.receiver.faults[0]!.flow === flow);
    assertEquals(flow.open, false);
    flow.send(toOctets("in vain\n"));
    assert(alice.connections.flowTo(remote) !== flow);
    await alice.receiver.until(() => alice.receiver.faults.length === 2);
    const { attempted, refused, sendFaults } = alice.connections.counters;
    assertEquals([attempted, refused, sendFaults, alice.connections.size], [2, 2, 1, 0]);
  });

  test("A flow that cannot be connected in time says so", async () => {
    await using alice = new Party(implementation, { connectTimeout: 20 });
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
    const remote = { host: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port };
    // nobody accepts: the kernel makes two connections and leaves the third without an answer
    for (let i = 0; i < 3; i++) alice.connections.openNew(remote);
    assertEquals(await alice.fault(), "connect_timeout");
    assertEquals([alice.connections.counters.timedOut, alice.connections.size], [1, 2]);
  });

  Deno.test({
    name: `${name}: A flow that may not be connected says so`,
    ignore: missing !== undefined,
    permissions: { net: ["127.0.0.1:0"], ffi: true },
    async fn() {
      await using alice = new Party(implementation);
      alice.connections.flowTo({ host: "127.0.0.1", port: 1 });
      assertEquals(await alice.fault(), "not_permitted");
      assertEquals(alice.connections.counters.failed, 1);
    },
  });

  test("A flow that the peer closes says so once, and the next one is a new one", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    bob.receiver.onMessage = (_octets, flow) => flow.close();
    const flow = alice.connections.flowTo(bob.local);
    flow.send(toOctets("goodbye\n"));
    assertEquals(await alice.fault(), "connection_closed");
    assertEquals([flow.open, alice.connections.counters.lost, alice.connections.size], [false, 1, 0]);
    assert(alice.connections.flowTo(bob.local) !== flow);
    assertEquals(bob.receiver.faults, []);
  });

  test("A flow still writes what is queued when the peer has ended its side", async () => {
    await using alice = new Party(implementation);
    using peer = await RawPeer.of(alice);
    const { flow } = peer;
    alice.receiver.onMessage = () => flow.send(toOctets("answer\n"));
    await peer.write("question\n");
    await peer.connection.closeWrite();
    assertEquals(toText(await peer.readToEnd()), "answer\n");
    assertEquals(await alice.fault(), "connection_closed");
  });

  test("A flow that is reset says so", async () => {
    await using alice = new Party(implementation);
    const server = createServer((socket) => socket.on("data", () => socket.resetAndDestroy()));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    alice.connections.flowTo({ host: "127.0.0.1", port }).send(toOctets("not welcome\n"));
    assertEquals(await alice.fault(), "connection_reset");
    assertEquals(alice.connections.counters.lost, 1);
    server.close();
    await once(server, "close");
  });

  test("close writes everything that is queued, through partial writes, and tells nobody on our side", async () => {
    await using alice = new Party(implementation);
    using peer = await RawPeer.of(alice);
    const { flow } = peer;
    const octets = new Uint8Array(1_000_003).map((_, i) => i % 251);
    for (let i = 0; i < 20; i++) flow.send(octets);
    flow.close();
    flow.send(octets);
    assertEquals([flow.open, flow.queued, alice.connections.counters.sendFaults], [false, 20 * octets.length, 1]);
    const read = await peer.readToEnd();
    assertEquals(read.length, 20 * octets.length);
    for (let i = 0; i < 20; i++) {
      assertEquals(read.subarray(i * octets.length, (i + 1) * octets.length), octets);
    }
    assertEquals([alice.receiver.faults, alice.receiver.drained], [[], []]);
  });

  test("close while connecting writes what is queued first, and gives up when nothing is", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    const flow = alice.connections.openNew(bob.local);
    flow.send(toOctets("last words\n"));
    flow.close();
    alice.connections.openNew(bob.local).close();
    assertEquals(await bob.receiver.texts(1), ["last words\n"]);
    assert((await bob.fault()).startsWith("connection_closed"));
    assertEquals([alice.connections.size, alice.receiver.faults], [0, []]);
  });

  test("close does not wait for ever for a peer that neither reads nor closes", async () => {
    const alice = new Party(implementation, { closeTimeout: 20 });
    using peer = await RawPeer.of(alice);
    const { flow } = peer;
    flow.send(new Uint8Array(20_000_000));
    await alice[Symbol.asyncDispose]();
    assertEquals([flow.open, flow.queued], [false, 0]);
  });

  test("A stream that cannot be cut is closed after the messages before it", async () => {
    const seen: string[] = [];
    await using alice = new Party(implementation, {
      tap: (direction, octets) => seen.push(`${direction} ${toText(octets)}`),
    });
    using peer = await RawPeer.of(alice);
    const { flow } = peer;
    await peer.write("fine\n!wrong\nnever seen\n");
    assertEquals(await alice.fault(), "malformed_stream");
    assertEquals(await alice.receiver.texts(1), ["fine\n"]);
    assertEquals(seen, ["received fine\n", "received !wrong\nnever seen\n"]);
    assertEquals([flow.open, alice.connections.counters.malformed], [false, 1]);
    assertEquals((await peer.readToEnd()).length, 0);
  });

  test("A stream with a message beyond the limits is closed, and counted as such", async () => {
    await using alice = new Party(implementation);
    using peer = await RawPeer.of(alice);
    await peer.write("~large");
    assertEquals(await alice.fault(), "oversize");
    assertEquals([peer.flow.open, alice.connections.counters.oversize], [false, 1]);
  });

  test("A message in many pieces arrives whole and dated", async () => {
    await using alice = new Party(implementation, { clock: new HandClock(7) });
    using peer = await RawPeer.of(alice);
    const text = "x".repeat(50_000);
    for (const piece of [text, "\nne", "xt", "\n"]) await peer.write(piece);
    assertEquals(await alice.receiver.texts(2), [`${text}\n`, "next\n"]);
    // the kernel may know how long they have been here
    assert(alice.receiver.messages.every(({ at }) => at <= 7 && at > 7 - 60_000));
    if (name === "PortableStreams") assertEquals(alice.receiver.messages.map(({ at }) => at), [7, 7]);
  });

  test("A flow delivers nothing more once its receiver has closed it", async () => {
    await using alice = new Party(implementation);
    using peer = await RawPeer.of(alice);
    const { flow } = peer;
    alice.receiver.onMessage = () => flow.close();
    await peer.write("one\ntwo\nthree\n");
    await peer.readToEnd();
    assertEquals(await alice.receiver.texts(1), ["one\n"]);
  });

  test("The tap sees each message when it is written, and the flow knows then where it leaves from", async () => {
    const seen: unknown[] = [];
    const tap = (direction: string, octets: Uint8Array, flow: Flow) =>
      seen.push([direction, toText(octets), (flow as { socket?: Address }).socket]);
    await using alice = new Party(implementation, { tap });
    await using bob = new Party(implementation);
    const flow = alice.connections.flowTo(bob.local);
    flow.send(toOctets("one\n"));
    flow.send(toOctets("two\n"));
    assertEquals(seen, []);
    await bob.receiver.texts(2);
    const from = bob.receiver.messages[0]!.flow.remote;
    assertEquals(seen, [["sent", "one\n", from], ["sent", "two\n", from]]);
  });

  test("openNew gives a connection of its own", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    const flows = [alice.connections.flowTo(bob.local), alice.connections.openNew(bob.local)];
    flows.push(alice.connections.openNew(bob.local));
    for (const flow of flows) flow.send(toOctets("hello\n"));
    await bob.receiver.texts(3);
    assertEquals(new Set(bob.receiver.messages.map(({ flow }) => flow.remote.port)).size, 3);
    assert(alice.connections.flowTo(bob.local) === flows[0]);
  });

  test("A silent connection is closed after the idle timeout, and our receiver is not told", async () => {
    const clock = new HandClock();
    await using alice = new Party(implementation, { idleTimeout: 5, clock });
    await using bob = new Party(implementation);
    const flow = alice.connections.flowTo(bob.local);
    flow.send(toOctets("before the silence\n"));
    await bob.receiver.texts(1);
    assertEquals(flow.open, true);
    clock.moveTo(1000);
    assertEquals(await bob.fault(), "connection_closed");
    assertEquals([flow.open, alice.connections.counters.idle, alice.receiver.faults], [false, 1, []]);
  });

  test("Connections serve IPv6", async () => {
    await using alice = new Party(implementation, { local: { host: "::1", port: 0 } });
    await using bob = new Party(implementation, { local: { host: "::1", port: 0 } });
    alice.connections.flowTo(bob.local).send(toOctets("over IPv6\n"));
    assertEquals(await bob.receiver.texts(1), ["over IPv6\n"]);
    assertEquals(bob.receiver.messages[0]!.flow.remote.host, "::1");
  });

  test("Closed connections refuse to be used, and their port is free again", async () => {
    const alice = new Party(implementation);
    await alice[Symbol.asyncDispose]();
    assertThrows(() => alice.connections.flowTo(alice.local), Error, "are closed");
    assertThrows(() => alice.connections.listen(ANY_PORT), Error, "are closed");
    await using again = new Party(implementation, { local: alice.local });
    assertEquals(again.local, alice.local);
    assertThrows(() => again.connections.listen(alice.local), Error, "in use");
  });
}

/** One table of tests for every UDP implementation: each must do the same. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { HandClock, MONOTONIC_CLOCK } from "../clock/clock.ts";
import { obstacleToBatches } from "../testing/batches.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import { type DatagramOptions, type DatagramSocket, MAX_DATAGRAM_SIZE } from "./datagram.ts";
import type { Address, Flow } from "./flow.ts";
import { openManyUdp, openUdp } from "./udp.ts";
import { PortableUdp } from "./udp_portable.ts";

interface Implementation {
  readonly name: string;
  /** Why it cannot be tested here, if so. */
  readonly missing: string | undefined;
  readonly open: (options: DatagramOptions) => DatagramSocket;
  readonly driven?: boolean;
}

const WITHOUT_BATCHES = obstacleToBatches();
const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: "PortableUdp", missing: undefined, open: (options) => new PortableUdp(options, "asked for") },
  { name: "BatchedUdp", missing: WITHOUT_BATCHES, open: openUdp },
  { name: "BatchedUdp (driven)", missing: WITHOUT_BATCHES, open: openUdp, driven: true },
  { name: "ManyPortableUdp", missing: undefined, open: (options) => openManyUdp(options, "portable") },
  { name: "ManyUdp", missing: WITHOUT_BATCHES, open: openManyUdp },
  { name: "ManyUdp (driven)", missing: WITHOUT_BATCHES, open: openManyUdp, driven: true },
];
const ANY_PORT: Address = { host: "127.0.0.1", port: 0 };

/** A socket with its receiver, driven as an endpoint would; closes with `await using`. */
class Party {
  readonly receiver = new CollectingReceiver();
  readonly socket: DatagramSocket;
  readonly #pumped: Promise<void> | undefined;

  constructor({ open, driven = false }: Implementation, options: Partial<DatagramOptions> = {}) {
    this.socket = open({ local: ANY_PORT, receiver: this.receiver, clock: MONOTONIC_CLOCK, driven, ...options });
    if (driven) this.#pumped = this.#pump();
  }

  send(octets: Uint8Array, to: Party): void {
    this.socket.flowTo(to.socket.local).send(octets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.socket.closed;
    await this.#pumped;
  }

  async #pump(): Promise<void> {
    const { socket } = this;
    let open = true;
    socket.closed.then(() => open = false);
    while (open) {
      socket.flush();
      await socket.waits!.waitAsync(1);
      if (open) socket.receiveNow!();
    }
  }
}

for (const implementation of IMPLEMENTATIONS) {
  const { name, missing } = implementation;
  const test = (what: string, fn: () => Promise<void>) =>
    Deno.test({ name: `${name} ${what}`, ignore: missing !== undefined, fn });

  test("carries a datagram to a peer, and the answer back over the flow it came by", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    bob.receiver.onMessage = (octets, flow) => {
      flow.send(toOctets(`answer to ${new TextDecoder().decode(octets)}`));
    };
    alice.send(toOctets("question"), bob);
    assertEquals(await alice.receiver.texts(1), ["answer to question"]);
    const { flow } = bob.receiver.messages[0]!;
    assertEquals([flow.transport, flow.reliable, flow.open, flow.queued], ["udp", false, true, 0]);
    assertEquals([flow.local, flow.remote], [bob.socket.local, alice.socket.local]);
  });

  test("has one flow for one peer, whoever spoke first", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    await using carol = new Party(implementation);
    const flow = alice.socket.flowTo(bob.socket.local);
    for (let turn = 0; turn < 3; turn++) {
      bob.send(toOctets("from bob"), alice);
      carol.send(toOctets("from carol"), alice);
      await alice.receiver.texts(2 * turn + 2);
    }
    assert(flow === alice.socket.flowTo({ ...bob.socket.local }));
    for (const { octets, flow } of alice.receiver.messages) {
      const from = new TextDecoder().decode(octets) === "from bob" ? bob : carol;
      assert(flow === alice.socket.flowTo(from.socket.local));
    }
  });

  test("sends what the octets were when send was called", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    const octets = new Uint8Array(200);
    const flow = alice.socket.flowTo(bob.socket.local);
    for (let i = 0; i < 100; i++) {
      octets.fill(i);
      flow.send(octets);
    }
    octets.fill(255);
    await bob.receiver.until(() => bob.receiver.messages.length === 100);
    for (const [i, message] of bob.receiver.messages.entries()) {
      assertEquals(message.octets, new Uint8Array(200).fill(i));
    }
  });

  test("carries empty datagrams and the largest there are, and drops larger ones", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    alice.send(new Uint8Array(MAX_DATAGRAM_SIZE + 1), bob);
    alice.send(new Uint8Array(0), bob);
    alice.send(new Uint8Array(MAX_DATAGRAM_SIZE).fill(7), bob);
    await bob.receiver.until(() => bob.receiver.messages.length === 2);
    assertEquals(bob.receiver.messages.map(({ octets }) => octets.length), [0, MAX_DATAGRAM_SIZE]);
    assert(bob.receiver.messages[1]!.octets.every((octet) => octet === 7));
    assertEquals([alice.socket.counters.sent, alice.socket.counters.sendFaults], [2, 1]);
    assertEquals(alice.receiver.faults, []);
  });

  test("counts what it moves, dates what arrives and shows both to the tap", async () => {
    const clock = new HandClock(1234);
    const seen: unknown[] = [];
    const tap = (direction: string, octets: Uint8Array, flow: Flow) =>
      seen.push([direction, octets.length, flow.remote]);
    await using alice = new Party(implementation, { tap, clock });
    await using bob = new Party(implementation);
    alice.send(new Uint8Array(10), bob);
    await bob.receiver.texts(1);
    bob.send(new Uint8Array(20), alice);
    await alice.receiver.texts(1);
    const { received, receivedOctets, sent, sentOctets, sendFaults, receiveFaults } = alice.socket.counters;
    assertEquals([received, receivedOctets, sent, sentOctets, sendFaults, receiveFaults], [1, 20, 1, 10, 0, 0]);
    assertEquals(seen, [["sent", 10, bob.socket.local], ["received", 20, bob.socket.local]]);
    // a kernel time stamp lies a little before the clock's present moment, never after
    const { at } = alice.receiver.messages[0]!;
    assert(at <= 1234 && at > 1234 - 5000, `${at}`);
  });

  test("tells once that a peer cannot be reached, and the flow is closed", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    const remote = { host: "::1", port: 5060 };
    const flow = alice.socket.flowTo(remote);
    flow.send(new Uint8Array(10));
    flow.send(new Uint8Array(10));
    assertEquals(alice.receiver.faults, []);
    alice.send(toOctets("to bob"), bob);
    await alice.receiver.until(() => alice.receiver.faults.length > 0);
    assertEquals(await bob.receiver.texts(1), ["to bob"]);
    assertEquals(alice.socket.counters.sendFaults, 2);
    assertEquals(alice.receiver.faults.map(({ fault }) => fault), ["unreachable"]);
    assert(alice.receiver.faults[0]!.flow === flow);
    assertEquals(flow.open, false);
    flow.send(new Uint8Array(10));
    assertEquals(alice.socket.counters.sendFaults, 3);
    assert(alice.socket.flowTo(remote) !== flow);
  });

  test("goes on when a peer has no socket", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    const gone = new Party(implementation);
    await gone[Symbol.asyncDispose]();
    alice.send(toOctets("to nobody"), gone);
    alice.send(toOctets("to nobody again"), gone);
    alice.send(toOctets("to bob"), bob);
    assertEquals(await bob.receiver.texts(1), ["to bob"]);
    bob.send(toOctets("to alice"), alice);
    assertEquals(await alice.receiver.texts(1), ["to alice"]);
  });

  test("forgets a peer whose flow was closed, and knows it anew", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    const flow = alice.socket.flowTo(bob.socket.local);
    flow.close();
    flow.send(new Uint8Array(10));
    assertEquals([flow.open, alice.socket.counters.sent, alice.socket.counters.sendFaults], [false, 0, 1]);
    alice.send(toOctets("anew"), bob);
    assertEquals(await bob.receiver.texts(1), ["anew"]);
    assertEquals(alice.receiver.faults, []);
  });

  test("sends what it was given before close, then neither sends nor receives", async () => {
    await using bob = new Party(implementation);
    const alice = new Party(implementation);
    const flow = alice.socket.flowTo(bob.socket.local);
    flow.send(toOctets("last words"));
    alice.socket.close();
    alice.socket.close();
    flow.send(toOctets("too late"));
    bob.send(toOctets("to nobody"), alice);
    assertEquals(await bob.receiver.texts(1), ["last words"]);
    await alice.socket.closed;
    assertEquals([flow.open, alice.socket.counters.sendFaults], [false, 1]);
    assertEquals([alice.receiver.messages, alice.receiver.faults], [[], []]);
    // the port is free again
    await using again = new Party(implementation, { local: alice.socket.local });
    assertEquals(again.socket.local, alice.socket.local);
    await alice[Symbol.asyncDispose]();
  });

  test("may be closed by its receiver", async () => {
    await using alice = new Party(implementation);
    await using bob = new Party(implementation);
    bob.receiver.onMessage = () => bob.socket.close();
    for (let i = 0; i < 5; i++) alice.send(toOctets(`${i}`), bob);
    await bob.socket.closed;
    assertEquals(await bob.receiver.texts(1), ["0"]);
  });

  test("serves IPv6", async () => {
    await using alice = new Party(implementation, { local: { host: "::1", port: 0 } });
    await using bob = new Party(implementation, { local: { host: "::1", port: 0 } });
    const flow = alice.socket.flowTo(bob.socket.local);
    alice.send(toOctets("over IPv6"), bob);
    assertEquals(await bob.receiver.texts(1), ["over IPv6"]);
    assertEquals(bob.receiver.messages[0]!.flow.remote, { host: "::1", port: alice.socket.local.port });
    bob.receiver.messages[0]!.flow.send(toOctets("and back"));
    await alice.receiver.texts(1);
    assert(alice.receiver.messages[0]!.flow === flow);
  });

  test("cannot take a port that is taken", async () => {
    await using alice = new Party(implementation);
    assertThrows(() => new Party(implementation, { local: alice.socket.local }), Error, "in use");
  });
}

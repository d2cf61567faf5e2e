/** What only many sockets do; what all do is in udp_test.ts. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { obstacleToBatches } from "../testing/batches.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import { formatAddress } from "./address.ts";
import type { Address } from "./flow.ts";
import { type DatagramSockets, openManyUdp } from "./udp.ts";

const ANY: Address = { host: "127.0.0.1", port: 0 };
const MANY = 50;

const CANNOT_BATCH = obstacleToBatches() !== undefined;

/** Sockets that drive themselves, with their receiver; closes with `await using`. */
class Party {
  readonly receiver = new CollectingReceiver();
  readonly sockets: DatagramSockets;

  constructor(wanted: string | undefined, count: number, options: { driven?: boolean; refusalGrace?: number } = {}) {
    const { receiver } = this;
    this.sockets = openManyUdp({ local: ANY, receiver, clock: MONOTONIC_CLOCK, ...options }, wanted);
    for (let i = 1; i < count; i++) this.sockets.add(ANY);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sockets.close();
    await this.sockets.closed;
  }
}

for (const implementation of ["batched", "portable"] as const) {
  const wanted = implementation === "portable" ? "portable" : undefined;
  const name = implementation === "portable" ? "ManyPortableUdp" : "ManyUdp";
  const test = (what: string, fn: () => Promise<void>): void => {
    Deno.test({ name: `${name} ${what}`, ignore: implementation === "batched" && CANNOT_BATCH, fn });
  };

  test("sends from each of its addresses, and gets what comes back there", async () => {
    await using ours = new Party(wanted, MANY);
    await using theirs = new Party(wanted, 1);
    assertEquals([ours.sockets.implementation, ours.sockets.locals.length], [implementation, MANY]);
    assertEquals(ours.sockets.local, ours.sockets.locals[0]);
    theirs.receiver.onMessage = (octets, flow) => flow.send(octets);
    for (let source = 0; source < MANY; source++) {
      ours.sockets.flowTo(theirs.sockets.local, source).send(toOctets(`${source}`));
    }
    await ours.receiver.texts(MANY);
    const wantedPairs = ours.sockets.locals.map((local, source) => `${source} ${formatAddress(local)}`).sort();
    const sent = theirs.receiver.messages.map(({ octets, flow }) => `${textOf(octets)} ${formatAddress(flow.remote)}`);
    assertEquals(sent.sort(), wantedPairs);
    const back = ours.receiver.messages.map(({ octets, flow }) => `${textOf(octets)} ${formatAddress(flow.local)}`);
    assertEquals(back.sort(), wantedPairs);
    assertEquals(new Set(wantedPairs).size, MANY);
    const { sent: count, received, sendFaults, receiveFaults } = ours.sockets.counters;
    assertEquals([count, received, sendFaults, receiveFaults], [MANY, MANY, 0, 0]);
  });

  test("keeps a flow for each address and peer", async () => {
    await using ours = new Party(wanted, 3);
    const [a, b] = [{ host: "127.0.0.1", port: 9 }, { host: "127.0.0.1", port: 10 }];
    const flow = ours.sockets.flowTo(a, 1);
    assert(ours.sockets.flowTo(b, 1) !== flow && ours.sockets.flowTo(a, 2) !== flow && ours.sockets.flowTo(a) !== flow);
    assert(ours.sockets.flowTo({ ...a }, 1) === flow);
    assertEquals([flow.local, flow.remote], [ours.sockets.locals[1]!, a]);
    flow.close();
    assert(ours.sockets.flowTo(a, 1) !== flow);
  });

  test("binds further addresses of this host, and tells which one cannot be bound", async () => {
    await using ours = new Party(wanted, 1);
    const number = ours.sockets.add({ host: "127.0.7.9", port: 0 });
    assertEquals([number, ours.sockets.locals[number]!.host], [1, "127.0.7.9"]);
    assertThrows(() => ours.sockets.add(ours.sockets.locals[1]!), Deno.errors.AddrInUse);
    assertThrows(() => ours.sockets.add({ host: "192.0.2.1", port: 0 }), Error);
    assertEquals(ours.sockets.locals.length, 2);
  });

  test("closes the one that was added last, and gives its number to the next", async () => {
    await using ours = new Party(wanted, 2);
    await using theirs = new Party(wanted, 1);
    const removed = ours.sockets.locals[1]!;
    ours.sockets.removeLast();
    assertEquals([ours.sockets.locals.length, ours.sockets.add(ANY)], [1, 1]);
    theirs.sockets.flowTo(removed).send(toOctets("to nobody"));
    theirs.sockets.flowTo(ours.sockets.locals[1]!).send(toOctets("to the next"));
    assertEquals(await ours.receiver.texts(1), ["to the next"]);
  });

  test("sends nothing by any of its flows once closed", async () => {
    const ours = new Party(wanted, 2);
    const flow = ours.sockets.flowTo(ours.sockets.local, 1);
    await ours[Symbol.asyncDispose]();
    flow.send(toOctets("late"));
    assertEquals([flow.open, ours.sockets.counters.sent, ours.sockets.counters.sendFaults], [false, 0, 1]);
  });
}

Deno.test({
  name: "ManyUdp waits for all of its sockets at once, and receives from all in one turn",
  ignore: CANNOT_BATCH,
  fn: async () => {
    await using ours = new Party(undefined, 5, { driven: true });
    await using theirs = new Party(undefined, 1, { driven: true });
    assertEquals([ours.sockets.waits!.wait(0), await ours.sockets.waits!.waitAsync(1)], [false, false]);
    for (const [i, local] of ours.sockets.locals.entries()) {
      if (i % 2 === 0) theirs.sockets.flowTo(local).send(toOctets("a"));
    }
    theirs.sockets.flush();
    assertEquals([ours.sockets.waits!.wait(60_000), await ours.sockets.waits!.waitAsync(60_000)], [true, true]);
    assertEquals([ours.sockets.receiveNow!(), ours.sockets.receiveNow!(), ours.sockets.waits!.wait(0)], [3, 0, false]);
  },
});

Deno.test({
  name: "ManyUdp fails the flow of the one socket that a closed port has refused (RFC 3261 §18.4)",
  ignore: CANNOT_BATCH,
  fn: async () => {
    await using ours = new Party(undefined, 3, { driven: true, refusalGrace: 4000 });
    const gone = new Party(undefined, 1, { driven: true });
    const { local } = gone.sockets;
    await gone[Symbol.asyncDispose]();
    const [silent, bad] = [0, 2].map((source) => ours.sockets.flowTo(local, source));
    bad!.send(toOctets("nobody"));
    ours.sockets.flush();
    assertEquals([ours.sockets.waits!.wait(5000), ours.sockets.receiveNow!()], [true, 0]);
    ours.sockets.flush();
    assertEquals(ours.receiver.faults, [{ flow: bad, fault: "connection_refused" }]);
    assertEquals([silent!.open, bad!.open, ours.sockets.waits!.wait(0)], [true, false, false]);
    assertEquals([ours.sockets.counters.refused, ours.sockets.counters.receiveFaults], [1, 0]);
  },
});

function textOf(octets: Uint8Array): string {
  return new TextDecoder().decode(octets);
}

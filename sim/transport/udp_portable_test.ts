/** What only portable sockets do: they read and date datagrams before they deliver them. */
import { assert, assertEquals } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import type { DatagramSocket } from "./datagram.ts";
import type { Receiver } from "./flow.ts";
import { openManyUdp, openUdp } from "./udp.ts";

const LOCAL = { host: "127.0.0.1", port: 0 };

/** A socket whose receiver lets datagrams wait. */
interface Waiting {
  readonly socket: DatagramSocket;
  readonly collected: CollectingReceiver;
  /** Whether it had to take them, each time that datagrams were read. */
  readonly readings: readonly boolean[];
  /** Sends to it. */
  send(octets: Uint8Array): void;
}

async function withWaiting(open: typeof openUdp, test: (waiting: Waiting) => Promise<void>): Promise<void> {
  const collected = new CollectingReceiver();
  const readings: boolean[] = [];
  const receiver: Receiver = {
    receive: (octets, flow, at) => collected.receive(octets, flow, at),
    onFlowFault: (flow, fault) => collected.onFlowFault(flow, fault),
    onRead: (mustTake) => readings.push(mustTake) > 0,
  };
  const socket = open({ local: LOCAL, receiver, clock: MONOTONIC_CLOCK, driven: true }, "portable");
  const other = openUdp({ local: LOCAL, receiver: new CollectingReceiver(), clock: MONOTONIC_CLOCK }, "portable");
  try {
    await test({ socket, collected, readings, send: (octets) => other.flowTo(socket.local).send(octets) });
  } finally {
    socket.close();
    other.close();
    await Promise.all([socket.closed, other.closed]);
  }
}

/** Lets the runtime serve its sockets until something holds; 5 s at most. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    assert(performance.now() < deadline, "it did not come to pass within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

for (const [name, open] of [["PortableUdp", openUdp], ["ManyPortableUdp", openManyUdp]] as const) {
  Deno.test(`${name} lets datagrams wait, dated when they were read, until they are asked for`, async () => {
    await withWaiting(open, async ({ socket, collected, readings, send }) => {
      for (const text of ["one", "two", "three"]) send(toOctets(text));
      await until(() => socket.counters.received === 3 && readings.length > 0);
      assertEquals(collected.messages.length, 0);
      const askedAt = MONOTONIC_CLOCK.now();
      assertEquals(socket.receiveNow!(), 3);
      assertEquals(await collected.texts(3), ["one", "two", "three"]);
      assert(collected.messages.every(({ at }) => at <= askedAt));
      assertEquals([socket.receiveNow!(), readings.includes(true)], [0, false]);
    });
  });

  Deno.test(`${name} delivers what it had read over a flow that is open, when the peer was forgotten meanwhile`, async () => {
    await withWaiting(open, async ({ socket, collected, send }) => {
      for (const text of ["one", "two"]) send(toOctets(text));
      await until(() => socket.counters.received === 2);
      collected.onMessage = (_octets, flow) => flow.close();
      socket.receiveNow!();
      const [one, two] = collected.messages;
      assert(one!.flow !== two!.flow);
      assertEquals([one!.flow.remote, two!.flow.open], [two!.flow.remote, false]);
    });
  });

  Deno.test(`${name} delivers by itself when it has no room for another datagram, and goes on reading`, async () => {
    await withWaiting(open, async ({ collected, readings, send }) => {
      for (let round = 1; round <= 3; round++) {
        send(new Uint8Array(65507).fill(round));
        await collected.until(() => collected.messages.length === round);
      }
      assertEquals(collected.messages.map(({ octets }) => octets[65506]), [1, 2, 3]);
      assertEquals(readings, [true, true, true]);
    });
  });
}

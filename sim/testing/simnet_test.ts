import { assertEquals, assertNotEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import type { Flow, Framer, Receiver, TransportFault } from "../transport/flow.ts";
import { type Conditions, Simnet } from "./simnet.ts";

const ALICE = { host: "10.0.0.1", port: 5060 };
const BOB = { host: "10.0.0.2", port: 5060 };

class Listener implements Receiver {
  readonly texts: string[] = [];
  readonly moments: Millis[] = [];
  readonly flows: Flow[] = [];
  readonly faults: TransportFault[] = [];
  drained = 0;

  receive(octets: Uint8Array, flow: Flow, at: Millis): void {
    this.texts.push(toText(octets));
    this.moments.push(at);
    this.flows.push(flow);
  }

  onFlowFault(_flow: Flow, fault: TransportFault): void {
    this.faults.push(fault);
  }

  onDrained(): void {
    this.drained++;
  }
}

/** Messages of one line each. */
class LineFramer implements Framer {
  frame(octets: Uint8Array, from: number, to: number): number {
    const end = octets.indexOf(0x0a, from);
    return end < 0 || end >= to ? 0 : end + 1 - from;
  }
}

function network(conditions: Partial<Conditions> = {}) {
  const wheel = new Wheel();
  const net = new Simnet({ wheel, random: new Random(1), ...conditions });
  const alice = new Listener();
  const bob = new Listener();
  const aliceHost = net.attach(ALICE, alice, () => new LineFramer());
  const bobHost = net.attach(BOB, bob, () => new LineFramer());
  return { wheel, net, alice, bob, aliceHost, bobHost };
}

Deno.test("Simnet delivers a datagram after the delay, and the answer on the same flow", () => {
  const { wheel, net, alice, bob, aliceHost } = network({ delay: 20 });
  const flow = net.flowTo(aliceHost, "udp", BOB);
  flow.send(toOctets("hello"));
  wheel.advance(19);
  assertEquals(bob.texts, []);
  wheel.advance(20);
  assertEquals(bob.moments, [20]);
  bob.flows[0]!.send(toOctets("back"));
  wheel.advance(40);
  assertEquals([alice.texts, alice.flows[0] === flow], [["back"], true]);
});

Deno.test("Simnet loses, doubles and disorders datagrams by their shares, the same for the same seed", () => {
  const run = () => {
    const { wheel, net, bob, aliceHost } = network({ delay: 10, jitter: 50, loss: 0.3, duplication: 0.2 });
    const flow = net.flowTo(aliceHost, "udp", BOB);
    for (let i = 0; i < 1000; i++) {
      flow.send(toOctets(`${i}`));
      wheel.advance(i + 1);
    }
    wheel.advance(2000);
    return { net, bob };
  };
  const { net, bob } = run();
  assertEquals(bob.texts.length, 1000 - net.counters.lost + net.counters.duplicated);
  assertEquals(Math.round(net.counters.lost / 50), 6);
  assertNotEquals(bob.texts, bob.texts.toSorted((a, b) => Number(a) - Number(b)));
  assertEquals(run().bob.texts, bob.texts);
});

Deno.test("Simnet keeps the order of a connection, whatever it is cut into", () => {
  const { wheel, net, bob, aliceHost } = network({ delay: 300, segment: 3, loss: 0.5, jitter: 100 });
  const flow = net.flowTo(aliceHost, "tcp", BOB);
  for (let i = 0; i < 50; i++) {
    flow.send(toOctets(`line ${i}\n`));
    wheel.advance(i * 7);
  }
  wheel.advance(1000);
  assertEquals(bob.texts, Array.from({ length: 50 }, (_, i) => `line ${i}\n`));
});

Deno.test("Simnet tells the sender when a connection has taken everything", () => {
  const { wheel, net, alice, aliceHost } = network({ delay: 5 });
  const flow = net.flowTo(aliceHost, "tcp", BOB);
  flow.send(toOctets("one\n"));
  assertEquals(flow.queued, 4);
  wheel.advance(5);
  assertEquals([flow.queued, alice.drained], [0, 1]);
});

Deno.test("Simnet refuses a connection to nobody", () => {
  const { wheel, net, alice, aliceHost } = network({ delay: 5 });
  const flow = net.flowTo(aliceHost, "tcp", { host: "10.0.0.9", port: 1 });
  wheel.advance(5);
  assertEquals([flow.open, alice.faults], [false, ["connection_refused"]]);
});

Deno.test("Simnet tells both ends when a connection is cut, the peer alone when it is closed", () => {
  const { wheel, net, alice, bob, aliceHost } = network({ delay: 5 });
  net.cut(net.flowTo(aliceHost, "tcp", BOB));
  assertEquals([alice.faults, bob.faults], [["connection_reset"], ["connection_reset"]]);
  const second = net.flowTo(aliceHost, "tcp", BOB);
  second.send(toOctets("last\n"));
  second.close();
  wheel.advance(10);
  assertEquals([alice.faults.length, bob.faults, bob.texts], [1, ["connection_reset", "connection_closed"], [
    "last\n",
  ]]);
});

Deno.test("Simnet gives a new connection once the old one is closing, whose last octets still arrive", () => {
  const { wheel, net, alice, bob, aliceHost } = network({ delay: 5 });
  const first = net.flowTo(aliceHost, "tcp", BOB);
  first.send(toOctets("last\n"));
  first.close();
  const second = net.flowTo(aliceHost, "tcp", BOB);
  const third = net.openConnection(aliceHost, BOB);
  assertEquals([first.open, second === first, third === second], [false, false, false]);
  assertEquals(aliceHost.connections.size, 2);
  wheel.advance(5);
  assertEquals([bob.texts, bob.faults, alice.faults], [["last\n"], ["connection_closed"], []]);
});

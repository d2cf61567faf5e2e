/** Turns of 64 datagrams of 600 octets there and back over loopback: portable sockets against batched ones. */
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import type { DatagramSocket } from "./datagram.ts";
import type { Flow, Receiver } from "./flow.ts";
import { Libc } from "./libc.ts";
import { Slab } from "./slab.ts";
import { openUdp } from "./udp.ts";
import { PortableUdp } from "./udp_portable.ts";

const LOCAL = { host: "127.0.0.1", port: 0 };
const BATCH = 64;
const MESSAGE = new Uint8Array(600).fill(120);

/** Counts answers and settles a turn when all are there. */
class Asker implements Receiver {
  #missing = 0;
  #done: (() => void) | undefined;

  receive(): void {
    if (--this.#missing === 0) this.#done?.();
  }

  onFlowFault(): void {}

  /** Sends one turn over a flow. */
  ask(flow: Flow, count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#missing = count;
    this.#done = resolve;
    for (let i = 0; i < count; i++) flow.send(MESSAGE);
    return promise;
  }

  isDone(): boolean {
    return this.#missing === 0;
  }
}

const ECHO: Receiver = { receive: (octets, flow) => flow.send(octets), onFlowFault() {} };

type Open = (receiver: Receiver) => DatagramSocket;

function benchOf(name: string, baseline: boolean, count: number, open: Open): void {
  const group = `${count} there and back`;
  let asker: Asker | undefined;
  let flow: Flow;
  Deno.bench({ name, group, baseline }, async () => {
    if (asker === undefined) {
      asker = new Asker();
      flow = open(asker).flowTo(open(ECHO).local);
    }
    await asker.ask(flow, count);
  });
}

function benchDriven(name: string, count: number): void {
  let asker: Asker | undefined;
  let near: DatagramSocket;
  let far: DatagramSocket;
  let flow: Flow;
  Deno.bench({ name, group: `${count} there and back` }, () => {
    if (asker === undefined) {
      asker = new Asker();
      near = openUdp({ local: LOCAL, clock: MONOTONIC_CLOCK, receiver: asker, driven: true });
      far = openUdp({ local: LOCAL, clock: MONOTONIC_CLOCK, receiver: ECHO, driven: true });
      flow = near.flowTo(far.local);
    }
    asker.ask(flow, count);
    while (!asker.isDone()) {
      near.flush();
      far.receiveNow!();
      far.flush();
      near.receiveNow!();
    }
  });
}

const libc = Libc.open();
for (const count of [1, BATCH]) {
  benchOf(
    "portable",
    true,
    count,
    (receiver) => new PortableUdp({ local: LOCAL, clock: MONOTONIC_CLOCK, receiver }, ""),
  );
  if (typeof libc === "string") continue;
  benchOf("batched", false, count, (receiver) => openUdp({ local: LOCAL, clock: MONOTONIC_CLOCK, receiver }));
  benchDriven("batched, driven", count);
}
if (typeof libc !== "string") libc.close();

const slab = new Slab();
Deno.bench({ name: "a block for many copies", group: "copy of 600 octets", baseline: true }, () => {
  slab.keep(MESSAGE);
});
Deno.bench({ name: "an ArrayBuffer for each", group: "copy of 600 octets" }, () => {
  MESSAGE.slice();
});

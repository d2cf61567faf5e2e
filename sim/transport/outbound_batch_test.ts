import { assertEquals } from "@std/assert";
import { HandClock } from "../clock/clock.ts";
import { BatchedFlow } from "./batched_flow.ts";
import { toSocketAddress } from "./message_ring.ts";
import { OutboundBatch } from "./outbound_batch.ts";

const OUTLET = { local: { host: "127.0.0.1", port: 5060 }, transmit() {}, forget() {} };

function flowTo(port: number): BatchedFlow {
  const remote = { host: "127.0.0.1", port };
  return new BatchedFlow(OUTLET, remote, toSocketAddress(remote), true);
}

/** A kernel that answers by a script: a number of datagrams taken, or the error of a call. */
class ScriptedKernel {
  readonly asked: number[] = [];
  readonly refused: string[] = [];
  readonly batch: OutboundBatch;
  /** Each call takes a millisecond for every datagram it was given. */
  readonly clock = new HandClock();
  waits = 0;
  #error = "";

  constructor(script: readonly (number | string)[], room = true) {
    const answers = [...script];
    this.batch = new OutboundBatch({
      send: (_headers, count) => {
        this.asked.push(count);
        this.clock.moveTo(this.clock.now() + count);
        const answer = answers.shift() ?? count;
        if (typeof answer === "number") return answer;
        this.#error = answer;
        return -1;
      },
      errno: () => this.#error,
      waitForRoom: () => {
        this.waits++;
        return room;
      },
    }, this.clock);
  }

  /** Sends as many datagrams, to ports 1, 2, 3 and so on. */
  send(count: number): void {
    for (let port = 1; port <= count; port++) this.batch.put(flowTo(port), new Uint8Array(10), undefined);
    this.batch.send((flow, error) => this.refused.push(`${flow.remote.port} ${error}`));
  }
}

Deno.test("OutboundBatch goes on where the kernel stopped", () => {
  const kernel = new ScriptedKernel([3, 1, 6]);
  kernel.send(10);
  assertEquals([kernel.asked, kernel.refused], [[10, 7, 6], []]);
});

Deno.test("OutboundBatch asks the kernel for nothing when nothing was collected", () => {
  const kernel = new ScriptedKernel([]);
  kernel.send(0);
  kernel.send(2);
  kernel.send(0);
  assertEquals(kernel.asked, [2]);
});

Deno.test("OutboundBatch notes within which part of its call the kernel took each datagram", () => {
  const kernel = new ScriptedKernel([2, "ENETUNREACH", "ENETUNREACH", 1]);
  const moments: (readonly [number, number])[] = [];
  for (const number of [1, 2, 3, 4]) {
    kernel.batch.put(flowTo(1), new Uint8Array(1), { departed: (at) => moments.push([number, at]) });
  }
  kernel.batch.send(() => {});
  // two in the first 4 ms; the third was refused twice, and the fourth one taken within the time after them
  assertEquals(moments, [[1, 1], [2, 3], [4, 6.5]]);
});

Deno.test("OutboundBatch tells that it is full", () => {
  const { batch } = new ScriptedKernel([]);
  const answers = Array.from({ length: 64 }, () => batch.put(flowTo(1), new Uint8Array(1), undefined));
  assertEquals(answers.indexOf(false), 63);
});

Deno.test("OutboundBatch drops the datagram that the kernel refuses, and sends the others", () => {
  const kernel = new ScriptedKernel([2, "EMSGSIZE", "EMSGSIZE", 1, "ENETUNREACH", "ENETUNREACH"]);
  kernel.send(6);
  assertEquals([kernel.asked, kernel.refused], [[6, 4, 4, 3, 2, 2, 1], ["3 EMSGSIZE", "5 ENETUNREACH"]]);
});

Deno.test("OutboundBatch calls again after a signal, and after an ICMP error of an earlier datagram", () => {
  const kernel = new ScriptedKernel(["EINTR", "ECONNREFUSED", 1, "ECONNREFUSED", "EINTR"]);
  kernel.send(2);
  assertEquals([kernel.asked, kernel.refused], [[2, 2, 2, 1, 1, 1], []]);
});

Deno.test("OutboundBatch gives up a datagram that is refused twice", () => {
  const kernel = new ScriptedKernel(["ECONNREFUSED", "ECONNREFUSED"]);
  kernel.send(2);
  assertEquals([kernel.asked, kernel.refused], [[2, 2, 1], ["1 ECONNREFUSED"]]);
});

Deno.test("OutboundBatch waits for room in the kernel", () => {
  const kernel = new ScriptedKernel([1, "EAGAIN"]);
  kernel.send(3);
  assertEquals([kernel.asked, kernel.waits, kernel.refused], [[3, 2, 2], 1, []]);
});

Deno.test("OutboundBatch drops the rest when there is no room for long", () => {
  const kernel = new ScriptedKernel([1, "EAGAIN"], false);
  kernel.send(3);
  assertEquals([kernel.asked, kernel.waits, kernel.refused], [[3, 2], 1, ["2 EAGAIN", "3 EAGAIN"]]);
});

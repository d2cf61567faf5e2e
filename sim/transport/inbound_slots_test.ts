import { assertEquals } from "@std/assert";
import { InboundSlots } from "./inbound_slots.ts";

/** Reads a datagram of one value into the next room, as a socket would. */
function read(slots: InboundSlots<string>, value: number, size: number): void {
  const octets = slots.room().subarray(0, size).fill(value);
  slots.add(octets, `flow ${value}`, value);
}

/** What is delivered: value, size, flow and time of each. */
function delivered(slots: InboundSlots<string>): unknown[] {
  const all: unknown[] = [];
  slots.deliver((octets, flow, at) => all.push([octets[0], octets.at(-1), octets.length, flow, at]) > 0);
  return all;
}

Deno.test("InboundSlots give what was read in order, with its flow and its time", () => {
  const slots = new InboundSlots<string>(8);
  for (const [value, size] of [[1, 300], [2, 512], [3, 1300], [4, 10]] as const) read(slots, value, size);
  assertEquals(slots.count, 4);
  assertEquals(
    delivered(slots),
    [1, 2, 3, 4].map((value, index) => {
      return [value, value, [300, 512, 1300, 10][index], `flow ${value}`, value];
    }),
  );
  assertEquals([slots.count, delivered(slots)], [0, []]);
});

Deno.test("InboundSlots are full when no room is left, take the largest datagram into the last one, and begin anew", () => {
  const slots = new InboundSlots<string>(3);
  read(slots, 1, 0);
  read(slots, 2, 512);
  assertEquals([slots.isFull(), slots.room().length], [false, 65536]);
  slots.room().fill(3);
  slots.add(slots.room(), "flow 3", 3);
  assertEquals(slots.isFull(), true);
  assertEquals(delivered(slots), [[undefined, undefined, 0, "flow 1", 1], [2, 2, 512, "flow 2", 2], [
    ...[3, 3, 65536, "flow 3", 3],
  ]]);
  assertEquals(slots.isFull(), false);
  read(slots, 4, 100);
  assertEquals(delivered(slots), [[4, 4, 100, "flow 4", 4]]);
});

Deno.test("InboundSlots leave a room alone that is being read into while others are delivered", () => {
  const slots = new InboundSlots<string>(4);
  read(slots, 1, 100);
  const underWay = slots.room();
  delivered(slots);
  assertEquals(slots.room() === underWay, true);
});

Deno.test("InboundSlots deliver nothing more to who has closed", () => {
  const slots = new InboundSlots<string>(4);
  read(slots, 1, 100);
  read(slots, 2, 100);
  const seen: number[] = [];
  slots.deliver((_octets, _flow, at) => {
    seen.push(at);
    return false;
  });
  assertEquals([seen, slots.count], [[1], 0]);
});

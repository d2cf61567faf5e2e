import { assertEquals } from "@std/assert";
import { type Source, sourceCount, sourceHost, sourceObstacle, sourceSchema } from "./source.ts";

function sourceOf(value: unknown): Source {
  return sourceSchema.parse(value);
}

/** What is wrong with a `source`. */
function faultsOf(value: unknown): string[] {
  return sourceSchema.safeParse(value).error!.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function hostsOf(source: Source, count: number): (string | undefined)[] {
  return Array.from({ length: count }, (_, number) => sourceHost(source, number));
}

Deno.test("a source of ports only leaves from the usual address", () => {
  const source = sourceOf({ ports: 1000 });
  assertEquals([sourceCount(source), hostsOf(source, 2)], [1000, [undefined, undefined]]);
  assertEquals(sourceCount(sourceOf({})), 1);
});

Deno.test("a range gives each of its addresses in turn, and begins again with the next ports", () => {
  const source = sourceOf({ addresses: "127.0.1.254-127.0.2.1", ports: 2 });
  assertEquals(sourceCount(source), 8);
  assertEquals(hostsOf(source, 5), ["127.0.1.254", "127.0.1.255", "127.0.2.0", "127.0.2.1", "127.0.1.254"]);
});

Deno.test("a subnet gives its addresses without the first and the last one, whatever address names it", () => {
  const source = sourceOf({ addresses: "127.0.3.77/30" });
  assertEquals([sourceCount(source), hostsOf(source, 3)], [2, ["127.0.3.77", "127.0.3.78", "127.0.3.77"]]);
  assertEquals(sourceCount(sourceOf({ addresses: "10.0.0.0/8" })), 2 ** 24 - 2);
  assertEquals(hostsOf(sourceOf({ addresses: "10.1.2.3/32" }), 1), ["10.1.2.3"]);
  assertEquals(sourceCount(sourceOf({ addresses: "10.1.2.3/31" })), 2);
});

Deno.test("a list of addresses is one after another", () => {
  const source = sourceOf({ addresses: ["127.0.0.9", "127.0.5.1 - 127.0.5.2", "200.255.0.1"] });
  assertEquals(source.addresses, ["127.0.0.9", "127.0.5.1 - 127.0.5.2", "200.255.0.1"]);
  assertEquals(hostsOf(source, 4), ["127.0.0.9", "127.0.5.1", "127.0.5.2", "200.255.0.1"]);
});

Deno.test("addresses that are none are faults at their place", () => {
  assertEquals(faultsOf({ addresses: "127.0.1.9-127.0.1.3" }), [
    'addresses: ends before it begins: "127.0.1.9-127.0.1.3"',
  ]);
  for (const text of ["localhost", "127.0.1.256", "127.0.1", "::1", "1.2.3.4-1.2.3.5-1.2.3.6", ""]) {
    assertEquals(faultsOf({ addresses: text }), [`addresses: is no range of IPv4 addresses: ${JSON.stringify(text)}`]);
  }
  assertEquals(faultsOf({ addresses: ["127.0.0.1", "127.0.0.0/7"] }), [
    'addresses.1: is no subnet of IPv4 of 8 to 32 bits: "127.0.0.0/7"',
  ]);
  assertEquals(faultsOf({ addresses: 7 }), [
    "addresses: must be addresses such as 127.0.1.1-127.0.1.250, or a list of them: 7",
  ]);
  assertEquals(faultsOf({ ports: 0 }).length + faultsOf({ ports: 60_001 }).length + faultsOf({ port: 1 }).length, 3);
});

Deno.test("loopback addresses reach nothing outside this machine, and IPv4 no IPv6", () => {
  const near = sourceOf({ addresses: ["10.0.0.1", "127.0.1.0/24"] });
  assertEquals(sourceObstacle(near, "127.0.0.1"), undefined);
  assertEquals(sourceObstacle(near, "192.0.2.7"), "cannot reach a target outside this machine: 127.0.1.0/24");
  assertEquals(sourceObstacle(near, "2001:db8::7"), "are IPv4, and the target is not: 2001:db8::7");
  assertEquals(sourceObstacle(sourceOf({ ports: 5 }), "2001:db8::7"), undefined);
  assertEquals(sourceObstacle(sourceOf({ addresses: "10.0.0.1" }), "127.0.0.1"), undefined);
});

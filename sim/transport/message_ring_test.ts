import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { fromSocketAddress, keyOfSocketAddress, toSocketAddress } from "./message_ring.ts";

const PORT = fc.integer({ min: 1, max: 65535 });

Deno.test("toSocketAddress lays an address out as Linux does", () => {
  const ipv4 = new Uint8Array(toSocketAddress({ host: "127.0.0.1", port: 5060 })!.buffer);
  assertEquals([...ipv4], [2, 0, 0x13, 0xc4, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const ipv6 = new Uint8Array(toSocketAddress({ host: "2001:db8::1", port: 5060 })!.buffer);
  const address = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  assertEquals([...ipv6], [10, 0, 0x13, 0xc4, 0, 0, 0, 0, ...address, 0, 0, 0, 0]);
});

Deno.test("toSocketAddress makes nothing of a name", () => {
  assertEquals(toSocketAddress({ host: "localhost", port: 5060 }), undefined);
});

Deno.test("fromSocketAddress reads what toSocketAddress wrote", () => {
  fc.assert(fc.property(fc.ipV4(), PORT, (host, port) => {
    assertEquals(fromSocketAddress(toSocketAddress({ host, port })!), { host, port });
  }));
  assertEquals(fromSocketAddress(toSocketAddress({ host: "2001:db8:0:0::1", port: 1 })!), {
    host: "2001:db8::1",
    port: 1,
  });
});

Deno.test("keyOfSocketAddress is the same for the same host and port only", () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(fc.property(host, PORT, host, PORT, (hostA, portA, hostB, portB) => {
    const key = keyOfSocketAddress(toSocketAddress({ host: hostA, port: portA })!);
    assertEquals(keyOfSocketAddress(toSocketAddress({ host: hostA, port: portA })!), key);
    if (portA !== portB) assertNotEquals(keyOfSocketAddress(toSocketAddress({ host: hostA, port: portB })!), key);
    const isSameHost = new URL(`http://${text(hostA)}`).host === new URL(`http://${text(hostB)}`).host;
    if (!isSameHost) assertNotEquals(keyOfSocketAddress(toSocketAddress({ host: hostB, port: portA })!), key);
  }));
});

function text(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

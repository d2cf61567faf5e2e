import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { hostOfOctets } from "./address.ts";
import type { Address, Flow, TransportName } from "./flow.ts";
import { CaptureEncoder } from "./pcap.ts";

const NOON = 1_700_000_000_123_456_789n;

function flowOf(
  transport: TransportName,
  local: Address,
  remote: Address,
  socket?: Address,
): Flow & { socket?: Address } {
  const flow = {
    transport,
    reliable: transport === "tcp",
    local,
    remote,
    open: true,
    queued: 0,
    send() {},
    close() {},
  };
  return socket === undefined ? flow : { ...flow, socket };
}

const HERE = { host: "192.0.2.1", port: 5060 };
const THERE = { host: "192.0.2.2", port: 5070 };

/** One packet as read back from a capture, by a reader that knows only the specifications. */
interface Packet {
  readonly at: bigint;
  readonly flags: number;
  readonly from: Address;
  readonly to: Address;
  readonly protocol: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly content: Uint8Array;
}

function readBlocks(octets: Uint8Array): { type: number; body: Uint8Array }[] {
  const blocks: { type: number; body: Uint8Array }[] = [];
  for (let at = 0; at < octets.length;) {
    const view = new DataView(octets.buffer, octets.byteOffset + at);
    const length = view.getUint32(4, true);
    assertEquals([length % 4, view.getUint32(length - 4, true)], [0, length]);
    blocks.push({ type: view.getUint32(0, true), body: octets.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

function readPackets(octets: Uint8Array): Packet[] {
  return readBlocks(octets).map(({ type, body }) => {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    assertEquals([type, view.getUint32(0, true)], [6, 0]);
    const length = view.getUint32(12, true);
    assertEquals(view.getUint32(16, true), length);
    const options = body.subarray(20 + (length + 3 & ~3));
    assertEquals([...options.subarray(0, 4), ...options.subarray(8)], [2, 0, 4, 0, 0, 0, 0, 0]);
    const at = BigInt(view.getUint32(4, true)) << 32n | BigInt(view.getUint32(8, true));
    return { at, flags: options[4]!, ...readPacket(body.subarray(20, 20 + length)) };
  });
}

function readPacket(packet: Uint8Array): Omit<Packet, "at" | "flags"> {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const isIpv4 = packet[0]! >> 4 === 4;
  const start = isIpv4 ? 20 : 40;
  const protocol = packet[isIpv4 ? 9 : 6]!;
  if (isIpv4) {
    assertEquals(view.getUint16(2), packet.length);
    assertEquals(onesSum(packet.subarray(0, 20)), 0xffff);
  } else assertEquals(view.getUint16(4), packet.length - 40);
  const addresses = isIpv4 ? packet.subarray(12, 20) : packet.subarray(8, 40);
  const half = addresses.length / 2;
  // pseudo-header of RFC 9293 §3.1 and RFC 8200 §8.1; with the checksum in place the sum is all ones
  const length = packet.length - start;
  const pseudo = Uint8Array.of(...addresses, 0, protocol, length >> 8, length & 0xff);
  assertEquals(onesSum(new Uint8Array([...pseudo, ...packet.subarray(start)])), 0xffff);
  const header = protocol === 6 ? packet[start + 12]! >> 4 << 2 : 8;
  if (protocol === 17) assertEquals(view.getUint16(start + 4), length);
  return {
    from: { host: hostOfOctets(addresses.subarray(0, half)), port: view.getUint16(start) },
    to: { host: hostOfOctets(addresses.subarray(half)), port: view.getUint16(start + 2) },
    protocol,
    sequence: protocol === 6 ? view.getUint32(start + 4) : 0,
    acknowledged: protocol === 6 ? view.getUint32(start + 8) : 0,
    content: packet.subarray(start + header),
  };
}

function onesSum(octets: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i++) {
    sum += i % 2 === 0 ? octets[i]! << 8 : octets[i]!;
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

Deno.test("CaptureEncoder begins with a section and one interface of raw IP packets in nanoseconds", () => {
  const [section, description, ...more] = readBlocks(new CaptureEncoder().header());
  assertEquals(more, []);
  assertEquals(section!.type, 0x0a0d0d0a);
  assertEquals([...section!.body], [0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, ...Array(8).fill(255)]);
  assertEquals(description!.type, 1);
  assertEquals([...description!.body], [101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("CaptureEncoder writes a datagram from us and one to us", () => {
  const encoder = new CaptureEncoder();
  const flow = flowOf("udp", HERE, THERE);
  const [sent] = readPackets(encoder.packet("sent", toOctets("MESSAGE"), flow, NOON));
  const [received] = readPackets(encoder.packet("received", toOctets("200 OK"), flow, NOON + 1n));
  assertEquals([sent!.at, sent!.flags, sent!.protocol, toText(sent!.content)], [NOON, 2, 17, "MESSAGE"]);
  assertEquals([sent!.from, sent!.to], [HERE, THERE]);
  assertEquals([received!.at, received!.flags, toText(received!.content)], [NOON + 1n, 1, "200 OK"]);
  assertEquals([received!.from, received!.to], [THERE, HERE]);
});

Deno.test("CaptureEncoder counts the octets of a connection in each direction", () => {
  const encoder = new CaptureEncoder();
  const flow = flowOf("tcp", HERE, THERE);
  const other = flowOf("tcp", HERE, { ...THERE, port: 5071 });
  const packets = [
    ...readPackets(encoder.packet("sent", new Uint8Array(100), flow, NOON)),
    ...readPackets(encoder.packet("received", new Uint8Array(30), flow, NOON)),
    ...readPackets(encoder.packet("sent", new Uint8Array(5), other, NOON)),
    ...readPackets(encoder.packet("sent", new Uint8Array(1), flow, NOON)),
  ];
  assertEquals(packets.map(({ sequence, acknowledged }) => [sequence, acknowledged]), [[1, 1], [1, 101], [1, 1], [
    101,
    31,
  ]]);
});

Deno.test("CaptureEncoder cuts a long message of a connection into segments", () => {
  const octets = new Uint8Array(200_000).map((_, i) => i % 253);
  const flow = flowOf("tcp", { host: "::1", port: 2855 }, { host: "2001:db8::2", port: 2856 });
  const packets = readPackets(new CaptureEncoder().packet("sent", octets, flow, NOON));
  assertEquals(packets.length, 4);
  let next = 1;
  for (const { sequence, content, from, to } of packets) {
    assertEquals([sequence, from, to], [next, flow.local, flow.remote]);
    assertEquals(content, octets.subarray(next - 1, next - 1 + content.length));
    next += content.length;
  }
  assertEquals(next - 1, octets.length);
});

Deno.test("CaptureEncoder writes the port that a connection really left from, where the flow knows it", () => {
  const socket = { host: "192.0.2.9", port: 40000 };
  const [packet] = readPackets(
    new CaptureEncoder().packet("received", new Uint8Array(1), flowOf("tcp", HERE, THERE, socket), NOON),
  );
  assertEquals([packet!.from, packet!.to], [THERE, socket]);
});

Deno.test("CaptureEncoder writes hosts of different families as IPv6, and a name as the unspecified address", () => {
  const mixed = flowOf("udp", { host: "::", port: 5060 }, THERE);
  const [packet] = readPackets(new CaptureEncoder().packet("sent", new Uint8Array(1), mixed, NOON));
  assertEquals([packet!.from.host, packet!.to.host], ["::", "::ffff:192.0.2.2"]);
  const named = flowOf("udp", HERE, { host: "im.example", port: 5060 });
  const [unnamed] = readPackets(new CaptureEncoder().packet("sent", new Uint8Array(1), named, NOON));
  assertEquals(unnamed!.to.host, "0.0.0.0");
});

Deno.test("CaptureEncoder keeps every content, whatever its length", () => {
  const encoder = new CaptureEncoder();
  const flow = flowOf("udp", HERE, THERE);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (content) => {
    const [packet, ...more] = readPackets(encoder.packet("sent", content, flow, NOON));
    assert(more.length === 0);
    assertEquals(packet!.content, content);
  }));
  const largest = new Uint8Array(65507).fill(255);
  assertEquals(readPackets(encoder.packet("sent", largest, flow, NOON))[0]!.content, largest);
});

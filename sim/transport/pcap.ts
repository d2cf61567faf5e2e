/**
 * Captures in the pcapng format (draft-ietf-opsawg-pcapng), which Wireshark and tshark read. We see octets above the
 * kernel, so the IP, UDP and TCP headers around them are our own; ports, addresses and content are the real ones.
 *
 * Blocks, little-endian, each a multiple of 4 octets: type, total length, body, total length.
 *
 * | block                    | body                                                                    |
 * | section header           | byte-order magic, version 1.0, section length unknown                   |
 * | interface description    | link type RAW (IP without a link), no snapshot limit, nanoseconds       |
 * | enhanced packet          | interface 0, time (high, low), captured and true length, packet, flags  |
 */
import { octetsOfHost } from "./address.ts";
import type { Address, Flow } from "./flow.ts";

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINKTYPE_RAW = 101;
const OPTION_END = 0;
const OPTION_IF_TSRESOL = 9;
const OPTION_EPB_FLAGS = 2;
const NANOSECONDS = 9;
const INBOUND = 1;
const OUTBOUND = 2;

/** Octets of an enhanced packet block besides its packet: 28 before it, 12 of options and 4 of length after it. */
const PACKET_OVERHEAD = 44;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const IPV4_HEADER_SIZE = 20;
const IPV6_HEADER_SIZE = 40;
const UDP_HEADER_SIZE = 8;
const TCP_HEADER_SIZE = 20;
/** What fits into one IPv4 packet over TCP; a longer message becomes several segments. */
const SEGMENT_SIZE = 65535 - IPV4_HEADER_SIZE - TCP_HEADER_SIZE;
const ACK_AND_PUSH = 0x18;
const HOP_LIMIT = 64;

/** A flow that may know which address it really leaves from, as connections do. */
export type CapturedFlow = Pick<Flow, "transport" | "local" | "remote"> & { readonly socket?: Address | undefined };

/** What the headers of a flow need; sequence numbers are those of the next octet. */
interface Ends {
  readonly localHost: Uint8Array;
  readonly localPort: number;
  readonly remoteHost: Uint8Array;
  readonly remotePort: number;
  sentSequence: number;
  receivedSequence: number;
}

/** Turns what a tap sees into the octets of a capture file: first `header`, then every packet. */
export class CaptureEncoder {
  readonly #ends: WeakMap<CapturedFlow, Ends> = new WeakMap();

  /** The beginning of the file. */
  header(): Uint8Array {
    const octets = new Uint8Array(28 + 32);
    const view = new DataView(octets.buffer);
    writeBlockLengths(view, 0, SECTION_HEADER, 28);
    view.setUint32(8, BYTE_ORDER_MAGIC, true);
    view.setUint16(12, 1, true);
    view.setBigInt64(16, -1n, true);
    writeBlockLengths(view, 28, INTERFACE_DESCRIPTION, 32);
    view.setUint16(36, LINKTYPE_RAW, true);
    view.setUint16(44, OPTION_IF_TSRESOL, true);
    view.setUint16(46, 1, true);
    view.setUint8(48, NANOSECONDS);
    view.setUint16(52, OPTION_END, true);
    return octets;
  }

  /** The packets that carry `octets`: one, or several segments of a connection. The time is that of the Unix epoch. */
  packet(
    direction: "sent" | "received",
    octets: Uint8Array,
    flow: CapturedFlow,
    wallClockNanoseconds: bigint,
  ): Uint8Array {
    const ends = this.#endsOf(flow);
    const pieces = flow.transport === "tcp" ? cut(octets, SEGMENT_SIZE) : [octets];
    const header = flow.transport === "tcp" ? TCP_HEADER_SIZE : UDP_HEADER_SIZE;
    const overhead = header + (ends.localHost.length === 4 ? IPV4_HEADER_SIZE : IPV6_HEADER_SIZE);
    const sizes = pieces.map((piece) => PACKET_OVERHEAD + padded(overhead + piece.length));
    const blocks = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
    let at = 0;
    for (const [index, piece] of pieces.entries()) {
      const length = overhead + piece.length;
      writePacketBlock(new DataView(blocks.buffer, at, sizes[index]!), direction, length, wallClockNanoseconds);
      writePacket(blocks.subarray(at + 28, at + 28 + length), direction, piece, flow, ends);
      at += sizes[index]!;
    }
    return blocks;
  }

  #endsOf(flow: CapturedFlow): Ends {
    let ends = this.#ends.get(flow);
    if (ends === undefined) {
      const local = flow.socket ?? flow.local;
      const [localHost, remoteHost] = ofOneFamily(hostOctets(local), hostOctets(flow.remote));
      ends = {
        localHost,
        localPort: local.port,
        remoteHost,
        remotePort: flow.remote.port,
        sentSequence: 1,
        receivedSequence: 1,
      };
      this.#ends.set(flow, ends);
    }
    return ends;
  }
}

function writeBlockLengths(view: DataView, at: number, type: number, length: number): void {
  view.setUint32(at, type, true);
  view.setUint32(at + 4, length, true);
  view.setUint32(at + length - 4, length, true);
}

/** Everything of an enhanced packet block but the packet; `length` octets of packet follow at 28. */
function writePacketBlock(view: DataView, direction: "sent" | "received", length: number, nanoseconds: bigint): void {
  writeBlockLengths(view, 0, ENHANCED_PACKET, view.byteLength);
  view.setUint32(12, Number(nanoseconds >> 32n), true);
  view.setUint32(16, Number(nanoseconds & 0xffffffffn), true);
  view.setUint32(20, length, true);
  view.setUint32(24, length, true);
  const options = 28 + padded(length);
  view.setUint16(options, OPTION_EPB_FLAGS, true);
  view.setUint16(options + 2, 4, true);
  view.setUint32(options + 4, direction === "received" ? INBOUND : OUTBOUND, true);
  view.setUint16(options + 8, OPTION_END, true);
}

/** One IP packet that fills `packet`. */
function writePacket(
  packet: Uint8Array,
  direction: "sent" | "received",
  content: Uint8Array,
  flow: CapturedFlow,
  ends: Ends,
): void {
  const isSent = direction === "sent";
  const from = isSent ? ends.localHost : ends.remoteHost;
  const to = isSent ? ends.remoteHost : ends.localHost;
  const protocol = flow.transport === "tcp" ? PROTOCOL_TCP : PROTOCOL_UDP;
  const start = from.length === 4 ? IPV4_HEADER_SIZE : IPV6_HEADER_SIZE;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (from.length === 4) writeIpv4Header(view, packet, protocol, from, to);
  else writeIpv6Header(view, packet, protocol, from, to);
  view.setUint16(start, isSent ? ends.localPort : ends.remotePort);
  view.setUint16(start + 2, isSent ? ends.remotePort : ends.localPort);
  packet.set(content, packet.length - content.length);
  if (protocol === PROTOCOL_UDP) view.setUint16(start + 4, packet.length - start);
  else {
    view.setUint32(start + 4, isSent ? ends.sentSequence : ends.receivedSequence);
    view.setUint32(start + 8, isSent ? ends.receivedSequence : ends.sentSequence);
    view.setUint8(start + 12, TCP_HEADER_SIZE / 4 << 4);
    view.setUint8(start + 13, ACK_AND_PUSH);
    view.setUint16(start + 14, 65535);
    if (isSent) ends.sentSequence = (ends.sentSequence + content.length) >>> 0;
    else ends.receivedSequence = (ends.receivedSequence + content.length) >>> 0;
  }
  const pseudoHeader = sumOf(from) + sumOf(to) + protocol + (packet.length - start);
  const checksum = checksumOf(pseudoHeader + sumOf(packet.subarray(start)));
  // 0 would mean "none" in UDP (RFC 768)
  view.setUint16(start + (protocol === PROTOCOL_UDP ? 6 : 16), checksum === 0 ? 0xffff : checksum);
}

function writeIpv4Header(view: DataView, packet: Uint8Array, protocol: number, from: Uint8Array, to: Uint8Array): void {
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  // do not fragment
  view.setUint16(6, 0x4000);
  view.setUint8(8, HOP_LIMIT);
  view.setUint8(9, protocol);
  packet.set(from, 12);
  packet.set(to, 16);
  view.setUint16(10, checksumOf(sumOf(packet.subarray(0, IPV4_HEADER_SIZE))));
}

function writeIpv6Header(view: DataView, packet: Uint8Array, protocol: number, from: Uint8Array, to: Uint8Array): void {
  view.setUint8(0, 0x60);
  view.setUint16(4, packet.length - IPV6_HEADER_SIZE);
  view.setUint8(6, protocol);
  view.setUint8(7, HOP_LIMIT);
  packet.set(from, 8);
  packet.set(to, 24);
}

/** The sum of 16-bit words of the Internet checksum (RFC 1071), an odd octet filled up with zero. */
function sumOf(octets: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += octets[i]! << 8 | (octets[i + 1] ?? 0);
  return sum;
}

function checksumOf(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function cut(octets: Uint8Array, size: number): Uint8Array[] {
  const pieces = [octets.subarray(0, size)];
  for (let at = size; at < octets.length; at += size) pieces.push(octets.subarray(at, at + size));
  return pieces;
}

/** The octets of a host; a name, which a packet cannot carry, becomes the unspecified address. */
function hostOctets(address: Address): Uint8Array {
  return octetsOfHost(address.host) ?? new Uint8Array(4);
}

/** Both hosts as IPv4, or both as IPv6 with an IPv4 address mapped into it (RFC 4291 §2.5.5.2). */
function ofOneFamily(a: Uint8Array, b: Uint8Array): [Uint8Array, Uint8Array] {
  if (a.length === b.length) return [a, b];
  return [mapped(a), mapped(b)];
}

function mapped(host: Uint8Array): Uint8Array {
  return host.length === 16 ? host : Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...host);
}

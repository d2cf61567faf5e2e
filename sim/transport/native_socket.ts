/** Opens a UDP socket of the system: family, options, buffer sizes, address. */
import { formatAddress } from "./address.ts";
import type { BufferSizes } from "./datagram.ts";
import type { Address } from "./flow.ts";
import {
  bindError,
  type Libc,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RXQ_OVFL,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_TIMESTAMPNS,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from "./libc.ts";
import { fromSocketAddress, toSocketAddress } from "./message_ring.ts";

/** A pause of a tenth of a second at 50 000 messages a second fits into the first. */
const DEFAULT_SIZES: BufferSizes = { receive: 8 << 20, send: 4 << 20 };

/** A bound socket. */
export interface BoundSocket {
  /** Its file descriptor. */
  readonly descriptor: number;
  /** Its address, with the port that was taken. */
  readonly local: Address;
  /** What the kernel granted, in its own reckoning: twice what was asked for, headers of its own included. */
  readonly bufferSizes: BufferSizes;
  /** Whether the kernel tells how many datagrams it has dropped. */
  readonly countsDrops: boolean;
  /** What the kernel did not give, each as a part of a sentence; none of it keeps the socket from working. */
  readonly shortcomings: readonly string[];
}

/** A bound UDP socket that does not block, dates what arrives and counts what is dropped; throws when it cannot be. */
export function openSocket(libc: Libc, local: Address, asked: BufferSizes = DEFAULT_SIZES): BoundSocket {
  const name = toSocketAddress(local);
  if (name === undefined) throw new TypeError(`Cannot bind ${formatAddress(local)}: the host is not numeric`);
  const { symbols } = libc;
  const descriptor = symbols.socket(name[0]! & 0xffff, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw bindError(libc.errno(), formatAddress(local));
  const datesArrivals = setOption(libc, descriptor, SO_TIMESTAMPNS, 1);
  const countsDrops = setOption(libc, descriptor, SO_RXQ_OVFL, 1);
  const bufferSizes = {
    receive: sizeBuffer(libc, descriptor, SO_RCVBUF, SO_RCVBUFFORCE, asked.receive),
    send: sizeBuffer(libc, descriptor, SO_SNDBUF, SO_SNDBUFFORCE, asked.send),
  };
  const length = Uint32Array.of(name.byteLength);
  if (symbols.bind(descriptor, name, name.byteLength) < 0 || symbols.getsockname(descriptor, name, length) < 0) {
    const error = bindError(libc.errno(), formatAddress(local));
    symbols.close(descriptor);
    throw error;
  }
  const shortcomings = [
    ...(datesArrivals ? [] : ["the kernel does not date datagrams (SO_TIMESTAMPNS): they are dated when read"]),
    ...(countsDrops ? [] : ["the kernel does not tell what it drops (SO_RXQ_OVFL)"]),
    ...smallerThan("receive", asked.receive, bufferSizes.receive),
    ...smallerThan("send", asked.send, bufferSizes.send),
  ];
  return { descriptor, local: fromSocketAddress(name), bufferSizes, countsDrops, shortcomings };
}

/** The reason for taking a kind of socket, with what the kernel did not give. */
export function reasonWith(reason: string, shortcomings: readonly string[]): string {
  return [reason, ...shortcomings].join("; ");
}

function smallerThan(name: string, asked: number, granted: number): string[] {
  const usable = Math.floor(granted / 2);
  return usable >= asked ? [] : [`a ${name} buffer of ${usable} octets where ${asked} were asked for`];
}

/** Asks for a size beyond the system's limit first, which needs rights, then within it; gives what was granted. */
function sizeBuffer(libc: Libc, descriptor: number, option: number, force: number, size: number): number {
  if (!setOption(libc, descriptor, force, size)) setOption(libc, descriptor, option, size);
  const granted = new Uint32Array(1);
  libc.symbols.getsockopt(descriptor, SOL_SOCKET, option, granted, Uint32Array.of(4));
  return granted[0]!;
}

function setOption(libc: Libc, descriptor: number, option: number, value: number): boolean {
  return libc.symbols.setsockopt(descriptor, SOL_SOCKET, option, Int32Array.of(value), 4) === 0;
}

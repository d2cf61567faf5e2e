/** Stream sockets of the system: opened, connected, bound and accepted, none of which blocks. */
import { formatAddress } from "./address.ts";
import type { Address } from "./flow.ts";
import {
  bindError,
  errorName,
  IPPROTO_TCP,
  type Libc,
  SO_ERROR,
  SO_REUSEADDR,
  SO_TIMESTAMPNS,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from "./libc.ts";
import { fromSocketAddress, SOCKADDR_IN6_SIZE, toSocketAddress } from "./message_ring.ts";

const FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;
/** Connections that may wait to be accepted; the system has a limit of its own. */
const BACKLOG = 4096;
const ON = Int32Array.of(1);

/** A socket that is being connected to an address of the system, or the name of the system's error. */
export function connectSocket(libc: Libc, name: Uint32Array<ArrayBuffer>): number | string {
  const { symbols } = libc;
  const descriptor = symbols.socket(name[0]! & 0xffff, SOCK_STREAM | FLAGS, 0);
  if (descriptor < 0) return libc.errno();
  prepare(libc, descriptor);
  if (symbols.connect(descriptor, name, name.byteLength) < 0) {
    const error = libc.errno();
    if (error !== "EINPROGRESS") {
      symbols.close(descriptor);
      return error;
    }
  }
  return descriptor;
}

/** A socket that listens, and its address with the port that was taken; throws what Deno would. */
export function listeningSocket(libc: Libc, local: Address): { descriptor: number; local: Address } {
  const name = toSocketAddress(local);
  if (name === undefined) throw new TypeError(`Cannot listen at ${formatAddress(local)}: the host is not numeric`);
  const { symbols } = libc;
  const descriptor = symbols.socket(name[0]! & 0xffff, SOCK_STREAM | FLAGS, 0);
  if (descriptor < 0) throw bindError(libc.errno(), formatAddress(local));
  symbols.setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, ON, 4);
  const isBound = symbols.bind(descriptor, name, name.byteLength) === 0 && symbols.listen(descriptor, BACKLOG) === 0;
  if (!isBound) {
    const error = bindError(libc.errno(), formatAddress(local));
    symbols.close(descriptor);
    throw error;
  }
  return { descriptor, local: localAddress(libc, descriptor) };
}

/** The next connection that a peer has made, or the name of the error: `EAGAIN` where there is none. */
export function acceptSocket(libc: Libc, listening: number): { descriptor: number; remote: Address } | string {
  const name = new Uint32Array(SOCKADDR_IN6_SIZE / 4);
  const descriptor = libc.symbols.accept4(listening, name, Uint32Array.of(name.byteLength), FLAGS);
  if (descriptor < 0) return libc.errno();
  prepare(libc, descriptor);
  return { descriptor, remote: fromSocketAddress(name) };
}

/** What became of a connection that was being made: undefined where it stands, else the name of the error. */
export function connectError(libc: Libc, descriptor: number): string | undefined {
  const number = new Int32Array(1);
  libc.symbols.getsockopt(descriptor, SOL_SOCKET, SO_ERROR, number, Uint32Array.of(4));
  return number[0] === 0 ? undefined : errorName(number[0]!);
}

/** Our end of a socket. */
export function localAddress(libc: Libc, descriptor: number): Address {
  const name = new Uint32Array(SOCKADDR_IN6_SIZE / 4);
  libc.symbols.getsockname(descriptor, name, Uint32Array.of(name.byteLength));
  return fromSocketAddress(name);
}

/** Octets leave at once, and those that come are dated. */
function prepare(libc: Libc, descriptor: number): void {
  libc.symbols.setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, ON, 4);
  libc.symbols.setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, ON, 4);
}

/** Many UDP sockets of Deno, asked and counted as one. */
import { type DatagramCounters, type DatagramOptions, type DatagramSockets, newDatagramCounters } from "./datagram.ts";
import type { Address, Flow, Receiver } from "./flow.ts";
import { PortableUdp } from "./udp_portable.ts";

/** Slots of each: their memory must not add up. */
const SLOTS_OF_ONE = 4;

/** One `PortableUdp` for each address. */
export class ManyPortableUdp implements DatagramSockets {
  readonly local: Address;
  readonly locals: readonly Address[];
  readonly implementation = "portable";
  readonly reason: string;
  readonly counters: DatagramCounters = newDatagramCounters();
  readonly bufferSizes: undefined;
  readonly closed: Promise<void>;
  readonly #options: DatagramOptions;
  readonly #members: PortableUdp[] = [];
  readonly #locals: Address[] = [];
  /** Those that have read something since they were asked last, some twice. */
  #filled: PortableUdp[] = [];
  readonly #finish: () => void;

  /** Binds the first socket; throws when the address cannot be bound. */
  constructor(options: DatagramOptions, reason: string) {
    this.#options = options;
    this.reason = reason;
    this.locals = this.#locals;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#finish = resolve;
    this.add(options.local);
    this.local = this.#locals[0]!;
  }

  /** Binds one more socket. */
  add(local: Address): number {
    const { receiver } = this.#options;
    const told: Receiver = {
      receive: (octets, flow, at) => receiver.receive(octets, flow, at),
      onFlowFault: (flow, fault) => receiver.onFlowFault(flow, fault),
      onRead: (mustTake) => {
        // it may ask for them at once
        this.#filled.push(member);
        const isTaken = receiver.onRead?.(mustTake) === true;
        if (!isTaken) this.#filled.pop();
        return isTaken;
      },
    };
    const options = { ...this.#options, local, receiver: told };
    const member: PortableUdp = new PortableUdp(options, this.reason, this.counters, SLOTS_OF_ONE);
    this.#locals.push(member.local);
    return this.#members.push(member) - 1;
  }

  /** Closes the socket that was added last. */
  removeLast(): void {
    this.#members.pop()?.close();
    this.#locals.pop();
  }

  /** The flow of a socket to a peer. */
  flowTo(remote: Address, source = 0): Flow {
    return this.#members[source]!.flowTo(remote);
  }

  /** Delivers what was read and has waited. */
  receiveNow(): number {
    const filled = this.#filled;
    this.#filled = [];
    return filled.reduce((count, member) => count + member.receiveNow(), 0);
  }

  /** Nothing to do: datagrams are sent at once. */
  flush(): void {}

  /** Closes all; datagrams sent before still leave. */
  close(): void {
    for (const member of this.#members) member.close();
    Promise.all(this.#members.map(({ closed }) => closed)).then(this.#finish);
  }
}

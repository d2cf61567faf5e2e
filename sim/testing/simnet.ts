/**
 * A network for tests: flows between receivers with delay, loss, duplication and disorder, under a hand-moved wheel and a
 * seeded chance. Nothing arrives before `wheel.advance` has moved past its moment.
 */
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { Due, Wheel } from "../clock/wheel.ts";
import type {
  Address,
  Departing,
  Flow,
  Framer,
  FramerFactory,
  Receiver,
  TransportFault,
  TransportName,
} from "../transport/flow.ts";

/** How a network treats what is sent; may be changed while it runs. */
export interface Conditions {
  /** One-way delay. */
  delay: Millis;
  /** Up to so much is added to the delay of a datagram, evenly spread: more than the gaps between them is disorder. */
  jitter: Millis;
  /** Share of datagrams that never arrive. */
  loss: number;
  /** Share of datagrams that arrive twice. */
  duplication: number;
  /** Octets a connection delivers at once at most; 0: each `send` arrives as it was sent. */
  segment: number;
}

/** What happened in a network so far. */
export interface SimnetCounters {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  /** Sent to an address that nobody is attached to, or on a closed flow. */
  undeliverable: number;
}

/** A party's place in the network. */
export interface Host {
  readonly address: Address;
  readonly receiver: Receiver;
  /** Cuts what connections deliver; without it, each delivery counts as one message. */
  readonly framer: FramerFactory | undefined;
  readonly datagramFlows: Map<string, DatagramFlow>;
  readonly connections: Set<ConnectionFlow>;
}

/** The network. */
export class Simnet {
  readonly wheel: Wheel;
  readonly random: Random;
  readonly conditions: Conditions;
  readonly counters: SimnetCounters = { sent: 0, delivered: 0, lost: 0, duplicated: 0, undeliverable: 0 };
  readonly #hosts: Map<string, Host> = new Map();
  #nextPort = 32768;

  /** A network without delay or loss unless said otherwise. */
  constructor(options: { wheel: Wheel; random: Random } & Partial<Conditions>) {
    const { wheel, random, ...conditions } = options;
    this.wheel = wheel;
    this.random = random;
    this.conditions = { delay: 1, jitter: 0, loss: 0, duplication: 0, segment: 0, ...conditions };
  }

  /** Gives a receiver an address, where it takes datagrams and connections. */
  attach(address: Address, receiver: Receiver, framer?: FramerFactory): Host {
    const host = { address, receiver, framer, datagramFlows: new Map(), connections: new Set<ConnectionFlow>() };
    this.#hosts.set(nameOf(address), host);
    return host;
  }

  /** Takes a host away: datagrams to it get lost, connections to it break. */
  detach(host: Host): void {
    this.#hosts.delete(nameOf(host.address));
    for (const connection of [...host.connections]) this.cut(connection, "connection_reset");
  }

  /** The flow from a host to an address: the same one each time, a new connection once the old one has closed. */
  flowTo(host: Host, transport: TransportName, remote: Address): Flow {
    return transport === "udp" ? this.datagramFlow(host, remote) : this.#connectionTo(host, remote);
  }

  /** A connection of its own from a host to an address. */
  openConnection(host: Host, remote: Address): Flow {
    const ours = new ConnectionFlow(this, host, remote);
    host.connections.add(ours);
    const peer = this.hostAt(remote);
    if (peer === undefined) {
      this.wheel.arm(this.conditions.delay, ours, "refused");
    } else {
      const theirs = new ConnectionFlow(this, peer, { host: host.address.host, port: this.#nextPort++ });
      peer.connections.add(theirs);
      ours.join(theirs);
      this.wheel.arm(this.conditions.delay, ours, "connected");
    }
    return ours;
  }

  /** Breaks a connection: both ends hear of it at once. */
  cut(flow: Flow, fault: TransportFault = "connection_reset"): void {
    if (flow instanceof ConnectionFlow) flow.fail(fault);
  }

  /** The host at an address. */
  hostAt(address: Address): Host | undefined {
    return this.#hosts.get(nameOf(address));
  }

  /** The datagram flow of a host to an address. */
  datagramFlow(host: Host, remote: Address): DatagramFlow {
    let flow = host.datagramFlows.get(nameOf(remote));
    if (flow === undefined) {
      flow = new DatagramFlow(this, host, remote);
      host.datagramFlows.set(nameOf(remote), flow);
    }
    return flow;
  }

  #connectionTo(host: Host, remote: Address): Flow {
    for (const known of host.connections) {
      if (known.open && nameOf(known.remote) === nameOf(remote)) return known;
    }
    return this.openConnection(host, remote);
  }
}

/** A datagram association; made by `Simnet`. */
class DatagramFlow implements Flow {
  readonly transport = "udp";
  readonly reliable = false;
  readonly local: Address;
  readonly remote: Address;
  readonly open = true;
  readonly queued = 0;
  readonly #net: Simnet;
  readonly #host: Host;

  constructor(net: Simnet, host: Host, remote: Address) {
    this.#net = net;
    this.#host = host;
    this.local = host.address;
    this.remote = remote;
  }

  send(octets: Uint8Array, departing?: Departing): void {
    const { conditions, random, counters, wheel } = this.#net;
    departing?.departed(wheel.now);
    counters.sent++;
    if (random.uniform() < conditions.loss) {
      counters.lost++;
      return;
    }
    this.#launch(octets.slice());
    if (random.uniform() < conditions.duplication) {
      counters.duplicated++;
      this.#launch(octets.slice());
    }
  }

  close(): void {
    this.#host.datagramFlows.delete(nameOf(this.remote));
  }

  #launch(octets: Uint8Array): void {
    const { conditions, random, wheel } = this.#net;
    const delay = conditions.delay + random.uniform() * conditions.jitter;
    const arrival: Due = { due: (_timer, now) => this.#arrive(octets, now) };
    wheel.arm(delay, arrival, "arrival");
  }

  #arrive(octets: Uint8Array, now: Millis): void {
    const peer = this.#net.hostAt(this.remote);
    if (peer === undefined) {
      this.#net.counters.undeliverable++;
      return;
    }
    this.#net.counters.delivered++;
    peer.receiver.receive(octets, this.#net.datagramFlow(peer, this.local), now);
  }
}

/** One end of a connection; made by `Simnet`. */
class ConnectionFlow implements Flow, Due {
  readonly transport = "tcp";
  readonly reliable = true;
  readonly local: Address;
  readonly remote: Address;
  open = true;
  queued = 0;
  readonly #net: Simnet;
  readonly #host: Host;
  readonly #framer: Framer | undefined;
  /** Sent by us and under way. */
  readonly #underWay: Uint8Array[] = [];
  /** Arrived here and not yet a whole message. */
  #partial: Uint8Array = new Uint8Array(0);
  #peer: ConnectionFlow | undefined;
  #isGone = false;

  constructor(net: Simnet, host: Host, remote: Address) {
    this.#net = net;
    this.#host = host;
    this.#framer = host.framer?.();
    this.local = host.address;
    this.remote = remote;
  }

  join(peer: ConnectionFlow): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  send(octets: Uint8Array, departing?: Departing): void {
    const { conditions, counters, wheel } = this.#net;
    departing?.departed(wheel.now);
    if (!this.open) {
      counters.undeliverable++;
      return;
    }
    const step = conditions.segment > 0 ? conditions.segment : Math.max(octets.length, 1);
    for (let from = 0; from < octets.length; from += step) {
      counters.sent++;
      this.#underWay.push(octets.slice(from, from + step));
      wheel.arm(conditions.delay, this, "arrival");
    }
    this.queued += octets.length;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.#host.connections.delete(this);
    this.#net.wheel.arm(this.#net.conditions.delay, this, "closed");
  }

  fail(fault: TransportFault): void {
    for (const end of [this, this.#peer]) {
      if (end === undefined || end.#isGone) continue;
      const wasOpen = end.open;
      end.#forget();
      if (wasOpen) end.#host.receiver.onFlowFault(end, fault);
    }
  }

  due(timer: string, now: Millis): void {
    if (timer === "refused") return this.fail("connection_refused");
    if (timer === "closed") return this.fail("connection_closed");
    if (timer === "connected") {
      if (this.open) this.#host.receiver.onConnected?.(this, now);
      return;
    }
    // the octets are those of the queue, not of the alarm: a stream keeps its order
    const octets = this.#underWay.shift();
    if (octets === undefined || this.#peer === undefined || !this.#peer.open) return;
    this.#net.counters.delivered++;
    this.queued -= octets.length;
    this.#peer.#arrive(octets, now);
    if (this.queued === 0 && this.open) this.#host.receiver.onDrained?.(this);
  }

  #arrive(octets: Uint8Array, now: Millis): void {
    const { receiver } = this.#host;
    if (this.#framer === undefined) return receiver.receive(octets, this, now);
    const all = new Uint8Array(this.#partial.length + octets.length);
    all.set(this.#partial);
    all.set(octets, this.#partial.length);
    let from = 0;
    while (this.open && from < all.length) {
      const length = this.#framer.frame(all, from, all.length);
      if (length < 0) return this.fail("malformed_stream");
      if (length === 0) break;
      receiver.receive(all.subarray(from, from + length), this, now);
      from += length;
    }
    this.#partial = all.slice(from);
  }

  #forget(): void {
    this.#isGone = true;
    this.open = false;
    this.queued = 0;
    this.#underWay.length = 0;
    this.#host.connections.delete(this);
  }
}

function nameOf(address: Address): string {
  return `${address.host} ${address.port}`;
}

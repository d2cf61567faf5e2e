/**
 * `Transports` in memory: datagrams and connections of many parties under one hand-moved wheel. What nobody listens to is
 * refused, what was sent arrives when the wheel is moved.
 */
import type { Clock } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import type { TransportReceivers, Transports } from "../endpoint/sockets.ts";
import { MsrpFramer } from "../msrp/framing.ts";
import { SipFramer } from "../sip/framing.ts";
import type { Address, Flow, Receiver, Tap, TransportName } from "../transport/flow.ts";
import { type Conditions, type Host, Simnet } from "./simnet.ts";

/** Datagrams and connections in two networks, so that an address may take the ones and refuse the others. */
export class SimNetwork {
  readonly wheel: Wheel = new Wheel();
  /** The wheel's time. */
  readonly clock: Clock = { now: () => this.wheel.now };
  readonly datagrams: Simnet;
  readonly streams: Simnet;
  /** Sees what SIP receivers get over both. */
  tap: Tap | undefined;

  /** Without loss unless said otherwise; connections only take the delay from `conditions`. */
  constructor(conditions: Partial<Conditions> = {}) {
    const { wheel } = this;
    this.datagrams = new Simnet({ wheel, random: new Random(11), ...conditions });
    this.streams = new Simnet({ wheel, random: new Random(12), delay: conditions.delay ?? 1 });
  }

  /** Moves the time on by so many milliseconds. */
  wait(milliseconds: number): void {
    this.wheel.advance(this.wheel.now + milliseconds);
  }

  /** Moves the time to a moment. */
  waitUntil(moment: number): void {
    this.wheel.advance(moment);
  }
}

/** One party's transports. */
export class SimTransports implements Transports {
  readonly local: Address;
  readonly msrpLocal: Address;
  readonly #network: SimNetwork;
  readonly #datagrams: Host;
  readonly #streams: Host;
  readonly #msrp: Host;
  #refusesSip = false;

  /** SIP is listened for at `local`, MSRP at the port 10000 above it. */
  constructor(network: SimNetwork, local: Address, receivers: TransportReceivers) {
    this.#network = network;
    this.local = local;
    this.msrpLocal = { host: local.host, port: local.port + 10_000 };
    const sip = tapped(network, receivers.sip);
    this.#datagrams = network.datagrams.attach(local, sip);
    this.#streams = network.streams.attach(local, sip, () => new SipFramer());
    this.#msrp = network.streams.attach(this.msrpLocal, receivers.msrp, () => new MsrpFramer());
  }

  flowTo(transport: TransportName, remote: Address): Flow {
    return transport === "udp"
      ? this.#network.datagrams.flowTo(this.#datagrams, "udp", remote)
      : this.#network.streams.flowTo(this.#streams, "tcp", remote);
  }

  msrpFlowTo(remote: Address): Flow {
    return this.#network.streams.flowTo(this.#msrp, "tcp", remote);
  }

  openMsrp(remote: Address): Flow {
    return this.#network.streams.openConnection(this.#msrp, remote);
  }

  msrpConnections(): number {
    return this.#msrp.connections.size;
  }

  hasRuntimeConnections(): boolean {
    return this.#msrp.connections.size + this.#streams.connections.size > 0;
  }

  /** Nothing is queued here. */
  flush(): void {}

  /** Leaves the network; open connections break at their other end. */
  close(): Promise<void> {
    this.#network.datagrams.detach(this.#datagrams);
    if (!this.#refusesSip) this.#network.streams.detach(this.#streams);
    this.#network.streams.detach(this.#msrp);
    return Promise.resolve();
  }

  /** From now on connections for SIP are refused; datagrams arrive. */
  refuseSipConnections(): void {
    this.#refusesSip = true;
    this.#network.streams.detach(this.#streams);
  }

  /** From now on connections for MSRP are refused, and those there are break. */
  refuseMsrpConnections(): void {
    this.#network.streams.detach(this.#msrp);
  }
}

function tapped(network: SimNetwork, receiver: Receiver): Receiver {
  return {
    receive: (octets, flow, at) => {
      network.tap?.("received", octets, flow, at);
      receiver.receive(octets, flow, at);
    },
    onFlowFault: (flow, fault) => receiver.onFlowFault(flow, fault),
    onConnected: (flow, at) => receiver.onConnected?.(flow, at),
    onDrained: (flow) => receiver.onDrained?.(flow),
  };
}

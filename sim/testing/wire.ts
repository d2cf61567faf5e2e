/**
 * A flow without socket and network, and transports made of such flows: for benches, and for stands that never leave
 * memory.
 */
import type { TransportReceivers, Transports } from "../endpoint/sockets.ts";
import type { Address, Flow, TransportName } from "../transport/flow.ts";

/** Where wires begin. */
const LOCAL: Address = { host: "127.0.0.1", port: 5060 };
const MSRP_LOCAL: Address = { host: "127.0.0.1", port: 2855 };
/** Where they end, unless said otherwise. */
const REMOTE: Address = { host: "127.0.0.1", port: 7000 };

/** Hands to a function what is sent; what it is to receive is handed to its receiver by whoever holds it. */
export class Wire implements Flow {
  readonly transport: TransportName;
  readonly reliable: boolean;
  readonly open = true;
  readonly queued = 0;
  readonly local: Address = LOCAL;
  readonly remote: Address;
  readonly #onSent: (octets: Uint8Array) => void;

  /** By default what is sent goes nowhere; the octets are valid until `onSent` returns. */
  constructor(transport: TransportName, onSent: (octets: Uint8Array) => void = () => {}, remote: Address = REMOTE) {
    this.transport = transport;
    this.reliable = transport === "tcp";
    this.remote = remote;
    this.#onSent = onSent;
  }

  send(octets: Uint8Array): void {
    this.#onSent(octets);
  }

  close(): void {}
}

/**
 * Transports of a party whose SIP goes by one wire and whose MSRP, if it has any, by another; `attach` gets its
 * receivers.
 */
export function wired(
  attach: (receivers: TransportReceivers) => void,
  sip: Wire,
  msrp?: Wire,
): (receivers: TransportReceivers) => Transports {
  return (receivers) => {
    attach(receivers);
    return {
      local: LOCAL,
      msrpLocal: MSRP_LOCAL,
      flowTo: () => sip,
      msrpFlowTo: () => msrp ?? sip,
      openMsrp: () => msrp ?? sip,
      msrpConnections: () => msrp === undefined ? 0 : 1,
      hasRuntimeConnections: () => msrp !== undefined,
      flush: () => {},
      close: () => Promise.resolve(),
    };
  };
}

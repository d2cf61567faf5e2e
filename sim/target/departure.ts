/** Makes requests ready to leave: chooses the flow, and writes Via and Record-Route that fit it (RFC 3261 §16.6). */
import { OctetWriter } from "../bytes/writer.ts";
import type { Message } from "../sip/message.ts";
import type { SessionTimerOffer } from "../sip/session_timer.ts";
import { countOne } from "../sip/transaction/counters.ts";
import { formatAddress } from "../transport/address.ts";
import type { Address, Flow, TransportName } from "../transport/flow.ts";
import { writeForwardedRequest } from "./forwarding.ts";
import type { Ways } from "./ways.ts";

/** The largest request that may leave over UDP, in octets (RFC 3261 §18.1.1). */
const LARGEST_DATAGRAM_REQUEST = 1300;

/** Where a request goes to. */
export interface Destination {
  /** Its Request-URI from here on. */
  readonly uri: string;
  readonly transport: TransportName;
  readonly address: Address;
  /** The connection to use while it is open. */
  readonly flow: Flow | undefined;
  /** Route values at the top that are ours. */
  readonly routesDropped: number;
}

/** A request ready to be sent; the octets are valid until the next one is made ready. */
export interface Leaving {
  readonly flow: Flow;
  readonly branch: string;
  readonly octets: Uint8Array;
}

/** What requests are made ready with. */
export interface DepartureOptions {
  readonly ways: Ways;
  readonly counters: Map<string, number>;
  newBranch(): string;
  /** Whether Proxy-Authorization was for us. */
  readonly dropsCredentials: boolean;
}

/** Writes forwarded requests. */
export class Departure {
  readonly #options: DepartureOptions;
  readonly #writer = new OctetWriter(4096);

  /** Uses the ways of its options. */
  constructor(options: DepartureOptions) {
    this.#options = options;
  }

  /**
   * A request that came on `arrival`, ready for its destination; undefined when there is no way. `any`: a request too
   * large for UDP goes to the same host and port by TCP (RFC 3261 §18.1.1).
   */
  prepare(
    request: Message,
    arrival: Flow,
    destination: Destination,
    timer: SessionTimerOffer | undefined,
    transport: "any" | "udp",
  ): Leaving | undefined {
    const { ways, counters } = this.#options;
    const { address, flow: known } = destination;
    const flow = known?.open === true ? known : ways.flowTo(destination.transport, address);
    if (flow === undefined) return undefined;
    const leaving = this.#write(request, arrival, destination, flow, timer);
    if (flow.reliable || transport === "udp" || leaving.octets.length <= LARGEST_DATAGRAM_REQUEST) return leaving;
    const stream = ways.flowTo("tcp", address);
    if (stream === undefined) return leaving;
    countOne(counters, "forwarded.switched_to_tcp");
    return this.#write(request, arrival, destination, stream, timer);
  }

  #write(
    request: Message,
    arrival: Flow,
    destination: Destination,
    flow: Flow,
    timer: SessionTimerOffer | undefined,
  ): Leaving {
    const { newBranch, dropsCredentials } = this.#options;
    const branch = newBranch();
    writeForwardedRequest(this.#writer.reset(), request, {
      uri: destination.uri,
      transport: flow.transport,
      sentBy: formatAddress(flow.local),
      branch,
      recordRoutes: request.method === "INVITE" ? recordRoutes(arrival, flow) : [],
      routesDropped: destination.routesDropped,
      receivedFrom: arrival.remote,
      timer,
      dropsCredentials,
    });
    return { flow, branch, octets: this.#writer.view() };
  }
}

/** Our Record-Route values: two where the sides differ, the one towards the server on top (RFC 5658 §5). */
function recordRoutes(arrival: Flow, departure: Flow): string[] {
  const [inner, outer] = [ownRoute(departure), ownRoute(arrival)];
  return inner === outer ? [inner] : [inner, outer];
}

function ownRoute(flow: Flow): string {
  return `<sip:${formatAddress(flow.local)};transport=${flow.transport};lr>`;
}

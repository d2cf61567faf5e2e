/** One request on its way: picks the transport by size, and falls back to UDP where TCP is refused (RFC 3261 §18.1.1). */
import { TextCache } from "../bytes/text_cache.ts";
import type { Millis } from "../clock/clock.ts";
import { type Endpoint, LARGEST_DATAGRAM_REQUEST } from "../endpoint/endpoint.ts";
import type { Message } from "../sip/message.ts";
import { writeRequestText } from "../sip/request.ts";
import type { ClientTransaction, ClientTransactionUser } from "../sip/transaction/user.ts";
import { parseUri } from "../sip/uri.ts";
import type { Address, TransportFault, TransportName } from "../transport/flow.ts";

/** Header fields after Via, in order. */
export type HeaderFields = readonly (readonly [name: string, value: string])[];

/** A request without Via and Content-Length. */
export interface RequestContent {
  readonly method: string;
  readonly uri: string;
  /** Header lines, each with its CR LF: asked for whenever it is written. */
  lines(): string;
  body?(): string;
}

/** Where a request goes first. */
export interface NextHop {
  readonly remote: Address;
  readonly transport: TransportName;
}

/** What hears of a request's end. */
export interface OutgoingUser {
  onResponse(message: Message, outgoing: Outgoing, at: Millis): void;
  onTimeout(outgoing: Outgoing): void;
  onTransportFault(outgoing: Outgoing, fault: TransportFault): void;
}

/** A request and its client transactions, one after another when the transport has to change. */
export class Outgoing implements ClientTransactionUser {
  readonly content: RequestContent;
  /** The transaction under way. */
  transaction: ClientTransaction;
  /** When its octets were handed down. */
  readonly sentAt: Millis;
  readonly #endpoint: Endpoint;
  readonly #hop: NextHop;
  readonly #user: OutgoingUser;
  readonly #source: number;
  #switched = false;
  /** Number of the branch of the request as last sent. */
  #branch = 0;

  /** Sends at once, from that source of the endpoint. */
  constructor(endpoint: Endpoint, content: RequestContent, hop: NextHop, user: OutgoingUser, source: number) {
    this.#endpoint = endpoint;
    this.content = content;
    this.#hop = hop;
    this.#user = user;
    this.#source = source;
    this.sentAt = endpoint.clock.now();
    this.transaction = this.#send(hop.transport, true);
  }

  /** From the transaction. */
  onResponse(message: Message, _transaction: ClientTransaction, at: Millis): void {
    this.#user.onResponse(message, this, at);
  }

  /** From the transaction. */
  onTimeout(): void {
    this.#user.onTimeout(this);
  }

  /** From the transaction: a refused switch to TCP is tried again over UDP. */
  onTransportFault(_transaction: ClientTransaction, fault: TransportFault): void {
    if (this.#switched && fault === "connection_refused") {
      this.#switched = false;
      this.transaction = this.#send("udp", false);
      return;
    }
    this.#user.onTransportFault(this, fault);
  }

  /** The request as last sent, written again from its content; valid until the next message is written. */
  octets(): Uint8Array {
    return this.#write(this.transaction.flow.transport, this.#branch);
  }

  #send(transport: TransportName, maySwitch: boolean): ClientTransaction {
    const endpoint = this.#endpoint;
    const branch = this.#branch = endpoint.transactions.newBranchNumber();
    const octets = this.#write(transport, branch);
    if (maySwitch && transport === "udp" && octets.length > LARGEST_DATAGRAM_REQUEST) {
      this.#switched = true;
      endpoint.switchedToTcp++;
      return this.#send("tcp", false);
    }
    const flow = endpoint.flowTo(transport, this.#hop.remote, this.#source);
    return endpoint.transactions.request(this.content.method, branch, octets, flow, this);
  }

  #write(transport: TransportName, branch: number): Uint8Array {
    const { content } = this;
    const writer = this.#endpoint.writer.reset();
    writeRequestText(writer, {
      method: content.method,
      uri: content.uri,
      transport,
      sentBy: this.#endpoint.sentBy(this.#source),
      branch: this.#endpoint.transactions.branchOf(branch),
      lines: content.lines(),
      body: content.body?.(),
    });
    return writer.view();
  }
}

const NUMERIC_HOST_REGEXP = /^(\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:.]+)$/i;

/** Where a URI leads: its host when numeric, else the way everything goes; its transport parameter wins (RFC 3263 §4.1). */
export function nextHopOf(uriText: string, otherwise: NextHop): NextHop {
  const { remote, transport } = PLACES.of(uriText);
  if (remote === undefined) return otherwise;
  return { remote, transport: transport ?? otherwise.transport };
}

function readPlace(uriText: string): { readonly remote?: Address; readonly transport?: TransportName } {
  const uri = parseUri(uriText);
  if (uri === undefined || !NUMERIC_HOST_REGEXP.test(uri.host)) return {};
  const remote = { host: uri.host, port: uri.port ?? 5060 };
  const transport = uri.parameters.get("transport")?.toLowerCase();
  return transport === "tcp" || transport === "udp" ? { remote, transport } : { remote };
}

/** Many sessions lead to the same server. */
const PLACES = new TextCache(readPlace);

/** The URI inside a Route value. */
export function uriOfRoute(route: string): string {
  return /<([^>]*)>/.exec(route)?.[1] ?? route;
}

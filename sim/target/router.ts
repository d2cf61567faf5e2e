/** Where a request goes (RFC 3261 §16.4 to §16.6). */
import type { Message } from "../sip/message.ts";
import { parseNameAddr } from "../sip/name_addr.ts";
import { parameterOf, parseUri, type SipUri } from "../sip/uri.ts";
import { octetsOfHost } from "../transport/address.ts";
import type { Destination } from "./departure.ts";
import type { Gate } from "./gate.ts";
import type { Contact, Location } from "./location.ts";
import type { Ways } from "./ways.ts";

const DEFAULT_PORT = 5060;
/** Route values that are remembered; the own ones are few. */
const MAX_ROUTES = 1000;

/** What a router looks at. */
export interface RouterOptions {
  readonly ways: Ways;
  readonly location: Location;
  readonly gate: Gate;
  /** The domains it serves; any when undefined. */
  readonly domain: readonly string[] | undefined;
}

/** Finds the next hop of requests. */
export class Router {
  readonly #options: RouterOptions;
  readonly #ownRoutes: Map<string, boolean> = new Map();

  /** Looks at the location service and the addresses of its options. */
  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** The destination of a request, or the status of a response when it has none. */
  route(message: Message): Destination | number {
    const routes = message.headerValues("Route");
    const uri = message.requestUri();
    let routesDropped = 0;
    while (routesDropped < routes.length && this.#isOwnRoute(routes[routesDropped]!)) routesDropped++;
    const next = routes[routesDropped];
    if (next !== undefined) {
      return this.#towards(parseUri(parseNameAddr(next)?.uri ?? ""), uri, routesDropped) ?? 404;
    }
    return message.toTag() === "" ? this.#toUser(uri, routesDropped) : this.#toContact(uri, routesDropped);
  }

  /** A way to another client than that of `destination`; undefined when there is no other. */
  astray({ uri, routesDropped }: Destination): Destination | undefined {
    const binding = this.#options.location.bindingOtherThan(uri);
    return binding && destinationOf(binding.contact, routesDropped);
  }

  /** Whether a request is meant for the server and not for one of its users. */
  isForServer(message: Message): boolean {
    const uri = parseUri(message.requestUri());
    if (uri === undefined || uri.user !== undefined) return false;
    return this.#isOwn(uri) || this.#serves(uri.host);
  }

  /** Whether a REGISTER is for a domain of the server. */
  servesRegister(message: Message): boolean {
    const domain = parseUri(message.requestUri());
    const user = parseUri(message.to()?.uri ?? "");
    return domain !== undefined && user !== undefined && this.#serves(domain.host) && this.#serves(user.host);
  }

  /** A request outside dialogs: to the newest contact of its user, else to the address it names itself. */
  #toUser(uri: string, routesDropped: number): Destination | number {
    const { location, gate } = this.#options;
    const bindings = location.lookUp(uri);
    if (bindings !== undefined && bindings.length > 0) return destinationOf(bindings[0]!.contact, routesDropped);
    if (bindings !== undefined) return 480;
    const parsed = parseUri(uri);
    if (parsed?.user !== undefined && gate.knowsUser(parsed.user)) return 480;
    const isElsewhere = parsed !== undefined && parsed.port !== undefined && !this.#isServedName(parsed.host);
    return (isElsewhere ? this.#toContact(uri, routesDropped) : undefined) ?? 404;
  }

  /** A request inside a dialog: its Request-URI is the contact of the peer. */
  #toContact(uri: string, routesDropped: number): Destination | number {
    const binding = this.#options.location.bindingOf(uri);
    if (binding !== undefined) return destinationOf(binding.contact, routesDropped);
    return this.#towards(parseUri(uri), uri, routesDropped) ?? 404;
  }

  /** The next hop that a URI names by a numeric address; nothing is looked up, and nothing comes back to us. */
  #towards(next: SipUri | undefined, uri: string, routesDropped: number): Destination | undefined {
    if (next === undefined || octetsOfHost(next.host) === undefined || this.#isOwn(next)) return undefined;
    const address = { host: next.host, port: next.port ?? DEFAULT_PORT };
    const transport = parameterOf(next, "transport")?.toLowerCase() === "tcp" ? "tcp" : "udp";
    return { uri, transport, address, flow: undefined, routesDropped };
  }

  #isOwn(uri: SipUri): boolean {
    return this.#options.ways.isOwn(uri.host, uri.port ?? DEFAULT_PORT);
  }

  #isOwnRoute(value: string): boolean {
    let own = this.#ownRoutes.get(value);
    if (own === undefined) {
      const uri = parseUri(parseNameAddr(value)?.uri ?? "");
      own = uri !== undefined && this.#isOwn(uri);
      if (this.#ownRoutes.size >= MAX_ROUTES) this.#ownRoutes.clear();
      this.#ownRoutes.set(value, own);
    }
    return own;
  }

  #serves(host: string): boolean {
    const { domain } = this.#options;
    return domain === undefined || this.#isServedName(host) || octetsOfHost(host) !== undefined;
  }

  #isServedName(host: string): boolean {
    const lowerCase = host.toLowerCase();
    return this.#options.domain?.some((name) => name.toLowerCase() === lowerCase) ?? false;
  }
}

function destinationOf(contact: Contact, routesDropped: number): Destination {
  const { uri, transport, address, flow } = contact;
  return { uri, transport, address, flow, routesDropped };
}

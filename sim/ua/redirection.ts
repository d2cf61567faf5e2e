/** Where a 3xx leads a request (RFC 3261 §8.1.3.4): to the first Contact, once, and only to hosts that we may reach. */
import type { Message } from "../sip/message.ts";
import { parseUri, writeUri } from "../sip/uri.ts";
import { type NextHop, nextHopOf } from "./outgoing.ts";
import type { UserAgent } from "./user_agent.ts";

/** The new Request-URI, and where the request goes first. */
export interface Redirection {
  readonly uri: string;
  readonly hop: NextHop;
}

/** Those whose Contact names the same party elsewhere; 305 names a proxy and 380 another service. */
const FOLLOWED: ReadonlySet<number> = new Set([300, 301, 302]);

/**
 * Where to send a request again that got this response, counted; undefined where it is no redirection, or one that is not
 * followed and so a rejection. `redirected`: whether this request was redirected before.
 */
export function redirectionOf(agent: UserAgent, message: Message, redirected: boolean): Redirection | undefined {
  if (message.status < 300 || message.status >= 400) return undefined;
  const found = redirected || !FOLLOWED.has(message.status) ? undefined : reachable(agent, message.contact()?.uri);
  agent.settings.recorder.count(found === undefined ? "redirects.not_followed" : "redirects.followed");
  return found;
}

/** A URI of our domain goes the way of everything; else its host must be the target's, ours or one of the scenario's. */
function reachable(agent: UserAgent, contact: string | undefined): Redirection | undefined {
  const { target, transport, domain, endpoint, furtherHosts = [] } = agent.settings;
  const parsed = contact === undefined ? undefined : parseUri(contact);
  if (parsed === undefined || parsed.scheme !== "sip") return undefined;
  // header fields of a URI have no place in a start line (RFC 3261 §19.1.1)
  const { headers: _headers, ...address } = parsed;
  const uri = writeUri(address);
  const usual: NextHop = { remote: target, transport };
  if (parsed.host.toLowerCase() === domain.toLowerCase()) return { uri, hop: usual };
  const { host } = parsed;
  if (!endpoint.isOurHost(host) && ![target.host, ...furtherHosts].includes(host)) return undefined;
  // a route that the registrar gave leads every initial request (RFC 3608 §6.1)
  return { uri, hop: agent.serviceRoute.length > 0 ? usual : nextHopOf(uri, usual) };
}

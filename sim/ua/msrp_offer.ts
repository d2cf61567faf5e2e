/** Our side of an MSRP session: its URI, its description, its place in the MSRP layer and its connection. */
import { hashText } from "../bytes/hash.ts";
import type { Millis } from "../clock/clock.ts";
import type { MsrpSession } from "../msrp/session.ts";
import { parseMsrpUri } from "../msrp/uri.ts";
import type { MsrpSessionUser } from "../msrp/user.ts";
import { writeMsrpOffer } from "../sdp/msrp_media.ts";
import type { Address, Flow } from "../transport/flow.ts";
import { kindsTaken } from "./content_kinds.ts";
import { closeUnused, linger } from "./msrp_linger.ts";
import type { UserAgentSettings } from "./settings.ts";

/** Versions of descriptions look like times of NTP, as RFC 8866 §5.2 recommends. */
const FIRST_VERSION = 3_900_000_000;
const VERSIONS = 90_000_000;
/** How long a connection that a peer opened, and that no session uses, waits to be closed by the peer. */
const ACCEPTED_LINGER: Millis = 5000;
/** How long a shared connection of ours waits for its next session: a new one costs as much as a large message. */
const SHARED_LINGER: Millis = 100;

/** What our side of a stream wants: who connects, and which way content goes. */
export interface StreamTerms {
  readonly setup: "actpass" | "active" | "passive";
  readonly direction: "sendonly" | "recvonly";
}

/** Opens an MSRP session under a URI of ours. */
export function openMsrp(
  settings: UserAgentSettings,
  user: MsrpSessionUser,
  setup: StreamTerms["setup"],
): MsrpSession {
  const { endpoint } = settings;
  const localUri = endpoint.msrp.newSessionUri(addressNamed(endpoint.msrpLocal, setup));
  return endpoint.msrp.open({ localUri, user, acceptTypes: kindsTaken(settings) });
}

/**
 * Describes an MSRP session for an offer or an answer; the same each time, as a refresh must be (RFC 4975 §8.4): it is
 * written again rather than kept.
 */
export function describeMsrp(settings: UserAgentSettings, { localUri }: MsrpSession, terms: StreamTerms): string {
  const { msrpLocal } = settings.endpoint;
  const named = addressNamed(msrpLocal, terms.setup);
  // as unique as the URI is (RFC 8866 §5.2)
  const version = FIRST_VERSION + (hashText(localUri) % VERSIONS);
  return writeMsrpOffer({
    host: named.host,
    port: named.port,
    path: [localUri],
    tls: false,
    acceptTypes: kindsTaken(settings),
    setup: terms.setup,
    direction: terms.direction,
    origin: `- ${version} ${version} IN ${msrpLocal.host.includes(":") ? "IP6" : "IP4"} ${msrpLocal.host}`,
  });
}

/** Port 9 says that nobody listens (RFC 6135 §4.2.1). */
function addressNamed(address: Address, setup: StreamTerms["setup"]): Address {
  return setup === "active" ? { host: address.host, port: 9 } : address;
}

/** The connection to the first URI of a peer's path, its own or a shared one as the settings say; undefined without port. */
export function flowToPath(settings: UserAgentSettings, uri: string): Flow | undefined {
  const first = parseMsrpUri(uri);
  if (first?.port === undefined) return undefined;
  const remote = { host: first.host.replace(/^\[|\]$/g, ""), port: first.port };
  const { transports, msrp } = settings.endpoint;
  if (settings.msrp.connections !== "shared") return transports.openMsrp(remote);
  const flow = transports.msrpFlowTo(remote);
  if (msrp.sessionsOn(flow) > 0) settings.recorder.count("msrp.connections_reused");
  return flow;
}

/**
 * Forgets an MSRP session, and closes its connection when no other session uses it (RFC 4975 §5.4). `isOurs`: we opened
 * it. Who accepted it leaves the closing to the peer for a while: another session of the peer may be on its way over it. A
 * shared one of ours waits a moment for the next session.
 */
export function closeMsrp(settings: UserAgentSettings, session: MsrpSession, isOurs: boolean): void {
  const { flow } = session;
  const { endpoint, msrp } = settings;
  session.close();
  if (flow === undefined || endpoint.msrp.sessionsOn(flow) > 0) return;
  if (!isOurs) linger(endpoint, flow, ACCEPTED_LINGER);
  else if (msrp.connections === "shared") linger(endpoint, flow, SHARED_LINGER);
  else closeUnused(endpoint, flow);
}

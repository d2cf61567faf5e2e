/** Our side of an MSRP session: its URI, its description, its place in the MSRP layer and its connection. */
import type { Millis } from "../clock/clock.ts";
import type { MsrpSession } from "../msrp/session.ts";
import { parseMsrpUri } from "../msrp/uri.ts";
import type { MsrpSessionUser } from "../msrp/user.ts";
import type { MsrpMedia } from "../sdp/msrp_media.ts";
import type { Flow } from "../transport/flow.ts";
import { kindsTaken } from "./content_kinds.ts";
import type { UserAgentSettings } from "./settings.ts";

/** How long a connection that a peer opened, and that no session uses, waits to be closed by the peer. */
const ACCEPTED_LINGER: Millis = 5000;

/** Opens an MSRP session and describes it for an offer or an answer. */
export function openMsrp(
  settings: UserAgentSettings,
  user: MsrpSessionUser,
  setup: "actpass" | "active" | "passive",
  direction: "sendonly" | "recvonly",
): { session: MsrpSession; media: MsrpMedia } {
  const { endpoint } = settings;
  const address = endpoint.msrpLocal;
  // port 9 says that nobody listens (RFC 6135 §4.2.1)
  const named = setup === "active" ? { host: address.host, port: 9 } : address;
  const localUri = endpoint.msrp.newSessionUri(named);
  const acceptTypes = kindsTaken(settings);
  const session = endpoint.msrp.open({ localUri, user, acceptTypes });
  const version = String(3_900_000_000 + endpoint.random.integer(90_000_000));
  return {
    session,
    media: {
      host: named.host,
      port: named.port,
      path: [localUri],
      tls: false,
      acceptTypes,
      setup,
      direction,
      origin: `- ${version} ${version} IN ${address.host.includes(":") ? "IP6" : "IP4"} ${address.host}`,
    },
  };
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
 * it. Who accepted it leaves the closing to the peer for a while: another session of the peer may be on its way over it.
 */
export function closeMsrp(settings: UserAgentSettings, session: MsrpSession, isOurs: boolean): void {
  const { flow } = session;
  const { msrp, wheel } = settings.endpoint;
  session.close();
  if (flow === undefined || msrp.sessionsOn(flow) > 0) return;
  const closeUnused = (): void => {
    if (msrp.sessionsOn(flow) === 0) flow.close();
  };
  if (isOurs) closeUnused();
  else wheel.arm(ACCEPTED_LINGER, { due: closeUnused }, "linger");
}

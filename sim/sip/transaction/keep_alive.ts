/** CR LF between messages: keep-alives of peers, and answers to ours (RFC 5626 §4.4.1). */
import { CR, CRLF, LF } from "../../bytes/ascii.ts";
import type { Millis } from "../../clock/clock.ts";
import type { Flow } from "../../transport/flow.ts";
import type { LayerCounters } from "./counters.ts";
import type { ServerCore } from "./user.ts";

/** Octets of a ping, the longest keep-alive: CR LF CR LF. */
const PING_LENGTH = 4;

/** Whether octets are no message but a keep-alive. */
export function isKeepAlive(octets: Uint8Array): boolean {
  return octets.length <= PING_LENGTH && (octets[0] === CR || octets[0] === LF);
}

/** Counts a keep-alive; a ping is answered on connections, which alone are kept alive so. */
export function receiveKeepAlive(
  octets: Uint8Array,
  flow: Flow,
  at: Millis,
  counters: LayerCounters,
  core: ServerCore,
): void {
  if (octets.length < PING_LENGTH) {
    counters.pongs++;
    core.onPong?.(flow, at);
    return;
  }
  counters.pings++;
  if (flow.reliable) flow.send(CRLF);
}

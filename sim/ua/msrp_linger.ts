/** Connections that no MSRP session uses at present, and that wait a while for their next one (RFC 4975 §5.4). */
import type { Millis } from "../clock/clock.ts";
import type { Alarm } from "../clock/wheel.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Flow } from "../transport/flow.ts";

const WAITING: WeakMap<Endpoint, Map<Flow, Alarm>> = new WeakMap();

/** Closes a connection once no session has used it for `delay`; a session that came and went in between begins it anew. */
export function linger(endpoint: Endpoint, flow: Flow, delay: Millis): void {
  let waiting = WAITING.get(endpoint);
  if (waiting === undefined) WAITING.set(endpoint, waiting = new Map());
  const before = waiting.get(flow);
  if (before !== undefined) endpoint.wheel.cancel(before);
  const due = (): void => {
    waiting.delete(flow);
    closeUnused(endpoint, flow);
  };
  waiting.set(flow, endpoint.wheel.arm(delay, { due }, "linger"));
}

/** Closes those that wait: nobody will ask for them any more. */
export function closeLingering(endpoint: Endpoint): void {
  const waiting = WAITING.get(endpoint);
  WAITING.delete(endpoint);
  for (const [flow, alarm] of waiting ?? []) {
    endpoint.wheel.cancel(alarm);
    closeUnused(endpoint, flow);
  }
}

/** Closes a connection that no session uses. */
export function closeUnused(endpoint: Endpoint, flow: Flow): void {
  if (endpoint.msrp.sessionsOn(flow) === 0) flow.close();
}

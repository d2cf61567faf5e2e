/** Session timers seen from a proxy, which shortens and fills in but never refreshes (RFC 4028 §8). */
import type { Message } from "./message.ts";
import {
  parseMinSe,
  parseSessionExpires,
  type SessionTimerOffer,
  SMALLEST_SESSION_INTERVAL,
  supportsSessionTimer,
} from "./session_timer.ts";

/** What a proxy does about the session timer of a request. */
export type ForwardedTimer =
  | { readonly status: 422; readonly minSe: number }
  | {
    readonly status: "forward";
    /** What takes the place of the lines of the request; undefined: they stay as they are. */
    readonly offer: SessionTimerOffer | undefined;
    /** Interval that the forwarded request then has, seconds; undefined: none. */
    readonly expires: number | undefined;
    /** Whether the client knows session timers. */
    readonly clientSupports: boolean;
  };

/**
 * The session timer of an INVITE or UPDATE on its way (RFC 4028 §8.1): too small an interval is refused where the client
 * understands that, else raised together with `Min-SE`; a larger one than `ours.expires` is lowered, a missing one put in.
 */
export function forwardSessionTimer(request: Message, ours: { minSe: number; expires?: number }): ForwardedTimer {
  const clientSupports = supportsSessionTimer(request);
  const asked = parseSessionExpires(request.header("Session-Expires") ?? "");
  const clientMinSe = parseMinSe(request.header("Min-SE") ?? "");
  const floor = Math.max(clientMinSe ?? 0, SMALLEST_SESSION_INTERVAL);
  const kept = clientMinSe === undefined ? {} : { minSe: clientMinSe };
  if (asked === undefined) {
    const expires = ours.expires === undefined ? undefined : Math.max(ours.expires, floor);
    const offer = expires === undefined ? undefined : { expires, ...kept };
    return { status: "forward", offer, expires, clientSupports };
  }
  if (asked.seconds < ours.minSe) {
    const minSe = Math.max(ours.minSe, floor);
    if (clientSupports) return { status: 422, minSe };
    return { status: "forward", offer: { expires: minSe, minSe }, expires: minSe, clientSupports };
  }
  const expires = Math.min(asked.seconds, Math.max(ours.expires ?? asked.seconds, floor));
  if (expires === asked.seconds) return { status: "forward", offer: undefined, expires, clientSupports };
  const role = asked.refresher === undefined ? {} : { refresher: asked.refresher };
  return { status: "forward", offer: { expires, ...role, ...kept }, expires, clientSupports };
}

/**
 * What a proxy puts into a 2xx, beside `Require: timer`, when the server does not know session timers but the client
 * does: the client then refreshes (RFC 4028 §8.2). Undefined: the 2xx stays as it is.
 */
export function completeSessionTimer(
  forwarded: { readonly expires: number | undefined; readonly clientSupports: boolean },
  response: Message,
): SessionTimerOffer | undefined {
  if (forwarded.expires === undefined || !forwarded.clientSupports) return undefined;
  if (response.header("Session-Expires") !== undefined) return undefined;
  return { expires: forwarded.expires, refresher: "uac" };
}

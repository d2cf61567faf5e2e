/** Session timers: what both sides of one INVITE or UPDATE agree on, without a clock (RFC 4028 §4 to §9). */
import { TextCache } from "../bytes/text_cache.ts";
import type { Millis } from "../clock/clock.ts";
import type { Message } from "./message.ts";

/** A role in one transaction, the value of the `refresher` parameter. */
export type RefresherRole = "uac" | "uas";

/** Who refreshes, seen from here; unlike the role, the same in every transaction of the dialog. */
export type Refresher = "us" | "peer";

/** What a request asks for. */
export interface SessionTimerOffer {
  /** Session interval, seconds. */
  readonly expires: number;
  /** Smallest interval that is acceptable, seconds; absent: no `Min-SE` line. */
  readonly minSe?: number;
  /** Role of the one to refresh; absent: the other side chooses. */
  readonly refresher?: RefresherRole;
}

/** A session interval that runs. */
export interface SessionTimer {
  /** Session interval, seconds. */
  readonly expires: number;
  /** Who refreshes. */
  readonly refresher: Refresher;
}

/** What a server does about the session timer of a request. */
export type SessionTimerAnswer =
  | { readonly status: 422; readonly minSe: number }
  | {
    readonly status: 200;
    /** Seconds, for `Session-Expires`; absent: no session timer. */
    readonly expires?: number;
    readonly refresher?: RefresherRole;
    /** Whether `Require: timer` belongs into the response. */
    readonly requireTimer: boolean;
  };

/** The option tag of session timers (RFC 4028 §12.1). */
export const TIMER_OPTION_TAG = "timer";

/** Smallest session interval there may be, seconds, and the default of `Min-SE` (RFC 4028 §5). */
export const SMALLEST_SESSION_INTERVAL = 90;

/** Longest time before the expiration at which a session without refresh is given up, seconds (RFC 4028 §10). */
const LONGEST_EXPIRY_MARGIN = 32;

// Session-Expires = delta-seconds *( SEMI ( "refresher" EQUAL ( "uas" / "uac" ) / generic-param ) )
const SESSION_EXPIRES_REGEXP = /^[ \t]*(\d{1,10})[ \t]*((?:;[^;]*)*)$/;
const REFRESHER_REGEXP = /;[ \t]*refresher[ \t]*=[ \t]*(ua[cs])[ \t]*(?:;|$)/i;
const MIN_SE_REGEXP = /^[ \t]*(\d{1,10})[ \t]*(?:;.*)?$/;

/** Reads a `Session-Expires` value; undefined when it is malformed or 0 (RFC 4028 §4). */
export function parseSessionExpires(value: string): SessionExpires | undefined {
  return value === "" ? undefined : VALUES.of(value);
}

/** A `Session-Expires` value. */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher?: RefresherRole;
}

/** Every answer of a run brings one of few. */
const VALUES = new TextCache(readSessionExpires);

function readSessionExpires(value: string): SessionExpires | undefined {
  const found = SESSION_EXPIRES_REGEXP.exec(value);
  const seconds = Number(found?.[1]);
  if (found === null || seconds === 0) return undefined;
  const refresher = REFRESHER_REGEXP.exec(found[2]!)?.[1]?.toLowerCase() as RefresherRole | undefined;
  return refresher === undefined ? { seconds } : { seconds, refresher };
}

/** Reads a `Min-SE` value, seconds; undefined when it is malformed (RFC 4028 §5). */
export function parseMinSe(value: string): number | undefined {
  const found = MIN_SE_REGEXP.exec(value);
  return found === null ? undefined : Number(found[1]);
}

/** The header lines of an offer or of an answer: `Session-Expires` and, where it has one, `Min-SE` (RFC 4028 §4, §5). */
export function sessionTimerHeaders(offer: SessionTimerOffer): (readonly [name: string, value: string])[] {
  const role = offer.refresher === undefined ? "" : `;refresher=${offer.refresher}`;
  const lines: (readonly [string, string])[] = [["Session-Expires", `${offer.expires}${role}`]];
  if (offer.minSe !== undefined) lines.push(["Min-SE", String(offer.minSe)]);
  return lines;
}

/** Whether the sender of a message knows session timers: the option tag in `Supported` or in `Require` (RFC 4028 §7.1). */
export function supportsSessionTimer(message: Message): boolean {
  return ["Supported", "Require"].some((name) =>
    message.headerValues(name).some((tag) => tag.toLowerCase() === TIMER_OPTION_TAG)
  );
}

/** Who refreshes, from the role in a transaction and from our role in that transaction. */
export function refresherOf(role: RefresherRole, ours: RefresherRole): Refresher {
  return role === ours ? "us" : "peer";
}

/**
 * The answer of the server side to an INVITE or UPDATE (RFC 4028 §9, Table 2): the client's value, lowered to
 * `ours.expires` where that is smaller and the client's `Min-SE` allows it, never raised. `ours.expires` is also what we
 * ask for when the client, which must then know session timers, did not. `ours.prefer` decides where the client left the
 * refresher open, else the client refreshes.
 */
export function answerSessionTimer(
  request: Message,
  ours: { minSe: number; expires?: number; prefer?: RefresherRole },
): SessionTimerAnswer {
  const clientSupports = supportsSessionTimer(request);
  const asked = parseSessionExpires(request.header("Session-Expires") ?? "");
  const clientMinSe = parseMinSe(request.header("Min-SE") ?? "") ?? 0;
  if (asked === undefined) {
    if (!clientSupports || ours.expires === undefined) return { status: 200, requireTimer: false };
    const refresher = ours.prefer ?? "uac";
    return { status: 200, expires: Math.max(ours.expires, clientMinSe), refresher, requireTimer: true };
  }
  if (asked.seconds < ours.minSe && clientSupports) {
    return { status: 422, minSe: Math.max(ours.minSe, SMALLEST_SESSION_INTERVAL) };
  }
  const floor = Math.max(clientMinSe, SMALLEST_SESSION_INTERVAL, ours.minSe);
  const expires = Math.min(asked.seconds, Math.max(ours.expires ?? asked.seconds, floor));
  // a client without support cannot refresh: its value was put in by a proxy
  const refresher = clientSupports ? asked.refresher ?? ours.prefer ?? "uac" : "uas";
  return { status: 200, expires, refresher, requireTimer: clientSupports };
}

/**
 * What a 2xx makes of the session timer on the client side (RFC 4028 §7.2): its own value, whoever put it in, or none.
 * `soloRefresh`: run the interval we asked for alone where the server does not know session timers.
 */
export function acceptSessionTimer(
  response: Message,
  asked: { expires?: number; soloRefresh: boolean },
): SessionTimer | undefined {
  const granted = parseSessionExpires(response.header("Session-Expires") ?? "");
  // a 2xx without the role breaks RFC 4028 §9; two refreshers harm less than none
  if (granted !== undefined) {
    return { expires: granted.seconds, refresher: refresherOf(granted.refresher ?? "uac", "uac") };
  }
  if (asked.expires === undefined || !asked.soloRefresh || supportsSessionTimer(response)) return undefined;
  return { expires: asked.expires, refresher: "us" };
}

/** From a 2xx to the refresh, where `share` of the interval has passed: half of it is recommended (RFC 4028 §10). */
export function refreshDelay(expires: number, share: number): Millis {
  return expires * share * 1000;
}

/** From a 2xx to the BYE of a session that nobody refreshed: the lesser of 32 s and a third early (RFC 4028 §10). */
export function expiryDelay(expires: number): Millis {
  return (expires - Math.min(LONGEST_EXPIRY_MARGIN, expires / 3)) * 1000;
}

/**
 * The largest `Min-SE` seen for a call, before its dialog and inside it, in 422 responses and in refreshes of the peer:
 * what every later request must ask for at least (RFC 4028 §7.3, §7.4).
 */
export class MinSeMemory {
  #largest: number | undefined;

  /** Seconds; undefined until one was seen. */
  value(): number | undefined {
    return this.#largest;
  }

  /**
   * Takes a `Min-SE`, seconds; undefined: the message had none. False when it changes nothing: after a 422, another try
   * would then be the same request again (RFC 4028 §10 forbids to loop on one error).
   */
  raise(minSe: number | undefined): boolean {
    if (minSe === undefined) return false;
    // less than 90 s may not be asked for, so neither do we repeat it
    const raised = Math.max(minSe, SMALLEST_SESSION_INTERVAL);
    if (raised <= (this.#largest ?? 0)) return false;
    this.#largest = raised;
    return true;
  }

  /** The offer with `Min-SE` as large as seen and the interval not below it (RFC 4028 §7.3). */
  applyTo(offer: SessionTimerOffer): SessionTimerOffer {
    if (this.#largest === undefined) return offer;
    const minSe = Math.max(this.#largest, offer.minSe ?? 0);
    return { ...offer, minSe, expires: Math.max(offer.expires, minSe) };
  }
}

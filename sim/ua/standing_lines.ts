/** Lines of an INVITE that are the same for all clients of a population, put together once. */
import type { Profile } from "../im/profile.ts";
import { linesOf } from "../sip/request.ts";
import { sessionTimerHeaders, type SessionTimerOffer } from "../sip/session_timer.ts";

/** The latest of each profile, and what they were made for. */
const LATEST: WeakMap<Profile, { readonly offer: SessionTimerOffer; readonly lines: string }> = new WeakMap();

/** What a client can do, what it asks of the session timer, and what its profile adds: whole header lines. */
export function standingLines(profile: Profile, offer: SessionTimerOffer): string {
  const known = LATEST.get(profile);
  if (known !== undefined && isSame(known.offer, offer)) return known.lines;
  const lines = `Allow: ${profile.allow}\r\nSupported: timer\r\n` +
    linesOf([...sessionTimerHeaders(offer), ...profile.extraLarge]);
  LATEST.set(profile, { offer, lines });
  return lines;
}

function isSame(one: SessionTimerOffer, other: SessionTimerOffer): boolean {
  return one.expires === other.expires && one.minSe === other.minSe && one.refresher === other.refresher;
}

/** Refreshing a session: what the request says and what its failure means (RFC 4028 §7.4, §10). */
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { MinSeMemory, RefresherRole, SessionTimer, SessionTimerOffer } from "./session_timer.ts";

/** How a session is refreshed: by `auto`, UPDATE where the peer is known to take it. */
export type RefreshMethod = "auto" | "update" | "reinvite";

/** What to do after a refresh that got no 2xx. */
export type RefreshFailure = "release" | "interval_too_small" | "glare" | "authenticate" | "wait_for_expiration";

/**
 * What our refresh of a running timer asks for: the same interval, and a refresher that leaves the roles as they are
 * (RFC 4028 §7.4). We are the client of this transaction, whoever began the dialog.
 */
export function refreshOffer(timer: SessionTimer, memory: MinSeMemory): SessionTimerOffer {
  const refresher: RefresherRole = timer.refresher === "us" ? "uac" : "uas";
  return memory.applyTo({ expires: timer.expires, refresher });
}

/**
 * The method of a refresh. `allow`: methods of the last `Allow` seen from the peer, undefined when there was none; only
 * a list with UPDATE makes `auto` choose it (RFC 4028 §7.4).
 */
export function refreshMethodFor(allow: readonly string[] | undefined, method: RefreshMethod): "UPDATE" | "INVITE" {
  if (method === "update") return "UPDATE";
  return method === "auto" && allow?.includes("UPDATE") === true ? "UPDATE" : "INVITE";
}

/**
 * What the failure of a refresh means for the session: `release` sends BYE (RFC 4028 §10, RFC 3261 §12.2.1.2). A
 * transport fault counts as 503 (RFC 3261 §8.1.3.1).
 */
export function afterRefreshFailure(failure: number | "timeout"): RefreshFailure {
  switch (failure) {
    case "timeout":
    case 408:
    case 481:
      return "release";
    case 422:
      return "interval_too_small";
    case 491:
      return "glare";
    case 401:
    case 407:
      return "authenticate";
    default:
      return "wait_for_expiration";
  }
}

/**
 * How long to wait after a 491, in steps of 10 ms: 2.1 to 4 s for the owner of the Call-ID, else 0 to 2 s
 * (RFC 3261 §14.1).
 */
export function glareDelay(ownsCallId: boolean, random: Random): Millis {
  return ownsCallId ? 2100 + 10 * random.integer(191) : 10 * random.integer(201);
}

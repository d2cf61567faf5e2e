/** Refreshing a session: what the request says, what its failure means, and the 422 loop (RFC 4028 §7.3, §7.4, §10). */
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { Message } from "./message.ts";
import {
  parseMinSe,
  type RefresherRole,
  type SessionTimer,
  type SessionTimerOffer,
  SMALLEST_SESSION_INTERVAL,
} from "./session_timer.ts";

/** How a session is refreshed: by `auto`, UPDATE where the peer is known to take it. */
export type RefreshMethod = "auto" | "update" | "reinvite";

/** What to do after a refresh that got no 2xx. */
export type RefreshFailure = "release" | "interval_too_small" | "glare" | "authenticate" | "wait_for_expiration";

/** 422 responses in a row that are answered with a larger interval; each proxy of a path may send one. */
const MAX_TOO_SMALL = 5;

/**
 * The largest `Min-SE` seen for a call, before its dialog and inside it: what every later request must ask for at least
 * (RFC 4028 §7.3, §7.4).
 */
export class MinSeMemory {
  /** Seconds; undefined until one was seen. */
  largest: number | undefined;
  #inARow = 0;

  /**
   * Takes a 422 to our INVITE or UPDATE. `give_up` when another try would be the same request again, and after
   * five 422 in a row (RFC 4028 §10 forbids to loop on one error).
   */
  onTooSmall(response: Message): "retry" | "give_up" {
    const before = this.largest ?? 0;
    this.#take(response);
    if (this.largest === undefined || this.largest <= before) return "give_up";
    return ++this.#inARow > MAX_TOO_SMALL ? "give_up" : "retry";
  }

  /** Takes a refresh of the peer, whose `Min-SE` binds our next one (RFC 4028 §7.4). */
  onRefresh(request: Message): void {
    this.#take(request);
  }

  /** Takes a 2xx: the next 422 is the first of a row. */
  onAccepted(): void {
    this.#inARow = 0;
  }

  /** An offer that respects what was seen: `Min-SE` as large, the interval not below it (RFC 4028 §7.3). */
  raise(offer: SessionTimerOffer): SessionTimerOffer {
    if (this.largest === undefined) return offer;
    const minSe = Math.max(this.largest, offer.minSe ?? 0);
    return { ...offer, minSe, expires: Math.max(offer.expires, minSe) };
  }

  /** Less than 90 s may not be asked for, so neither do we repeat it (RFC 4028 §5). */
  #take(message: Message): void {
    const asked = parseMinSe(message.header("Min-SE") ?? "");
    if (asked !== undefined) this.largest = Math.max(asked, this.largest ?? 0, SMALLEST_SESSION_INTERVAL);
  }
}

/**
 * What our refresh of a running timer asks for: the same interval, and a refresher that leaves the roles as they are
 * (RFC 4028 §7.4). We are the client of this transaction, whoever began the dialog.
 */
export function refreshOffer(timer: SessionTimer, memory: MinSeMemory): SessionTimerOffer {
  const refresher: RefresherRole = timer.refresher === "us" ? "uac" : "uas";
  return memory.raise({ expires: timer.expires, refresher });
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

/** How long to wait after a 491, in steps of 10 ms: 2.1 to 4 s for the owner of the Call-ID, else 0 to 2 s (RFC 3261 §14.1). */
export function glareDelay(ownsCallId: boolean, random: Random): Millis {
  return ownsCallId ? 2100 + 10 * random.integer(191) : 10 * random.integer(201);
}

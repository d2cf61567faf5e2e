/** Which counters and latencies stand in `summary.json` by themselves. */

/** Parts of `clients`. */
export const CLIENTS = ["configured", "registered", "failed"] as const;

/** Parts of `decisions`. */
export const DECISIONS = ["pager", "large", "at_boundary", "switched_after_auth"] as const;

/** Parts of `sessions`. */
export const SESSIONS = ["invited", "established", "released", "released_by_peer", "failed", "leaked"] as const;

/** Parts of `session_timer`. */
export const SESSION_TIMER = [
  "started",
  "refreshes_sent",
  "refreshes_received",
  "refreshes_failed",
  "interval_too_small_422",
  "expired",
] as const;

/** Parts of `transport`. */
export const TRANSPORT = [
  "switched_to_tcp",
  "sent",
  "received",
  "octets_sent",
  "octets_received",
  "send_failed",
  "connections_opened",
  "connections_failed",
] as const;

/** Names in `latency_us`. */
export const LATENCIES_SHOWN = [
  "register",
  "pager_sent",
  "pager_response",
  "pager_accept",
  "pager_delivery",
  "large_sent",
  "large_response",
  "large_setup",
  "large_connect",
  "large_transfer",
  "large_accept",
  "large_delivery",
  "large_teardown",
  "large_whole",
  "refresh",
  "refresh_lag",
  "refresh_margin",
  "pager_accept_from_sent",
] as const;

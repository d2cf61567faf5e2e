/** How an attempt ended: what its sender learned, and what its receiver saw. */

/** How a message travels: inside one SIP MESSAGE, or over MSRP; the same literals as `im/mode.ts`. */
export type Mode = "pager" | "large";

/**
 * What the sender learned: a final 200 or 202, another final response, a fault of transport or session before any
 * answer, a transaction timeout (Timer B or F, or 30 s of MSRP), or nothing until the run ended.
 */
export type Outcome = "accepted_200" | "accepted_202" | "rejected" | "failed" | "timed_out" | "unanswered";

/**
 * What the receiver saw: the content whole, nothing although it was accepted, nothing and it was not accepted, not
 * known when the run ended, or not ours to see.
 */
export type Arrival = "delivered" | "lost" | "refused" | "open" | "unobserved";

/** Every outcome; their counts add up to the attempts. */
export const OUTCOMES: readonly Outcome[] = [
  "accepted_200",
  "accepted_202",
  "rejected",
  "failed",
  "timed_out",
  "unanswered",
];

/** Every arrival; their counts add up to the attempts. */
export const ARRIVALS: readonly Arrival[] = ["delivered", "lost", "refused", "open", "unobserved"];

/** Both ways a message travels. */
export const MODES: readonly Mode[] = ["pager", "large"];

/** Whether the next hop took the message. */
export function isAccepted(outcome: Outcome): boolean {
  return outcome === "accepted_200" || outcome === "accepted_202";
}

/** The outcome of a final SIP response to the request that carries a message. */
export function outcomeOfStatus(status: number): Outcome {
  if (status === 202) return "accepted_202";
  return status >= 200 && status < 300 ? "accepted_200" : "rejected";
}

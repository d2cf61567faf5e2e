/** The decision between pager mode and a large message session (I585 §9, RFC 3428 §8). */

/** `pager`: one MESSAGE; `large`: an INVITE session with one MSRP message. */
export type Mode = "pager" | "large";

/** What the size of a message is measured on: the whole request on its first hop, its body, or the user's content. */
export type SizeBasis = "request" | "body" | "content";

/** `literal`: exactly the threshold is neither below nor above it, so large; `inclusive`: it is still pager. */
export type Boundary = "literal" | "inclusive";

/** How one client decides. */
export interface ModeRule {
  /** Octets; 1300 in the specifications. */
  readonly threshold: number;
  /** What happens at exactly the threshold. */
  readonly boundary: Boundary;
  /** Positive knowledge that every hop to the receiver uses a connection-oriented transport. */
  readonly endToEndReliable: boolean;
  /** A mode to use whatever the size. */
  readonly force: "auto" | Mode;
}

/** Largest MESSAGE outside of a congestion-controlled path, octets (RFC 3428 §8). */
export const PAGER_THRESHOLD = 1300;

/**
 * The mode for a message of `size` octets (I585 §9):
 *
 * | size            | reliable path unknown              | reliable path known |
 * | below threshold | pager                              | pager               |
 * | at threshold    | large; pager where inclusive       | as left             |
 * | above threshold | large                              | pager               |
 */
export function decideMode(size: number, rule: ModeRule): Mode {
  if (rule.force !== "auto") return rule.force;
  if (size < rule.threshold) return "pager";
  if (size === rule.threshold) return rule.boundary === "inclusive" ? "pager" : "large";
  return rule.endToEndReliable ? "pager" : "large";
}

/** The size that a rule looks at, of the three sizes of one message, octets. */
export function sizeFor(basis: SizeBasis, sizes: Readonly<Record<SizeBasis, number>>): number {
  return sizes[basis];
}

/** What answers to a large message mean: why an answer cannot be used, and what becomes of the attempt. */
import type { Outcome } from "../metrics/outcome.ts";
import { acceptsType, type MsrpMedia } from "../sdp/msrp_media.ts";
import type { InvitationFailure } from "./invitation.ts";

/**
 * Why a content of so many octets and of that media type cannot be sent to what a well-formed answer describes
 * (RFC 4975 §8.6).
 */
export function faultOfAnswer(answer: MsrpMedia, size: number, kind: string): string | undefined {
  if (answer.tls) return "tls";
  if (!acceptsType(answer, kind)) return "type";
  if (answer.direction === "sendonly" || answer.direction === "inactive") return "direction";
  return size > (answer.maxSize ?? Infinity) ? "max_size" : undefined;
}

/** Whether a refusal ends a session request delay: neither a redirection nor a challenge does (RFC 6076 §4.3.2). */
export function isFailedRequest(status: number): boolean {
  return status >= 400 && ![401, 402, 407].includes(status);
}

/** What the sender learned when an invitation led to no session. */
export function outcomeOf(failure: InvitationFailure): Outcome {
  switch (failure.kind) {
    case "rejected":
    case "session_interval_too_small":
      return "rejected";
    case "timed_out":
      return "timed_out";
    case "cancelled":
      return "unanswered";
    default:
      return "failed";
  }
}

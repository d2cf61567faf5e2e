/** Option tags that requests insist on (RFC 3261 §8.2.2.3). */
import type { Message } from "../sip/message.ts";
import { TIMER_OPTION_TAG } from "../sip/session_timer.ts";

/** Those of Require that we do not know. */
export function unsupportedOf(message: Message): string[] {
  return message.headerValues("Require").filter((tag) => tag.toLowerCase() !== TIMER_OPTION_TAG);
}

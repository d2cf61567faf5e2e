/** How long a binding lives, and when it is to be refreshed. */
import type { Millis } from "../clock/clock.ts";
import type { Message } from "../sip/message.ts";
import { parseNameAddr } from "../sip/name_addr.ts";
import { sameUri } from "../sip/uri.ts";

/** Seconds that a 200 grants our contact: by our own Contact, else by Expires, else what we asked (RFC 3261 §10.2.4). */
export function grantedSeconds(message: Message, contact: string, asked: number): number {
  const ours = parseNameAddr(contact)!.uri;
  const contacts = message.headerValues("Contact").map(parseNameAddr);
  const binding = contacts.find((each) => each !== undefined && sameUri(each.uri, ours));
  const seconds = binding?.parameters.get("expires") ?? message.header("Expires") ?? "";
  return /^\d{1,10}$/.test(seconds) ? Number(seconds) : asked;
}

/** Milliseconds after which a binding of so many seconds is refreshed (3GPP TS 24.229 §5.1.1.4). */
export function refreshAfter(expires: number): Millis {
  return expires > 1200 ? (expires - 600) * 1000 : expires * 500;
}

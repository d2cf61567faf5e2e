/** Contents that are compressed: our clients take none (RFC 3261 §8.2.3). */
import type { Message } from "../sip/message.ts";
import type { HeaderFields } from "./outgoing.ts";

/** What a 415 says of encodings: nothing but the content itself. */
export const ENCODINGS_TAKEN: HeaderFields = [["Accept-Encoding", "identity"]];

/** Whether a content is anything but the octets of its type. */
export function isEncoded(message: Message): boolean {
  return message.headerValues("Content-Encoding").some((encoding) => encoding.toLowerCase() !== "identity");
}

/** Contents that are compressed: our clients take none (RFC 3261 §8.2.3). */
import { headerIdOf } from "../sip/header_name.ts";
import type { Message } from "../sip/message.ts";
import type { HeaderFields } from "./outgoing.ts";

const CONTENT_ENCODING = headerIdOf("Content-Encoding");

/** What a 415 says of encodings: nothing but the content itself. */
export const ENCODINGS_TAKEN: HeaderFields = [["Accept-Encoding", "identity"]];

/** Whether a content is anything but the octets of its type. */
export function isEncoded(message: Message): boolean {
  return message.lineOf(CONTENT_ENCODING) >= 0 &&
    message.headerValues("Content-Encoding").some((encoding) => encoding.toLowerCase() !== "identity");
}

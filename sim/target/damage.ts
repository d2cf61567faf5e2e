/** Changes to the content of a message on its way. */
import { toOctets, toText } from "../bytes/text.ts";

const CONTENT_LENGTH_REGEXP = /^((?:Content-Length|l)[ \t]*:[ \t]*)\d+/im;

/** Changes the last octet of a content that begins at `bodyFrom`: what a mark at its beginning says stays readable. */
export function damageLast(octets: Uint8Array, bodyFrom: number): void {
  const at = octets.length - 1;
  // the lowest bit: text stays text
  if (at >= bodyFrom) octets[at] = octets[at]! ^ 1;
}

/** The message with the first half of its content only, and a Content-Length that says so. */
export function withoutLastHalf(octets: Uint8Array, bodyFrom: number): Uint8Array {
  const size = Math.floor((octets.length - bodyFrom) / 2);
  const head = toOctets(toText(octets.subarray(0, bodyFrom)).replace(CONTENT_LENGTH_REGEXP, `$1${size}`));
  const cut = new Uint8Array(head.length + size);
  cut.set(head);
  cut.set(octets.subarray(bodyFrom, bodyFrom + size), head.length);
  return cut;
}

/** Looks at a Via without making strings, where it is written as everybody writes it (RFC 3261 §20.42). */
import { COLON, LEFT_BRACKET, RIGHT_BRACKET, SEMICOLON, SLASH, SP } from "../bytes/ascii.ts";
import { tokenEnd } from "../bytes/header_octets.ts";
import { equalsIgnoringCase, readDecimal } from "../bytes/scan.ts";
import { splitList } from "./header_value.ts";
import { parseVia } from "./via.ts";

const LOWER_CASE_VERSION = "sip/2.0";
const VERSION_REGEXP = /^SIP\s*\/\s*2\.0\s*\//i;

/** Whether the value `[from, to)` begins in the usual way and goes on with parameters; one that does not may be good. */
export function isUsualVia(octets: Uint8Array, from: number, to: number): boolean {
  const slash = from + LOWER_CASE_VERSION.length;
  if (!equalsIgnoringCase(octets, from, slash, LOWER_CASE_VERSION) || octets[slash] !== SLASH) return false;
  const transportTo = tokenEnd(octets, slash + 1, to);
  if (octets[transportTo] !== SP) return false;
  const hostFrom = transportTo + 1;
  let at = octets[hostFrom] === LEFT_BRACKET ? referenceEnd(octets, hostFrom, to) : tokenEnd(octets, hostFrom, to);
  if (at === hostFrom) return false;
  if (octets[at] === COLON) {
    const portFrom = at + 1;
    at = tokenEnd(octets, portFrom, to);
    if (readDecimal(octets, portFrom, at) <= 0) return false;
  }
  return octets[at] === SEMICOLON;
}

/** End of the IPv6 reference at `from`; `from` when it has none. */
function referenceEnd(octets: Uint8Array, from: number, to: number): number {
  let at = tokenEnd(octets, from + 1, to);
  while (octets[at] === COLON) at = tokenEnd(octets, at + 1, to);
  return octets[at] === RIGHT_BRACKET && at < to ? at + 1 : from;
}

/** Whether the value of a Via line is good in every element; `parseVia` takes any version, for the answer 505. */
export function areGoodVias(value: string): boolean {
  return VERSION_REGEXP.test(value) &&
    splitList(value).every((element) => VERSION_REGEXP.test(element) && parseVia(element) !== undefined);
}

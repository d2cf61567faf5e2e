/** Header names: canonical spellings, compact forms and small numbers that stand for them (RFC 3261 §7.3.1, §7.3.3). */
import { equalsLowerCase } from "../bytes/scan.ts";
import { toOctets } from "../bytes/text.ts";

/** Canonical spelling and compact form; the place in the list is the number of the name. */
const TABLE = [
  ["", ""],
  ["Via", "v"],
  ["From", "f"],
  ["To", "t"],
  ["Call-ID", "i"],
  ["CSeq", ""],
  ["Content-Length", "l"],
  ["Max-Forwards", ""],
  ["Contact", "m"],
  ["Route", ""],
  ["Record-Route", ""],
  ["Content-Type", "c"],
  ["Expires", ""],
  ["Allow", ""],
  ["Supported", "k"],
  ["Require", ""],
  ["Proxy-Require", ""],
  ["Unsupported", ""],
  ["User-Agent", ""],
  ["Server", ""],
  ["Authorization", ""],
  ["WWW-Authenticate", ""],
  ["Proxy-Authorization", ""],
  ["Proxy-Authenticate", ""],
  ["Authentication-Info", ""],
  ["Session-Expires", "x"],
  ["Min-SE", ""],
  ["Min-Expires", ""],
  ["Accept", ""],
  ["Accept-Contact", "a"],
  ["Reject-Contact", "j"],
  ["Request-Disposition", "d"],
  ["Referred-By", "b"],
  ["Refer-To", "r"],
  ["Event", "o"],
  ["Allow-Events", "u"],
  ["Subscription-State", ""],
  ["Subject", "s"],
  ["Content-Encoding", "e"],
  ["Content-Disposition", ""],
  ["Content-Language", ""],
  ["MIME-Version", ""],
  ["Accept-Encoding", ""],
  ["Accept-Language", ""],
  ["Retry-After", ""],
  ["Warning", ""],
  ["Reason", ""],
  ["Path", ""],
  ["Service-Route", ""],
  ["P-Preferred-Identity", ""],
  ["P-Asserted-Identity", ""],
  ["P-Associated-URI", ""],
  ["P-Access-Network-Info", ""],
  ["P-Preferred-Service", ""],
  ["P-Asserted-Service", ""],
  ["Privacy", ""],
  ["Date", ""],
  ["Priority", ""],
  ["In-Reply-To", ""],
  ["Organization", ""],
  ["Timestamp", ""],
  ["RAck", ""],
  ["RSeq", ""],
  ["Replaces", ""],
  ["Security-Client", ""],
  ["Security-Server", ""],
  ["Security-Verify", ""],
  ["Flow-Timer", ""],
  ["Identity", "y"],
  ["Conversation-ID", ""],
  ["Contribution-ID", ""],
] as const;

/** A header name with a number of its own, in its canonical spelling. */
export type KnownHeaderName = Exclude<(typeof TABLE)[number][0], "">;

/** A header name: canonical spelling of a known one, or any other token. */
export type HeaderName = KnownHeaderName | (string & Record<never, never>);

/** The number of a header name that is not in the list. */
export const UNKNOWN_HEADER = 0;

const LOWER_CASE: readonly Uint8Array[] = TABLE.map(([name]) => toOctets(name.toLowerCase()));
const BY_NAME = new Map<string, number>();
const BY_COMPACT_FORM = new Uint8Array(128);
/** Numbers by length and first letter of the name; five bits of the letter, whatever its case. */
const BUCKETS: number[][] = [];
for (let id = 1; id < TABLE.length; id++) {
  const [name, compact] = TABLE[id]!;
  BY_NAME.set(name, id).set(name.toLowerCase(), id);
  if (compact !== "") {
    BY_NAME.set(compact, id);
    BY_COMPACT_FORM[compact.charCodeAt(0)] = id;
    BY_COMPACT_FORM[compact.toUpperCase().charCodeAt(0)] = id;
  }
  (BUCKETS[bucketOf(name.length, name.charCodeAt(0))] ??= []).push(id);
}

function bucketOf(length: number, first: number): number {
  return (length << 5) | (first & 31);
}

/** The number of a header name in any case, compact forms included; `UNKNOWN_HEADER` for any other. */
export function headerIdOf(name: HeaderName): number {
  return BY_NAME.get(name) ?? BY_NAME.get(name.toLowerCase()) ?? UNKNOWN_HEADER;
}

/** The number of the header name in `[from, to)`, in any case, compact forms included. */
export function headerIdAt(octets: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length === 1) return BY_COMPACT_FORM[octets[from]! & 127]! * (octets[from]! < 128 ? 1 : 0);
  if (length === 0) return UNKNOWN_HEADER;
  const candidates = BUCKETS[bucketOf(length, octets[from]!)];
  if (candidates !== undefined) {
    for (let i = 0; i < candidates.length; i++) {
      if (equalsLowerCase(octets, from, to, LOWER_CASE[candidates[i]!]!)) return candidates[i]!;
    }
  }
  return UNKNOWN_HEADER;
}

/** The canonical spelling of a number, "" for `UNKNOWN_HEADER`. */
export function headerNameOf(id: number): string {
  return TABLE[id]?.[0] ?? "";
}

/** Number of Via. */
export const VIA: number = headerIdOf("Via");
/** Number of From. */
export const FROM: number = headerIdOf("From");
/** Number of To. */
export const TO: number = headerIdOf("To");
/** Number of Call-ID. */
export const CALL_ID: number = headerIdOf("Call-ID");
/** Number of CSeq. */
export const CSEQ: number = headerIdOf("CSeq");
/** Number of Content-Length. */
export const CONTENT_LENGTH: number = headerIdOf("Content-Length");
/** Number of Max-Forwards. */
export const MAX_FORWARDS: number = headerIdOf("Max-Forwards");
/** Number of Route. */
export const ROUTE: number = headerIdOf("Route");
/** Number of Record-Route. */
export const RECORD_ROUTE: number = headerIdOf("Record-Route");
/** Number of Timestamp. */
export const TIMESTAMP: number = headerIdOf("Timestamp");

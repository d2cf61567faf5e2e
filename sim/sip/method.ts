/** SIP methods (RFC 3261 §7.1). */
import { toText } from "../bytes/text.ts";

/** Methods with a name of their own here; any other token is a method as well. */
export const METHODS: readonly string[] = [
  "INVITE",
  "ACK",
  "CANCEL",
  "BYE",
  "MESSAGE",
  "REGISTER",
  "OPTIONS",
  "UPDATE",
  "PRACK",
  "INFO",
  "SUBSCRIBE",
  "NOTIFY",
  "PUBLISH",
  "REFER",
];

const BY_LENGTH: readonly (readonly string[])[] = Array.from(
  { length: 10 },
  (_, length) => METHODS.filter((method) => method.length === length),
);

/** The method in `[from, to)`; the same string each time for known ones, so that reading a message makes none. */
export function methodAt(octets: Uint8Array, from: number, to: number): string {
  const candidates = BY_LENGTH[to - from];
  if (candidates !== undefined) {
    for (let i = 0; i < candidates.length; i++) {
      if (matches(octets, from, candidates[i]!)) return candidates[i]!;
    }
  }
  return toText(octets, from, to);
}

function matches(octets: Uint8Array, from: number, method: string): boolean {
  for (let i = 0; i < method.length; i++) {
    if (octets[from + i] !== method.charCodeAt(i)) return false;
  }
  return true;
}

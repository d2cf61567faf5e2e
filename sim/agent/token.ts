/** Bearer tokens (RFC 6750): making one, and comparing without telling by the time how much of a guess was right. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Shortest token that a person may choose. */
export const MIN_TOKEN_LENGTH = 16;

/** A new token: 192 random bits as 32 characters that need no quoting anywhere. */
export function newToken(): string {
  const octets = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_");
}

/** Whether a header field `Authorization` carries the token; takes the same time whatever it carries. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer +([^\s]+)$/i.exec(header ?? "")?.[1] ?? "";
  return timingSafeEqual(digestOf(given), digestOf(token)) && given !== "";
}

/** Digests have one length, which `timingSafeEqual` needs, and hide that of the token. */
function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

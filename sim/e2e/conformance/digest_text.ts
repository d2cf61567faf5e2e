/** Digest as the scripted peer sees it (RFC 7616): challenges, and answers computed again by `node:crypto` alone. */
import { createHash } from "node:crypto";

/** What a challenge says. */
export interface ChallengeParts {
  readonly algorithm?: string;
  readonly nonce?: string;
  readonly stale?: boolean;
  readonly realm?: string;
}

/** A header line with a challenge. */
export function digestHeader(name: "WWW-Authenticate" | "Proxy-Authenticate", parts: ChallengeParts = {}): string {
  const { algorithm = "MD5", nonce = "nonce1", stale = false, realm = "ims.example" } = parts;
  return `${name}: Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"` +
    (stale ? ", stale=true" : "");
}

/** The parameters of a header field with credentials. */
export function credentialsOf(value: string): Record<string, string> {
  const pairs = value.replace(/^Digest /, "").matchAll(/([a-z]+)=(?:"([^"]*)"|([^,\s]+))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, plain]) => [name!, quoted ?? plain!]));
}

/** What the response must be for these credentials. */
export function expectedResponse(fields: Record<string, string>, method: string, password: string): string {
  const name = { "MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" }[fields.algorithm!]!;
  const hash = (text: string): string => createHash(name).update(text).digest("hex");
  const first = hash(`${fields.username}:${fields.realm}:${password}`);
  const second = hash(`${method}:${fields.uri}`);
  return hash(`${first}:${fields.nonce}:${fields.nc}:${fields.cnonce}:${fields.qop}:${second}`);
}

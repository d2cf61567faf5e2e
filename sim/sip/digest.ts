/** Digest access authentication, what client and server share (RFC 3261 §22, RFC 7616 §3, RFC 8760 §2). */
import { createHash } from "node:crypto";

/** Algorithms that we compute, in the spelling of their registry (RFC 8760 §2.1, RFC 7616 §3.4.2 for `-sess`). */
export type DigestAlgorithm = "MD5" | "MD5-sess" | "SHA-256" | "SHA-256-sess" | "SHA-512-256" | "SHA-512-256-sess";

const HASH_NAMES: Readonly<Record<DigestAlgorithm, string>> = {
  "MD5": "md5",
  "MD5-sess": "md5",
  "SHA-256": "sha256",
  "SHA-256-sess": "sha256",
  "SHA-512-256": "sha512-256",
  "SHA-512-256-sess": "sha512-256",
};

const ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map(
  (Object.keys(HASH_NAMES) as DigestAlgorithm[]).map((name) => [name.toLowerCase(), name]),
);

/** One challenge that we can answer, as a 401 or a 407 carries it. */
export interface Challenge {
  /** Protection realm, without the quotes but with its escapes: so it is hashed and so it is sent back. */
  readonly realm: string;
  /** Server nonce, unread. */
  readonly nonce: string;
  /** To be sent back unchanged. */
  readonly opaque?: string;
  /** MD5 where the challenge names none (RFC 3261 §22.4). */
  readonly algorithm: DigestAlgorithm;
  /** Absent where the server offers no quality of protection (the form of RFC 2069). */
  readonly qop?: "auth";
  /** The credentials were right and only the nonce too old (RFC 7616 §3.3). */
  readonly stale: boolean;
  /** From a `Proxy-Authenticate` line. */
  readonly proxy: boolean;
}

/** The algorithm of a token in any case; MD5 for none, undefined for one that we do not compute. */
export function digestAlgorithmOf(token: string | undefined): DigestAlgorithm | undefined {
  return token === undefined ? "MD5" : ALGORITHMS.get(token.toLowerCase());
}

/** Whether the secret is bound to the nonces of a session (RFC 7616 §3.4.2). */
export function isSessionAlgorithm(algorithm: DigestAlgorithm): boolean {
  return algorithm.endsWith("-sess");
}

/** Hexadecimal hash of a text by the hash function of an algorithm. */
export function digestHash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(HASH_NAMES[algorithm]).update(text).digest("hex");
}

/** Hash of user, realm and password: HA1, without the session part of `-sess` (RFC 7616 §3.4.2). */
export function hashSecret(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return digestHash(algorithm, `${username}:${realm}:${password}`);
}

/** HA1 of a session: of the secret and of the nonces of its first request (RFC 7616 §3.4.2). */
export function hashSession(algorithm: DigestAlgorithm, secretHash: string, nonce: string, cnonce: string): string {
  return digestHash(algorithm, `${secretHash}:${nonce}:${cnonce}`);
}

/** The response value from HA1; two hashes (RFC 7616 §3.4.1, without `qop` RFC 3261 §22.4). */
export function digestResponse(
  algorithm: DigestAlgorithm,
  ha1: string,
  request: { method: string; uri: string; nonce: string; qop?: { count: string; cnonce: string } },
): string {
  const ha2 = digestHash(algorithm, `${request.method}:${request.uri}`);
  const { nonce, qop } = request;
  const middle = qop === undefined ? nonce : `${nonce}:${qop.count}:${qop.cnonce}:auth`;
  return digestHash(algorithm, `${ha1}:${middle}:${ha2}`);
}

// auth-param = token "=" ( token / quoted-string ); what stands unquoted is taken up to the next comma or blank
const AUTH_PARAM_REGEXP = /[\s,]*([^\s"=,]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[^])*)"|([^\s",]+))[ \t]*(?=,|$)/y;
const DIGEST_SCHEME_REGEXP = /^[ \t]*digest(?=[ \t])/i;
const REST_REGEXP = /^[\s,]*$/;

/**
 * Parameters of a `Digest` challenge or of `Digest` credentials, names in lower case and quotes removed; undefined for
 * another scheme, for a broken list and for a parameter that comes twice (RFC 3261 §25.1, `challenge`, `credentials`).
 */
export function parseDigestParameters(value: string): ReadonlyMap<string, string> | undefined {
  const scheme = DIGEST_SCHEME_REGEXP.exec(value);
  if (scheme === null) return undefined;
  const parameters = new Map<string, string>();
  let at = scheme[0].length;
  for (;;) {
    AUTH_PARAM_REGEXP.lastIndex = at;
    const found = AUTH_PARAM_REGEXP.exec(value);
    if (found === null) break;
    const name = found[1]!.toLowerCase();
    if (parameters.has(name)) return undefined;
    parameters.set(name, found[2] ?? found[3]!);
    at = AUTH_PARAM_REGEXP.lastIndex;
  }
  return REST_REGEXP.test(value.slice(at)) ? parameters : undefined;
}

/**
 * Reads one `WWW-Authenticate` line, or with `proxy` one `Proxy-Authenticate` line; undefined when we cannot answer it:
 * another scheme, no realm or nonce, an unknown algorithm, or `auth-int` alone (which we do not compute).
 */
export function parseChallenge(value: string, proxy: boolean): Challenge | undefined {
  const parameters = parseDigestParameters(value);
  const realm = parameters?.get("realm");
  const nonce = parameters?.get("nonce");
  const algorithm = digestAlgorithmOf(parameters?.get("algorithm"));
  if (parameters === undefined || realm === undefined || nonce === undefined || algorithm === undefined) {
    return undefined;
  }
  const offered = parameters.get("qop")?.toLowerCase().split(",").map((option) => option.trim());
  if (offered !== undefined && !offered.includes("auth")) return undefined;
  const opaque = parameters.get("opaque");
  return {
    realm,
    nonce,
    algorithm,
    stale: parameters.get("stale")?.toLowerCase() === "true",
    proxy,
    ...(opaque === undefined ? {} : { opaque }),
    ...(offered === undefined ? {} : { qop: "auth" }),
  };
}

/**
 * The challenge of one realm to answer: the topmost, as the server lists them best first (RFC 8760 §2.4); what
 * `parseChallenge` could not read is not among them.
 */
export function chooseChallenge(values: readonly Challenge[]): Challenge | undefined {
  return values[0];
}

/** Digest authentication of a server: challenges, and what it makes of credentials (RFC 3261 §22.4, RFC 7616 §3). */
import type { Clock, Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import {
  type DigestAlgorithm,
  digestAlgorithmOf,
  digestHash,
  digestResponse,
  hashSecret,
  hashSession,
  isSessionAlgorithm,
  parseDigestParameters,
} from "./digest.ts";

/** What a server makes of credentials; `stale`: right, but the nonce is too old or not ours. */
export type DigestVerdict = "ok" | "stale" | "bad" | "unknown_user";

/** What a `ServerDigest` is made from. */
export interface ServerDigestOptions {
  /** Protection realm, put into challenges and expected in credentials. */
  readonly realm: string;
  /** The only algorithm it offers. */
  readonly algorithm: DigestAlgorithm;
  /** Password of a user; undefined for nobody of that name. */
  secretOf(username: string): string | undefined;
  /** For the key of the nonces. */
  readonly random: Random;
  /** How long a nonce may be used, milliseconds; without it, for ever. Needs `clock`. */
  readonly nonceLife?: Millis;
  /** Dates the nonces. */
  readonly clock?: Clock;
}

/** Hexadecimal digits of a nonce: when it was made, which one of the server it is, and the keyed hash of both. */
const MOMENT_DIGITS = 12;
const SERIAL_DIGITS = 8;
const SEAL_DIGITS = 16;
const NONCE_COUNT_REGEXP = /^[0-9a-f]{8}$/i;

/**
 * Challenges of one realm and their check. It remembers no nonce: a nonce carries its own date and a keyed hash. A nonce
 * count that comes again is therefore accepted, as the retransmission of a request without transaction would need.
 */
export class ServerDigest {
  readonly #options: ServerDigestOptions;
  readonly #key: string;
  readonly #secretHashes = new Map<string, { readonly secret: string; readonly hash: string }>();
  #serial = 0;

  /** Throws when a life of nonces is asked for without a clock. */
  constructor(options: ServerDigestOptions) {
    if (options.nonceLife !== undefined && options.clock === undefined) {
      throw new TypeError("Cannot limit the life of nonces: no clock was given");
    }
    this.#options = options;
    this.#key = options.random.hexadecimal(32);
  }

  /** Value of a `WWW-Authenticate` or `Proxy-Authenticate` line with a new nonce. */
  challenge(stale = false): string {
    const { realm, algorithm } = this.#options;
    const text = `Digest realm="${realm}", nonce="${this.#newNonce()}", algorithm=${algorithm}, qop="auth"`;
    return stale ? `${text}, stale=true` : text;
  }

  /** Checks the value of an `Authorization` or `Proxy-Authorization` line of a request with this method. */
  verify(method: string, headerValue: string): DigestVerdict {
    const { realm, algorithm, secretOf } = this.#options;
    const parameters = parseDigestParameters(headerValue);
    const username = parameters?.get("username")?.replaceAll(/\\(.)/g, "$1");
    const nonce = parameters?.get("nonce");
    const uri = parameters?.get("uri");
    if (parameters === undefined || username === undefined || nonce === undefined || uri === undefined) return "bad";
    if (parameters.get("realm") !== realm || digestAlgorithmOf(parameters.get("algorithm")) !== algorithm) return "bad";
    const secret = secretOf(username);
    if (secret === undefined) return "unknown_user";

    const qop = parameters.get("qop")?.toLowerCase();
    const count = parameters.get("nc") ?? "";
    const cnonce = parameters.get("cnonce");
    if (qop !== undefined && (qop !== "auth" || cnonce === undefined || !NONCE_COUNT_REGEXP.test(count))) return "bad";
    let ha1 = this.#secretHashOf(username, secret);
    if (isSessionAlgorithm(algorithm)) ha1 = hashSession(algorithm, ha1, nonce, cnonce ?? "");
    const protection = qop === undefined ? {} : { qop: { count, cnonce: cnonce! } };
    const expected = digestResponse(algorithm, ha1, { method, uri, nonce, ...protection });
    if (parameters.get("response")?.toLowerCase() !== expected) return "bad";
    return this.#isFresh(nonce) ? "ok" : "stale";
  }

  #newNonce(): string {
    const moment = Math.floor(this.#options.clock?.now() ?? 0);
    const serial = this.#serial++ % 2 ** 32;
    const open = toDigits(moment, MOMENT_DIGITS) + toDigits(serial, SERIAL_DIGITS);
    return open + this.#seal(open);
  }

  #isFresh(nonce: string): boolean {
    const open = nonce.slice(0, MOMENT_DIGITS + SERIAL_DIGITS);
    if (nonce.slice(open.length) !== this.#seal(open)) return false;
    const { clock, nonceLife } = this.#options;
    if (clock === undefined || nonceLife === undefined) return true;
    return clock.now() - parseInt(open.slice(0, MOMENT_DIGITS), 16) <= nonceLife;
  }

  #seal(open: string): string {
    return digestHash(this.#options.algorithm, `${this.#key}:${open}`).slice(0, SEAL_DIGITS);
  }

  /** Kept per user: then a request costs two hashes and the nonce one. */
  #secretHashOf(username: string, secret: string): string {
    const known = this.#secretHashes.get(username);
    if (known?.secret === secret) return known.hash;
    const hash = hashSecret(this.#options.algorithm, username, this.#options.realm, secret);
    this.#secretHashes.set(username, { secret, hash });
    return hash;
  }
}

function toDigits(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

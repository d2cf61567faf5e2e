/** Who may pass: digest authentication of the server (RFC 3261 §22, RFC 7616). */
import type { Clock } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { Message } from "../sip/message.ts";
import type { HeaderField } from "../sip/request.ts";
import { ServerDigest } from "../sip/server_digest.ts";
import type { ServerOptions } from "./options.ts";

/** A refusal: the status and the challenge. */
export interface Challenged {
  readonly status: 401 | 407;
  readonly header: HeaderField;
}

/** Methods that are challenged by 407; ACK and CANCEL cannot be (RFC 3261 §22.1), the rest belongs to a dialog. */
const CHALLENGED_METHODS: readonly string[] = ["MESSAGE", "INVITE"];

/** Checks credentials where the options ask for it. */
export class Gate {
  readonly #digest: ServerDigest | undefined;
  readonly #secretOf: ((username: string) => string | undefined) | undefined;
  readonly #challengesRequests: boolean;

  /** Lets everybody pass when `options` have no digest. */
  constructor(options: ServerOptions, random: Random, clock: Clock) {
    const { digest } = options;
    this.#digest = digest === undefined ? undefined : new ServerDigest({ ...digestOf(digest), random, clock });
    this.#secretOf = digest === undefined ? undefined : (username) => digest.secretOf(username);
    this.#challengesRequests = digest !== undefined && options.challengeRequests === true;
  }

  /** Checks a REGISTER; undefined when it may pass. */
  checkRegister(message: Message): Challenged | undefined {
    if (this.#digest === undefined) return undefined;
    const challenge = this.#check(this.#digest, message, message.headerLines("Authorization"));
    return challenge === undefined ? undefined : { status: 401, header: ["WWW-Authenticate", challenge] };
  }

  /** Checks a request outside dialogs that is to be forwarded; undefined when it may pass. */
  checkRequest(message: Message): Challenged | undefined {
    if (this.#digest === undefined || !this.takesCredentials()) return undefined;
    if (!CHALLENGED_METHODS.includes(message.method) || message.toTag() !== "") return undefined;
    const challenge = this.#check(this.#digest, message, message.headerLines("Proxy-Authorization"));
    return challenge === undefined ? undefined : { status: 407, header: ["Proxy-Authenticate", challenge] };
  }

  /** Whether `Proxy-Authorization` is for us, and so goes no further. */
  takesCredentials(): boolean {
    return this.#challengesRequests;
  }

  /** Whether there is a user of that name, as far as passwords tell. */
  knowsUser(username: string): boolean {
    return this.#secretOf?.(username) !== undefined;
  }

  /** The challenge to answer with; undefined when one of the credentials is right. */
  #check(digest: ServerDigest, message: Message, credentials: readonly string[]): string | undefined {
    let stale = false;
    for (const value of credentials) {
      const verdict = digest.verify(message.method, value);
      if (verdict === "ok") return undefined;
      stale ||= verdict === "stale";
    }
    return digest.challenge(stale);
  }
}

/** The options as the digest wants them. */
function digestOf(digest: NonNullable<ServerOptions["digest"]>): {
  realm: string;
  algorithm: "MD5" | "SHA-256";
  secretOf(username: string): string | undefined;
} {
  return {
    realm: digest.realm,
    algorithm: digest.algorithm,
    secretOf: (username) => digest.secretOf(username),
  };
}

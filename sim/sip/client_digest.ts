/** Digest credentials of a user agent client (RFC 3261 §22.2, §22.3, RFC 7616 §3.4). */
import { detached, octetLength } from "../bytes/text.ts";
import type { Random } from "../clock/random.ts";
import {
  type Challenge,
  chooseChallenge,
  type DigestAlgorithm,
  digestResponse,
  hashSecret,
  hashSession,
  isSessionAlgorithm,
} from "./digest.ts";

/** What one request has answered so far, realm by realm: empty for a new request, kept over its retries. */
export type AnsweredChallenges = Map<string, { readonly nonce: string; readonly answers: number }>;

/** One header line with credentials. */
export type CredentialsLine = readonly [name: "Authorization" | "Proxy-Authorization", value: string];

/** What challenges of one realm have in common. */
interface Realm {
  readonly key: string;
  readonly name: string;
  readonly algorithm: DigestAlgorithm;
  readonly qop: "auth" | undefined;
  readonly proxy: boolean;
}

/** A realm whose nonce we hold; a million users of one realm hold one each, so it is small. */
interface Session {
  readonly realm: Realm;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly secretHash: string;
  /** `secretHash`, or with `-sess` the hash that binds it to the nonces. */
  readonly ha1: string;
  /** Of a `-sess` session; else every request draws one. */
  readonly sessionCnonce: string | undefined;
  nonceCount: number;
}

/** Two: the second because a server may challenge again before it has stored its nonce (seen at an IMS registrar). */
const MAX_ANSWERS = 2;
/** Proxies on a path that each ask for credentials; the oldest realm is forgotten beyond. */
const MAX_REALMS = 4;
/** Hexadecimal digits of a client nonce: 64 bits. */
const CNONCE_DIGITS = 16;
/** Hexadecimal digits of a nonce count (RFC 7616 §3.4.3). */
const COUNT_DIGITS = 8;

/** Realms that users share; no server has more. */
const MAX_SHARED_REALMS = 64;
const SHARED_REALMS: Map<string, Realm> = new Map();

const UNUSED_PARTS = { count: "0".repeat(COUNT_DIGITS), cnonce: "0".repeat(CNONCE_DIGITS) };

/** The credentials of one user, the nonces it was given, and how often each was used. */
export class ClientDigest {
  readonly #username: string;
  readonly #password: string;
  #sessions: readonly Session[] = [];
  #answered: AnsweredChallenges | undefined;
  #answerUsed = false;

  /** Name and password as the realm knows them. */
  constructor(credentials: { username: string; password: string }) {
    this.#username = credentials.username;
    this.#password = credentials.password;
  }

  /**
   * Takes the challenges of one 401 or 407. `refused`: this request has answered the same nonce before, or two of them
   * already, so the password is wrong (RFC 3261 §22.1). `unsupported`: nothing among them that we can answer.
   *
   * `answered` belongs to the request; left out, the requests of this user must come one after another, and a second
   * `authorization` after an answer starts a new one.
   */
  challenged(
    challenges: readonly Challenge[],
    random: Random,
    answered: AnsweredChallenges = this.#answered ??= new Map(),
  ): "answer" | "refused" | "unsupported" {
    const chosen: Challenge[] = [];
    for (const [realmKey, ofRealm] of Map.groupBy(challenges, realmKeyOf)) {
      const challenge = chooseChallenge(ofRealm)!;
      const before = answered.get(realmKey);
      if (before !== undefined && (before.nonce === challenge.nonce || before.answers >= MAX_ANSWERS)) return "refused";
      answered.set(realmKey, { nonce: challenge.nonce, answers: (before?.answers ?? 0) + 1 });
      chosen.push(challenge);
    }
    if (chosen.length === 0) return "unsupported";
    this.#renew(chosen, random);
    this.#answerUsed = false;
    return "answer";
  }

  /**
   * Header lines for one request, one per realm known; none before any challenge. Each call uses the next nonce count
   * (RFC 7616 §3.4.3). `uri` is the Request-URI as it is sent.
   */
  authorization(method: string, uri: string, random: Random): readonly CredentialsLine[] {
    if (this.#sessions.length === 0) return [];
    if (this.#answerUsed) this.#answered = undefined;
    this.#answerUsed = true;
    return this.#sessions.map((session) => [
      session.realm.proxy ? "Proxy-Authorization" : "Authorization",
      this.#credentials(session, method, uri, random),
    ]);
  }

  /**
   * Octets that `authorization` would add to a request, line ends included: to measure a request before it is sent,
   * without a hash and without a use of the nonce.
   */
  size(uri: string): number {
    let size = 0;
    for (const session of this.#sessions) {
      const parts = { ...UNUSED_PARTS, response: "0".repeat(session.ha1.length) };
      const name = session.realm.proxy ? "Proxy-Authorization" : "Authorization";
      size += octetLength(`${name}: ${this.#write(session, uri, parts)}\r\n`);
    }
    return size;
  }

  /**
   * Realms of proxies add up, as each proxy of a path asks for itself (RFC 3261 §22.3); those of a 401 take the place of
   * the earlier ones, as there is one server at the end of the path.
   */
  #renew(challenges: readonly Challenge[], random: Random): void {
    const renewed = challenges.map((challenge) => this.#begin(challenge, random));
    const fromServer = challenges.some((challenge) => !challenge.proxy);
    const kept = this.#sessions.filter((session) =>
      !renewed.some((other) => other.realm.key === session.realm.key) && (session.realm.proxy || !fromServer)
    );
    this.#sessions = [...kept, ...renewed].slice(-MAX_REALMS);
  }

  #begin(challenge: Challenge, random: Random): Session {
    const { algorithm } = challenge;
    const realm = realmOf(challenge);
    const before = this.#sessions.find((session) => session.realm.key === realm.key);
    const known = before?.realm.algorithm === algorithm ? before : undefined;
    // the same nonce for another request of ours: its count goes on
    if (known?.nonce === challenge.nonce) return known;
    const nonce = detached(challenge.nonce);
    const opaque = challenge.opaque === undefined ? undefined : detached(challenge.opaque);
    const secretHash = known?.secretHash ?? hashSecret(algorithm, this.#username, realm.name, this.#password);
    if (!isSessionAlgorithm(algorithm)) {
      return { realm, nonce, opaque, secretHash, ha1: secretHash, sessionCnonce: undefined, nonceCount: 0 };
    }
    const sessionCnonce = random.hexadecimal(CNONCE_DIGITS);
    const ha1 = hashSession(algorithm, secretHash, nonce, sessionCnonce);
    return { realm, nonce, opaque, secretHash, ha1, sessionCnonce, nonceCount: 0 };
  }

  #credentials(session: Session, method: string, uri: string, random: Random): string {
    const { nonce, realm: { algorithm, qop } } = session;
    const count = (++session.nonceCount).toString(16).padStart(COUNT_DIGITS, "0");
    const cnonce = session.sessionCnonce ?? random.hexadecimal(CNONCE_DIGITS);
    const protection = qop === undefined ? {} : { qop: { count, cnonce } };
    const response = digestResponse(algorithm, session.ha1, { method, uri, nonce, ...protection });
    return this.#write(session, uri, { response, count, cnonce });
  }

  #write(session: Session, uri: string, parts: { response: string; count: string; cnonce: string }): string {
    const { realm: { name, algorithm, qop }, nonce, opaque } = session;
    let value = `Digest username="${escapeQuoted(this.#username)}", realm="${name}", nonce="${nonce}", uri="${uri}", ` +
      `response="${parts.response}", algorithm=${algorithm}`;
    if (qop !== undefined) value += `, cnonce="${parts.cnonce}", qop=${qop}, nc=${parts.count}`;
    // without qop a session algorithm still needs its client nonce
    else if (session.sessionCnonce !== undefined) value += `, cnonce="${parts.cnonce}"`;
    if (opaque !== undefined) value += `, opaque="${opaque}"`;
    return value;
  }
}

function realmOf(challenge: Challenge): Realm {
  const { algorithm, qop, proxy } = challenge;
  const key = realmKeyOf(challenge);
  const shared = SHARED_REALMS.get(key);
  if (shared?.algorithm === algorithm && shared.qop === qop) return shared;
  const realm: Realm = { key: detached(key), name: detached(challenge.realm), algorithm, qop, proxy };
  if (SHARED_REALMS.has(realm.key) || SHARED_REALMS.size < MAX_SHARED_REALMS) SHARED_REALMS.set(realm.key, realm);
  return realm;
}

function realmKeyOf(challenge: Challenge): string {
  return `${challenge.proxy ? "proxy" : "server"} ${challenge.realm}`;
}

function escapeQuoted(text: string): string {
  return text.replaceAll(/["\\]/g, "\\$&");
}

/** Answers to 401 and 407 (RFC 3261 §22), shared by every kind of request. */
import { type AnsweredChallenges, ClientDigest } from "../sip/client_digest.ts";
import { type Challenge, parseChallenge } from "../sip/digest.ts";
import type { Message } from "../sip/message.ts";
import type { HeaderFields } from "./outgoing.ts";
import type { UserAgent } from "./user_agent.ts";
import { reportViolation } from "./violations.ts";

/** What keeps the nonces it was given: a client for its requests, a registration for its own. */
export interface DigestKeeper {
  /** Undefined before the first challenge, and without credentials. */
  digest: ClientDigest | undefined;
}

/**
 * Takes the challenges of a response in; true when the request should be sent again with credentials. `answered` is the
 * request's own memory over its retries; `keeper`: where nonces for it are kept.
 */
export function answerChallenges(
  agent: UserAgent,
  message: Message,
  answered: AnsweredChallenges,
  keeper: DigestKeeper = agent,
): boolean {
  const proxy = message.status === 407;
  const values = message.headerLines(proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
  if (values.length === 0) reportViolation(agent, "challenge_missing", message, agent.settings.endpoint.clock.now());
  const digest = keeper.digest ??= digestOf(agent);
  if (digest === undefined) return false;
  const challenges: Challenge[] = [];
  for (const value of values) {
    const challenge = parseChallenge(value, proxy);
    if (challenge !== undefined) challenges.push(challenge);
  }
  agent.settings.recorder.count("authentication.challenged");
  const verdict = digest.challenged(challenges, agent.settings.endpoint.random, answered);
  if (verdict !== "answer") agent.settings.recorder.count("authentication.refused");
  return verdict === "answer";
}

function digestOf({ index, settings }: UserAgent): ClientDigest | undefined {
  const credentials = settings.credentialsOf(index);
  return credentials === undefined ? undefined : new ClientDigest(credentials);
}

/** Header fields with credentials for a request; none before the first challenge. */
export function authorizationFields(agent: UserAgent, method: string, uri: string): HeaderFields {
  return agent.digest?.authorization(method, uri, agent.settings.endpoint.random) ?? [];
}

/** The same as whole header lines. */
export function authorizationLines(agent: UserAgent, method: string, uri: string): string {
  if (agent.digest === undefined) return "";
  let lines = "";
  for (const [name, value] of authorizationFields(agent, method, uri)) lines += `${name}: ${value}\r\n`;
  return lines;
}

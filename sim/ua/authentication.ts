/** Answers to 401 and 407 (RFC 3261 §22), shared by every kind of request. */
import type { AnsweredChallenges, ClientDigest } from "../sip/client_digest.ts";
import { type Challenge, parseChallenge } from "../sip/digest.ts";
import type { Message } from "../sip/message.ts";
import type { HeaderFields } from "./outgoing.ts";
import type { UserAgent } from "./user_agent.ts";
import { reportViolation } from "./violations.ts";

/**
 * Takes the challenges of a response in; true when the request should be sent again with credentials. `answered` is the
 * request's own memory over its retries; `digest`: other credentials than those for requests.
 */
export function answerChallenges(
  agent: UserAgent,
  message: Message,
  answered: AnsweredChallenges,
  digest: ClientDigest | undefined = agent.digest,
): boolean {
  const proxy = message.status === 407;
  const values = message.headerLines(proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
  if (values.length === 0) reportViolation(agent, "challenge_missing", message, agent.settings.endpoint.clock.now());
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

/** Header fields with credentials for a request; none before the first challenge. */
export function authorizationFields(agent: UserAgent, method: string, uri: string): HeaderFields {
  return agent.digest?.authorization(method, uri, agent.settings.endpoint.random) ?? [];
}

/** Incoming MESSAGE (RFC 3428 §7): refused where we cannot take its content, else answered and told. */
import type { Millis } from "../clock/clock.ts";
import type { Message } from "../sip/message.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import { ENCODINGS_TAKEN, isEncoded } from "./content_encoding.ts";
import { kindsTaken } from "./content_kinds.ts";
import type { UserAgent } from "./user_agent.ts";

/** A MESSAGE for `agent`, inside a dialog or not. */
export function receiveMessage(agent: UserAgent, message: Message, transaction: ServerTransaction, at: Millis): void {
  const { settings } = agent;
  const type = message.header("Content-Type") ?? "text/plain";
  const isOther = !/^text\/plain\b/i.test(type) &&
    (settings.takesBinary !== true || !/^application\/octet-stream\b/i.test(type));
  if (isOther || isEncoded(message)) {
    settings.endpoint.respond(transaction, message, 415, {
      toTag: agent.newTag(),
      headers: isOther ? [["Accept", kindsTaken(settings).join(", ")]] : ENCODINGS_TAKEN,
    });
    return;
  }
  const from = message.fromUri();
  const content = message.body();
  // the content of a merged request arrived all the same: the ledger counts it as a duplicate
  const status = settings.endpoint.isMerged(message, transaction, at) ? 482 : 200;
  settings.endpoint.respond(transaction, message, status, { toTag: agent.newTag() });
  settings.onDelivery({ receiver: agent.index, from, content, at });
}

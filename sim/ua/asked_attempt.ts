/** What the ledger is told of a message that became due: one object for all of them, as the ledger keeps one of its own. */
import type { AttemptFields } from "../metrics/attempt.ts";
import type { Mode } from "../metrics/outcome.ts";
import type { MessageOrder } from "./message_order.ts";
import type { UserAgent } from "./user_agent.ts";

const ASKED: { -readonly [Key in keyof AttemptFields]: AttemptFields[Key] } = {
  sequence: 0,
  sender: 0,
  receiver: 0,
  mode: "pager",
  size: 0,
  dueAt: 0,
  transport: "udp",
  counted: true,
  listener: undefined,
};

/** The fields of the attempt that an order is; `size`: octets of content. Valid until the next time. */
export function attemptOf(agent: UserAgent, order: MessageOrder, mode: Mode, size: number): AttemptFields {
  ASKED.sequence = order.sequence;
  ASKED.sender = agent.index;
  ASKED.receiver = order.receiver;
  ASKED.mode = mode;
  ASKED.size = size;
  ASKED.dueAt = order.dueAt;
  ASKED.transport = agent.settings.transport;
  ASKED.counted = order.counted;
  ASKED.listener = order.listener;
  return ASKED;
}

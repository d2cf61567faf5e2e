/** Which transactions live on which connection. */
import type { Flow } from "../../transport/flow.ts";
import type { InviteClient } from "./invite_client.ts";
import type { InviteServer } from "./invite_server.ts";
import type { NonInviteClient } from "./non_invite_client.ts";
import type { NonInviteServer } from "./non_invite_server.ts";

/** Any transaction. */
export type Transaction = NonInviteClient | InviteClient | NonInviteServer | InviteServer;

/**
 * Transactions by connection, so that the loss of thousands of connections does not search through all transactions for
 * each of them. Datagram flows are not listed: they hardly ever fail, and carry the hot path.
 */
export class Roster {
  readonly #byFlow: Map<Flow, Set<Transaction>> = new Map();

  /** Lists a transaction, if its flow is a connection. */
  add(transaction: Transaction): void {
    if (!transaction.flow.reliable || transaction.state === "terminated") return;
    const listed = this.#byFlow.get(transaction.flow);
    if (listed === undefined) this.#byFlow.set(transaction.flow, new Set([transaction]));
    else listed.add(transaction);
  }

  /** Forgets a transaction. */
  remove(transaction: Transaction): void {
    if (!transaction.flow.reliable) return;
    const listed = this.#byFlow.get(transaction.flow);
    if (listed?.delete(transaction) === true && listed.size === 0) this.#byFlow.delete(transaction.flow);
  }

  /** A copy of the transactions on a connection; undefined for a datagram flow. */
  on(flow: Flow): Transaction[] | undefined {
    return flow.reliable ? [...this.#byFlow.get(flow) ?? []] : undefined;
  }
}

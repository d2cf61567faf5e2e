/** The ways out of the server, as its proxy sees them. */
import type { Address, Flow, TransportName } from "../transport/flow.ts";

/** Finds flows to peers, and knows the server's own addresses. */
export interface Ways {
  /** A flow to an address; undefined when the server does not have that transport. */
  flowTo(transport: TransportName, remote: Address): Flow | undefined;
  /** Whether the server listens at that host and port. */
  isOwn(host: string, port: number): boolean;
}

/** Where the responses to a request go (RFC 3261 §18.2.2, RFC 3581 §4). */
import { indexOfOctets } from "../../bytes/scan.ts";
import { toOctets } from "../../bytes/text.ts";
import type { Flow } from "../../transport/flow.ts";
import { VIA } from "../header_name.ts";
import type { Message } from "../message.ts";

/** The flow to another port of the same host; undefined when there is none. */
export type FlowToPort = (flow: Flow, port: number) => Flow | undefined;

/** The port of a sent-by without one (RFC 3261 §18.1.1). */
const DEFAULT_PORT = 5060;
const RPORT = toOctets(";rport");

/**
 * The flow the request came on, unless it was a datagram that neither asks for rport nor left from the port of its
 * sent-by: then the one to that port. The host is always the one it came from; maddr is not followed.
 */
export function answerFlow(message: Message, flow: Flow, toPort: FlowToPort | undefined): Flow {
  if (flow.reliable || toPort === undefined) return flow;
  const line = message.lineOf(VIA);
  // nearly every request asks for rport: seen without reading the Via
  if (line < 0 || indexOfOctets(message.octets, RPORT, message.valueFrom(line), message.valueTo(line)) >= 0) {
    return flow;
  }
  const via = message.topVia();
  if (via === undefined || via.rport !== undefined) return flow;
  const port = via.port ?? DEFAULT_PORT;
  return port === flow.remote.port ? flow : toPort(flow, port) ?? flow;
}

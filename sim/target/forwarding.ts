/**
 * The octets of forwarded messages: the lines of the original, but for those that a proxy changes (RFC 3261 §16.6,
 * §16.7).
 */
import { toText } from "../bytes/text.ts";
import type { OctetWriter } from "../bytes/writer.ts";
import { CONTENT_LENGTH, headerIdOf, MAX_FORWARDS, ROUTE, VIA } from "../sip/header_name.ts";
import { splitList, unfold } from "../sip/header_value.ts";
import type { Message } from "../sip/message.ts";
import type { HeaderField } from "../sip/request.ts";
import { sessionTimerHeaders, type SessionTimerOffer } from "../sip/session_timer.ts";
import type { Address, TransportName } from "../transport/flow.ts";

const PROXY_AUTHORIZATION = headerIdOf("Proxy-Authorization");
const SESSION_EXPIRES = headerIdOf("Session-Expires");
const MIN_SE = headerIdOf("Min-SE");
/** Max-Forwards of a request that had none (RFC 3261 §16.6 item 3). */
const DEFAULT_MAX_FORWARDS = 70;
/** What a client wrote into its own Via where only servers write. */
const RECEIVED_REGEXP = /\s*;\s*(?:received|rport)\s*(?:=[^;]*)?(?=;|$)/gi;

/** How a request differs behind the proxy. */
export interface RequestEdit {
  /** Request-URI. */
  readonly uri: string;
  /** Our Via: transport, host and port, branch. */
  readonly transport: TransportName;
  readonly sentBy: string;
  readonly branch: string;
  /** Record-Route values to put in front, topmost first. */
  readonly recordRoutes: readonly string[];
  /** Route values at the top that were ours. */
  readonly routesDropped: number;
  /** Where the request came from. */
  readonly receivedFrom: Address;
  /** Takes the place of Session-Expires and Min-SE. */
  readonly timer: SessionTimerOffer | undefined;
  /** Whether Proxy-Authorization was for us. */
  readonly dropsCredentials: boolean;
}

/** Appends a request as it goes on. */
export function writeForwardedRequest(writer: OctetWriter, request: Message, edit: RequestEdit): void {
  writer.text(request.method).text(" ").text(edit.uri).line(" SIP/2.0");
  writer.text("Via: SIP/2.0/").text(edit.transport.toUpperCase()).text(" ").text(edit.sentBy);
  writer.text(";branch=").line(edit.branch);
  for (const value of edit.recordRoutes) writer.text("Record-Route: ").line(value);
  const topVia = request.lineOf(VIA);
  let routesDropped = edit.routesDropped;
  for (let line = 0; line < request.lineCount; line++) {
    switch (request.nameId(line)) {
      case VIA:
        if (line === topVia) writeReceivedVia(writer, request, line, edit.receivedFrom);
        else copyLine(writer, request, line);
        break;
      case ROUTE:
        routesDropped = writeRoute(writer, request, line, routesDropped);
        break;
      case PROXY_AUTHORIZATION:
        if (!edit.dropsCredentials) copyLine(writer, request, line);
        break;
      case SESSION_EXPIRES:
      case MIN_SE:
        if (edit.timer === undefined) copyLine(writer, request, line);
        break;
      case MAX_FORWARDS:
        break;
      default:
        copyLine(writer, request, line);
    }
  }
  writer.text("Max-Forwards: ").decimal(maxForwardsOf(request) - 1).crlf();
  if (edit.timer !== undefined) writeFields(writer, sessionTimerHeaders(edit.timer));
  writeContent(writer, request);
}

/** Appends a response as it goes back: without our Via, with what a session timer still lacks (RFC 4028 §8.2). */
export function writeForwardedResponse(
  writer: OctetWriter,
  response: Message,
  timer: SessionTimerOffer | undefined,
): void {
  writer.text("SIP/2.0 ").decimal(response.status).text(" ");
  writer.copy(response.octets, response.subjectFrom, response.subjectTo).crlf();
  const topVia = response.lineOf(VIA);
  for (let line = 0; line < response.lineCount; line++) {
    if (line !== topVia) copyLine(writer, response, line);
    else writeElements(writer, "Via: ", elementsOf(response, line).slice(1));
  }
  if (timer !== undefined) writeFields(writer, [...sessionTimerHeaders(timer), ["Require", "timer"]]);
  writeContent(writer, response);
}

/** Max-Forwards of a request as received, the default when it is absent or malformed. */
export function maxForwardsOf(request: Message): number {
  const value = request.headerNumber("Max-Forwards") ?? -1;
  return value < 0 ? DEFAULT_MAX_FORWARDS : Math.min(value, 255);
}

/** The Via of the one we got the request from, with the address it really came from (RFC 3261 §18.2.1, RFC 3581 §4). */
function writeReceivedVia(writer: OctetWriter, request: Message, line: number, from: Address): void {
  const [first = "", ...others] = elementsOf(request, line);
  const via = request.topVia();
  const wantsPort = via?.rport !== undefined;
  let text = first.replace(RECEIVED_REGEXP, "");
  if (wantsPort || via?.host !== from.host) text += `;received=${from.host}`;
  if (wantsPort) text += `;rport=${from.port}`;
  writeElements(writer, "Via: ", [text, ...others]);
}

/** Writes what is left of a Route line, and gives how many of our values are still to be dropped. */
function writeRoute(writer: OctetWriter, request: Message, line: number, dropped: number): number {
  if (dropped === 0) {
    copyLine(writer, request, line);
    return 0;
  }
  const elements = elementsOf(request, line);
  writeElements(writer, "Route: ", elements.slice(dropped));
  return Math.max(0, dropped - elements.length);
}

function elementsOf(message: Message, line: number): string[] {
  return splitList(unfold(toText(message.octets, message.valueFrom(line), message.valueTo(line))));
}

function writeElements(writer: OctetWriter, start: string, elements: readonly string[]): void {
  if (elements.length > 0) writer.text(start).line(elements.join(", "));
}

function writeFields(writer: OctetWriter, fields: readonly HeaderField[]): void {
  for (const [name, value] of fields) writer.text(name).text(": ").line(value);
}

function copyLine(writer: OctetWriter, message: Message, line: number): void {
  writer.copy(message.octets, message.lineFrom(line), message.lineTo(line));
}

/** The content, with the Content-Length that a datagram may lack and a stream may not (RFC 3261 §18.3). */
function writeContent(writer: OctetWriter, message: Message): void {
  const { bodyFrom, bodyTo } = message;
  if (message.lineOf(CONTENT_LENGTH) < 0) writer.text("Content-Length: ").decimal(bodyTo - bodyFrom).crlf();
  writer.crlf().copy(message.octets, bodyFrom, bodyTo);
}

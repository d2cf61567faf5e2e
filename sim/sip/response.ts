/** Writer of responses (RFC 3261 §8.2.6). */
import { COMMA, SEMICOLON } from "../bytes/ascii.ts";
import { indexOutside, skipLinearWhiteSpace, tokenEnd, trimLinearWhiteSpace } from "../bytes/header_octets.ts";
import { equalsIgnoringCase } from "../bytes/scan.ts";
import type { OctetWriter } from "../bytes/writer.ts";
import type { Address } from "../transport/flow.ts";
import { CALL_ID, CSEQ, FROM, RECORD_ROUTE, TIMESTAMP, TO, VIA } from "./header_name.ts";
import type { Message } from "./message.ts";
import { parameterValueFrom } from "./parameters.ts";
import { type HeaderField, writeBody, writeHeaders } from "./request.ts";
import { reasonPhraseOf } from "./status.ts";

/** What a response has beside what it takes from the request. */
export interface ResponseOptions {
  /** Reason phrase; the usual one by default. */
  readonly reason?: string;
  /** Tag for To, used when the request has none there (RFC 3261 §8.2.6.2). */
  readonly toTag?: string;
  /** Where the request came from: fills received and rport of the top Via (RFC 3261 §18.2.1, RFC 3581 §4). */
  readonly received?: Address;
  /** Whether to copy Record-Route, as answers that make a dialog do (RFC 3261 §12.1.1). */
  readonly recordRoute?: boolean;
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
}

const NO_OPTIONS: ResponseOptions = {};
const NO_HEADERS: readonly HeaderField[] = [];

/** Appends a response to `request`; headers that a malformed request lacks are left out. */
export function writeResponse(
  writer: OctetWriter,
  request: Message,
  status: number,
  options: ResponseOptions = NO_OPTIONS,
): void {
  writer.text("SIP/2.0 ").decimal(status).text(" ").line(options.reason ?? reasonPhraseOf(status));
  const topVia = request.lineOf(VIA);
  if (topVia >= 0) {
    if (options.received === undefined) copyLine(writer, request, topVia);
    else writeTopVia(writer, request, topVia, options.received);
    copyLines(writer, request, VIA, topVia + 1);
  }
  copyFirst(writer, request, FROM);
  writeTo(writer, request, options.toTag);
  copyFirst(writer, request, CALL_ID);
  copyFirst(writer, request, CSEQ);
  if (status === 100) copyLines(writer, request, TIMESTAMP);
  if (options.recordRoute) copyLines(writer, request, RECORD_ROUTE);
  writeHeaders(writer, options.headers ?? NO_HEADERS);
  writeBody(writer, options.body);
}

/** With a line end of our own: that of a malformed line may be none. */
function copyLine(writer: OctetWriter, request: Message, line: number): void {
  writer.copy(request.octets, request.lineFrom(line), request.valueTo(line)).crlf();
}

/** Of what may stand once: a request that has it twice is answered, but not imitated (RFC 4475 §3.3.8). */
function copyFirst(writer: OctetWriter, request: Message, id: number): void {
  const line = request.lineOf(id);
  if (line >= 0) copyLine(writer, request, line);
}

function copyLines(writer: OctetWriter, request: Message, id: number, from = 0): void {
  for (let line = request.lineOf(id, from); line >= 0; line = request.lineOf(id, line + 1)) {
    copyLine(writer, request, line);
  }
}

function writeTo(writer: OctetWriter, request: Message, toTag: string | undefined): void {
  const line = request.lineOf(TO);
  if (line < 0) return;
  const from = request.valueFrom(line);
  const to = request.valueTo(line);
  if (toTag === undefined || request.hasToTagParameter()) copyLine(writer, request, line);
  else writer.text("To: ").copy(request.octets, from, to).text(";tag=").line(toTag);
}

/**
 * The top Via as the server amends it: `received` when the host of sent-by is another or the client asked for `rport`,
 * and then the port as well. What a client wrote into them itself is dropped.
 */
function writeTopVia(writer: OctetWriter, request: Message, line: number, received: Address): void {
  const { octets } = request;
  const from = request.valueFrom(line);
  const to = request.valueTo(line);
  const wantsPort = parameterValueFrom(octets, from, to, "rport") >= 0;
  writer.text("Via: ");
  let at = from;
  let end = indexOutside(octets, from, to, SEMICOLON, COMMA);
  while (true) {
    const stop = end < 0 ? to : end;
    if (!isReceivedFrom(octets, at, stop)) writer.copy(octets, at, trimLinearWhiteSpace(octets, at, stop));
    at = stop;
    if (end < 0 || octets[end] === COMMA) break;
    end = indexOutside(octets, at + 1, to, SEMICOLON, COMMA);
  }
  if (wantsPort || request.topVia()?.host !== received.host) writer.text(";received=").text(received.host);
  if (wantsPort) writer.text(";rport=").decimal(received.port);
  writer.copy(octets, at, to).crlf();
}

/** Whether the parameter in `[from, to)`, semicolon included, is one that the server writes. */
function isReceivedFrom(octets: Uint8Array, from: number, to: number): boolean {
  if (octets[from] !== SEMICOLON) return false;
  const nameFrom = skipLinearWhiteSpace(octets, from + 1, to);
  const nameTo = tokenEnd(octets, nameFrom, to);
  return equalsIgnoringCase(octets, nameFrom, nameTo, "received") ||
    equalsIgnoringCase(octets, nameFrom, nameTo, "rport");
}

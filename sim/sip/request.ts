/** Writer of requests (RFC 3261 §8.1.1); for those that are sent too seldom for a template. */
import { octetLength } from "../bytes/text.ts";
import type { OctetWriter } from "../bytes/writer.ts";
import type { TransportName } from "../transport/flow.ts";

/** A header line to write. */
export type HeaderField = readonly [name: string, value: string];

/** What a request is written from. */
export interface RequestFields {
  readonly method: string;
  /** Request-URI. */
  readonly uri: string;
  readonly transport: TransportName;
  /** Host and port of the Via, an IPv6 address in brackets. */
  readonly sentBy: string;
  /** Begins with the magic cookie (RFC 3261 §8.1.1.7). */
  readonly branch: string;
  /** Whether to ask for the port the request arrives from (RFC 3581 §3); yes by default. */
  readonly rport?: boolean;
  /** In order, after Via; Content-Length is added last. */
  readonly headers: readonly HeaderField[];
  readonly body?: Uint8Array;
}

const VIA_STARTS: Readonly<Record<TransportName, string>> = {
  udp: "Via: SIP/2.0/UDP ",
  tcp: "Via: SIP/2.0/TCP ",
};

/** Appends a request; throws when a header would break its line. */
export function writeRequest(writer: OctetWriter, request: RequestFields): void {
  writer.text(request.method).text(" ").text(request.uri).line(" SIP/2.0");
  writer.text(VIA_STARTS[request.transport]).text(request.sentBy).text(";branch=").text(request.branch);
  writer.line(request.rport === false ? "" : ";rport");
  writeHeaders(writer, request.headers);
  writeBody(writer, request.body);
}

/** What a request is written from whose header lines are text already. */
export interface RequestText extends Pick<RequestFields, "method" | "uri" | "transport" | "sentBy" | "branch"> {
  /** Whole header lines after Via and before Content-Length, each with its CR LF. */
  readonly lines: string;
  readonly body?: string | undefined;
}

/** Appends a request in one piece: a third of what its parts cost one by one. */
export function writeRequestText(writer: OctetWriter, request: RequestText): void {
  const { method, uri, transport, sentBy, branch, lines, body = "" } = request;
  writer.text(
    `${method} ${uri} SIP/2.0\r\n${VIA_STARTS[transport]}${sentBy};branch=${branch};rport\r\n` +
      `${lines}Content-Length: ${octetLength(body)}\r\n\r\n${body}`,
  );
}

/** The text of header lines; throws when one of them would break its line. */
export function linesOf(headers: readonly HeaderField[]): string {
  let lines = "";
  for (const [name, value] of headers) lines += `${name}: ${unbroken(name, value)}\r\n`;
  return lines;
}

/** Appends header lines; throws when one of them would break its line. */
export function writeHeaders(writer: OctetWriter, headers: readonly HeaderField[]): void {
  for (const [name, value] of headers) writer.text(name).text(": ").line(unbroken(name, value));
}

function unbroken(name: string, value: string): string {
  if (/[\r\n]/.test(value)) throw new RangeError(`Cannot write ${name}: line break in ${JSON.stringify(value)}`);
  return value;
}

/** Appends Content-Length, the blank line and the body. */
export function writeBody(writer: OctetWriter, body: Uint8Array | undefined): void {
  writer.text("Content-Length: ").decimal(body?.length ?? 0).crlf().crlf();
  if (body !== undefined) writer.copy(body);
}

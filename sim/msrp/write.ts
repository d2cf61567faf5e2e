/** Writes requests and responses (RFC 4975 §7, §9). */
import type { OctetWriter } from "../bytes/writer.ts";
import { writeByteRange } from "./byte_range.ts";
import { commentOf, type Continuation, type Request, type RequestHead } from "./chunk.ts";

/** Writes a request down to where its body begins; the report headers of a SEND are always spelt out. */
export function writeRequestHead(writer: OctetWriter, head: RequestHead): void {
  writer.text("MSRP ").text(head.transactionId).text(" ").line(head.method);
  writePath(writer, "To-Path:", head.toPath);
  writePath(writer, "From-Path:", head.fromPath);
  if (head.messageId !== undefined) writer.text("Message-ID: ").line(head.messageId);
  // a REPORT is never reported on (RFC 4975 §7.1.2)
  if (head.method !== "REPORT") {
    writer.text("Success-Report: ").line(head.successReport ? "yes" : "no");
    writer.text("Failure-Report: ").line(head.failureReport);
  }
  if (head.byteRange !== undefined) writer.text("Byte-Range: ").line(writeByteRange(head.byteRange));
  if (head.status !== undefined) writeStatus(writer, head.status.namespace, head.status.code, head.status.comment);
  for (const [name, value] of head.otherHeaders) writer.text(name).text(": ").line(value);
  if (head.contentType !== undefined) writer.text("Content-Type: ").line(head.contentType).crlf();
}

/** Writes an end-line; after a body, even an empty one, a CR LF stands before it. */
export function writeEndLine(
  writer: OctetWriter,
  transactionId: string,
  continuation: Continuation,
  options: { afterBody: boolean },
): void {
  if (options.afterBody) writer.crlf();
  writer.text("-------").text(transactionId).line(continuation);
}

/** Writes a whole request. */
export function writeRequest(writer: OctetWriter, request: Request): void {
  writeRequestHead(writer, request);
  if (request.body !== undefined) writer.copy(request.body);
  writeEndLine(writer, request.transactionId, request.continuation, { afterBody: request.body !== undefined });
}

/** Writes a response; `toUri` is the leftmost From-Path URI of the request alone (RFC 4975 §7.2). */
export function writeResponse(
  writer: OctetWriter,
  status: number,
  response: { transactionId: string; toUri: string; fromUri: string },
): void {
  const comment = commentOf(status);
  writer.text("MSRP ").text(response.transactionId).text(" ").decimal(status);
  writer.line(comment === "" ? "" : ` ${comment}`);
  writePath(writer, "To-Path:", [response.toUri]);
  writePath(writer, "From-Path:", [response.fromUri]);
  writeEndLine(writer, response.transactionId, "$", { afterBody: false });
}

function writePath(writer: OctetWriter, name: string, path: readonly string[]): void {
  writer.text(name);
  for (const uri of path) writer.text(" ").text(uri);
  writer.crlf();
}

function writeStatus(writer: OctetWriter, namespace: string, code: number, comment: string): void {
  writer.text("Status: ").text(namespace).text(" ").decimal(code);
  writer.line(comment === "" ? "" : ` ${comment}`);
}

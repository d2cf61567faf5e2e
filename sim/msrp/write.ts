/** Writes requests and responses (RFC 4975 §7, §9). */
import type { OctetWriter } from "../bytes/writer.ts";
import { writeByteRange } from "./byte_range.ts";
import { commentOf, type Continuation, type Request, type RequestHead } from "./chunk.ts";

/**
 * Writes a request down to where its body begins, in one piece, as each costs; the report headers of a SEND are always
 * spelt out.
 */
export function writeRequestHead(writer: OctetWriter, head: RequestHead): void {
  const { method, messageId, byteRange, status, contentType } = head;
  let text = `MSRP ${head.transactionId} ${method}\r\nTo-Path: ${pathOf(head.toPath)}\r\n` +
    `From-Path: ${pathOf(head.fromPath)}\r\n`;
  if (messageId !== undefined) text += `Message-ID: ${messageId}\r\n`;
  // a REPORT is never reported on (RFC 4975 §7.1.2)
  if (method !== "REPORT") {
    text += `Success-Report: ${head.successReport ? "yes" : "no"}\r\nFailure-Report: ${head.failureReport}\r\n`;
  }
  if (byteRange !== undefined) text += `Byte-Range: ${writeByteRange(byteRange)}\r\n`;
  if (status !== undefined) text += `Status: ${status.namespace} ${statusOf(status.code, status.comment)}\r\n`;
  for (const [name, value] of head.otherHeaders) text += `${name}: ${value}\r\n`;
  if (contentType !== undefined) text += `Content-Type: ${contentType}\r\n\r\n`;
  writer.text(text);
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
  const { transactionId, toUri, fromUri } = response;
  writer.text(
    `MSRP ${transactionId} ${statusOf(status, commentOf(status))}\r\nTo-Path: ${toUri}\r\nFrom-Path: ${fromUri}\r\n`,
  );
  writeEndLine(writer, transactionId, "$", { afterBody: false });
}

function pathOf(uris: readonly string[]): string {
  return uris.length === 1 ? uris[0]! : uris.join(" ");
}

function statusOf(code: number, comment: string): string {
  return comment === "" ? String(code) : `${code} ${comment}`;
}

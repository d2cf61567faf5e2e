/** Reads one framed request or response, strictly by the grammar of RFC 4975 §9. */
import { BLANK_LINE, CR, DIGIT_0, LF, SP } from "../bytes/ascii.ts";
import { indexOfOctet, indexOfOctets, startsWithTextAt } from "../bytes/scan.ts";
import { toText } from "../bytes/text.ts";
import { type ByteRange, parseByteRange } from "./byte_range.ts";
import {
  type ChunkFault,
  type Continuation,
  type FailureReport,
  isIdent,
  type Malformed,
  type ReportStatus,
  type Request,
  type Response,
} from "./chunk.ts";
import { isMsrpUri } from "./uri.ts";

/** Headers of one request that we are ready to read. */
export const MAX_HEADER_COUNT = 64;
/** Octets of them altogether. */
export const MAX_HEAD_OCTETS: number = 32 * 1024;
/** An end-line up to its transaction identifier, with the CR LF before it. */
const END_LINE_START = "\r\n-------";
/** Octets of an end-line without its transaction identifier: flag and CR LF follow. */
const END_LINE_OVERHEAD = END_LINE_START.length + 3;

const START_LINE_REGEXP = /^MSRP ([A-Za-z0-9.\-+%=]{4,32}) (?:([A-Z]+)|(\d{3})(?: (.*))?)$/;
const HEADER_REGEXP = /^[A-Za-z][!#$%&'*+\-.^_`|~0-9A-Za-z]*: .*$/;
const STATUS_REGEXP = /^(\d{3}) (\d{3})(?: (.*))?$/;
const CONTENT_TYPE_REGEXP = /^[!#$%&'*+\-.^_`|~\w]+\/[!#$%&'*+\-.^_`|~\w]+(?:\s*;.*)?$/;

/** What has been read so far. */
interface Draft {
  transactionId: string;
  /** Empty in a response. */
  method: string;
  responseStatus: number;
  comment: string;
  toPath: readonly string[] | undefined;
  fromPath: readonly string[] | undefined;
  messageId: string | undefined;
  successReport: boolean | undefined;
  failureReport: FailureReport | undefined;
  byteRange: ByteRange | undefined;
  status: ReportStatus | undefined;
  otherHeaders: [string, string][];
  contentType: string | undefined;
  body: Uint8Array | undefined;
  continuation: Continuation;
}

/** Reads what `MsrpFramer` cut; `body` is a part of `octets`, everything else is copied. */
export function parseChunk(octets: Uint8Array): Request | Response | Malformed {
  const usual = usualResponse(octets);
  if (usual !== undefined) return usual;
  const draft: Draft = {
    transactionId: "",
    method: "",
    responseStatus: 0,
    comment: "",
    toPath: undefined,
    fromPath: undefined,
    messageId: undefined,
    successReport: undefined,
    failureReport: undefined,
    byteRange: undefined,
    status: undefined,
    otherHeaders: [],
    contentType: undefined,
    body: undefined,
    continuation: "$",
  };
  const fault = readLines(octets, draft) ?? missingIn(draft);
  const toPath = draft.toPath ?? [];
  const fromPath = draft.fromPath ?? [];
  const failureReport = draft.failureReport ?? "yes";
  const { transactionId, method } = draft;
  if (fault !== undefined) {
    return { kind: "malformed", fault, transactionId, method, toPath, fromPath, failureReport };
  }
  if (method === "") {
    const { responseStatus: status, comment } = draft;
    return { kind: "response", transactionId, status, comment, toPath, fromPath };
  }
  const { messageId, byteRange, status, otherHeaders, contentType, body, continuation } = draft;
  const successReport = draft.successReport ?? false;
  return {
    kind: "request",
    transactionId,
    method,
    toPath,
    fromPath,
    messageId,
    successReport,
    failureReport,
    byteRange,
    status,
    otherHeaders,
    contentType,
    body,
    continuation,
  };
}

/** One URI in each path: what every peer sends that is no relay. */
const USUAL_RESPONSE_REGEXP =
  /^MSRP ([A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}) (\d{3})(?: (.*))?\r\nTo-Path: (\S+)\r\nFrom-Path: (\S+)\r\n-------\1\$\r\n$/;
/** Octets beyond which none is looked for, and those of the longest beginning up to a status. */
const LONGEST_USUAL = 512;
const LONGEST_START = "MSRP ".length + 32;

/** A response as nearly all are, read in one go; undefined where it is another one, or none. */
function usualResponse(octets: Uint8Array): Response | undefined {
  if (octets.length > LONGEST_USUAL) return undefined;
  const status0 = octets[indexOfOctet(octets, SP, "MSRP ".length, Math.min(octets.length, LONGEST_START + 1)) + 1]!;
  if (status0 < DIGIT_0 || status0 > DIGIT_0 + 9) return undefined;
  const [, transactionId, status, comment, toPath, fromPath] = USUAL_RESPONSE_REGEXP.exec(toText(octets)) ?? [];
  if (fromPath === undefined || !isMsrpUri(toPath!) || !isMsrpUri(fromPath)) return undefined;
  const paths = { toPath: [toPath!], fromPath: [fromPath] };
  return { kind: "response", transactionId: transactionId!, status: Number(status), comment: comment ?? "", ...paths };
}

function readLines(octets: Uint8Array, draft: Draft): ChunkFault | undefined {
  const lineEnd = indexOfOctet(octets, LF, 0, octets.length);
  if (lineEnd < 1 || octets[lineEnd - 1] !== CR) return "bad_start_line";
  if (!readStartLine(toText(octets, 0, lineEnd - 1), draft)) return "bad_start_line";
  // of the CR LF before the end-line
  const bodyEnd = octets.length - END_LINE_OVERHEAD - draft.transactionId.length;
  if (bodyEnd < lineEnd - 1 || !readEndLine(octets, bodyEnd, draft)) return "bad_end_line";
  const blankLine = indexOfOctets(octets, BLANK_LINE, lineEnd - 1, bodyEnd + 2);
  const headEnd = blankLine < 0 ? bodyEnd : blankLine;
  if (headEnd - lineEnd > MAX_HEAD_OCTETS) return "too_many_headers";
  const fault = readHeaders(toText(octets, lineEnd + 1, Math.max(lineEnd + 1, headEnd)), draft);
  if (fault !== undefined) return fault;
  if (blankLine >= 0) return readBody(octets, blankLine + BLANK_LINE.length, bodyEnd, draft);
  return draft.contentType === undefined ? undefined : "missing_body";
}

/** Reads the lines between start line and blank line, which are decoded at once. */
function readHeaders(block: string, draft: Draft): ChunkFault | undefined {
  const lines = block === "" ? [] : block.split("\r\n");
  if (lines.length > MAX_HEADER_COUNT) return "too_many_headers";
  for (let place = 0; place < lines.length; place++) {
    const fault = readHeader(lines[place]!, place, draft);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function readStartLine(line: string, draft: Draft): boolean {
  const [, transactionId, method, status, comment] = START_LINE_REGEXP.exec(line) ?? [];
  if (transactionId === undefined || !isIdent(transactionId)) return false;
  draft.transactionId = transactionId;
  draft.method = method ?? "";
  draft.responseStatus = Number(status ?? 0);
  draft.comment = comment ?? "";
  return true;
}

function readEndLine(octets: Uint8Array, at: number, draft: Draft): boolean {
  if (!startsWithTextAt(octets, END_LINE_START, at)) return false;
  if (!startsWithTextAt(octets, draft.transactionId, at + END_LINE_START.length)) return false;
  const flag = toText(octets, octets.length - 3);
  if (flag !== "$\r\n" && flag !== "+\r\n" && flag !== "#\r\n") return false;
  draft.continuation = flag[0] as Continuation;
  return draft.method !== "" || draft.continuation === "$";
}

function readBody(octets: Uint8Array, from: number, to: number, draft: Draft): ChunkFault | undefined {
  if (draft.method === "") return "body_in_response";
  if (draft.contentType === undefined) return "missing_content_type";
  if (from > to) return "missing_body";
  draft.body = octets.subarray(from, to);
  return undefined;
}

/** Reads one header line; `place` counts from 0. */
function readHeader(line: string, place: number, draft: Draft): ChunkFault | undefined {
  const colon = line.indexOf(": ");
  if (colon < 1) return "bad_header";
  const spelling = line.slice(0, colon);
  const value = line.slice(colon + 2);
  if (draft.contentType !== undefined) return "content_type_not_last";
  const name = spelling.toLowerCase();
  if ((name === "to-path") !== (place === 0) || (name === "from-path") !== (place === 1)) return "missing_path";
  switch (name) {
    case "to-path":
      return (draft.toPath = parsePath(value)) === undefined ? "bad_path" : undefined;
    case "from-path":
      return (draft.fromPath = parsePath(value)) === undefined ? "bad_path" : undefined;
    case "message-id":
      if (draft.messageId !== undefined) return "repeated_header";
      draft.messageId = value;
      return isIdent(value) ? undefined : "bad_message_id";
    case "byte-range":
      if (draft.byteRange !== undefined) return "repeated_header";
      return (draft.byteRange = parseByteRange(value)) === undefined ? "bad_byte_range" : undefined;
    case "success-report":
    case "failure-report":
      return readReportHeader(name, value.toLowerCase(), draft);
    case "status":
      if (draft.status !== undefined) return "repeated_header";
      return (draft.status = parseStatus(value)) === undefined ? "bad_status" : undefined;
    case "content-type":
      draft.contentType = value;
      return CONTENT_TYPE_REGEXP.test(value) ? undefined : "bad_content_type";
    default:
      if (!HEADER_REGEXP.test(line)) return "bad_header";
      draft.otherHeaders.push([spelling, value]);
      return undefined;
  }
}

function readReportHeader(name: string, value: string, draft: Draft): ChunkFault | undefined {
  if (name === "success-report") {
    if (draft.successReport !== undefined) return "repeated_header";
    if (value !== "yes" && value !== "no") return "bad_report_header";
    draft.successReport = value === "yes";
    return undefined;
  }
  if (draft.failureReport !== undefined) return "repeated_header";
  if (value !== "yes" && value !== "no" && value !== "partial") return "bad_report_header";
  draft.failureReport = value;
  return undefined;
}

/** What a header block must have and has not. */
function missingIn(draft: Draft): ChunkFault | undefined {
  if (draft.toPath === undefined || draft.fromPath === undefined) return "missing_path";
  if (draft.method !== "SEND" && draft.method !== "REPORT") return undefined;
  if (draft.messageId === undefined) return "missing_message_id";
  return draft.method === "REPORT" && draft.status === undefined ? "missing_status" : undefined;
}

function parsePath(value: string): readonly string[] | undefined {
  const path = value.split(" ");
  return path.every(isMsrpUri) ? path : undefined;
}

function parseStatus(value: string): ReportStatus | undefined {
  const [, namespace, code, comment] = STATUS_REGEXP.exec(value) ?? [];
  if (namespace === undefined) return undefined;
  return { namespace, code: Number(code), comment: comment ?? "" };
}

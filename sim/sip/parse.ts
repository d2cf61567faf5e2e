/**
 * Parser of SIP messages (RFC 3261 §7, §25): notes where things stand in the octets, decodes nothing.
 *
 * A whole message is in hand (see `framing.ts` for streams), so there is no state to resume. Every line is noted even
 * after a fault, as a malformed request is still to be answered (RFC 3261 §8.2.6).
 */
import {
  AT,
  COLON,
  CR,
  GREATER_THAN,
  LEFT_BRACKET,
  LESS_THAN,
  LF,
  QUESTION,
  RIGHT_BRACKET,
  SEMICOLON,
  SP,
} from "../bytes/ascii.ts";
import {
  headerLineEnd,
  isToken,
  skipLinearWhiteSpace,
  tokenEnd,
  trimLinearWhiteSpace,
} from "../bytes/header_octets.ts";
import { equalsIgnoringCase, indexOfOctet, readDecimal, trimEnd } from "../bytes/scan.ts";
import { toText } from "../bytes/text.ts";
import { CSEQ_LIMIT } from "./cseq.ts";
import { CALL_ID, CONTENT_LENGTH, CSEQ, FROM, headerIdAt, TO, UNKNOWN_HEADER, VIA } from "./header_name.ts";
import { unfold } from "./header_value.ts";
import type { Message } from "./message.ts";
import { methodAt } from "./method.ts";
import { parseNameAddr } from "./name_addr.ts";
import { parameterValueFrom, parameterValueTo } from "./parameters.ts";
import { areGoodVias, isUsualVia } from "./via_octets.ts";

/** What can be wrong with a message; the first fault found counts. */
export type ParseFault =
  | "empty"
  | "too_large"
  | "bad_start_line"
  | "bad_version"
  | "bad_uri"
  | "uri_too_long"
  | "no_blank_line"
  | "bad_header"
  | "too_many_headers"
  | "missing_header"
  | "duplicate_header"
  | "bad_via"
  | "bad_address"
  | "bad_cseq"
  | "cseq_mismatch"
  | "bad_content_length"
  | "short_body";

/** Octets of the largest message that we take; a datagram cannot have so many. */
export const MAX_STREAM_MESSAGE_SIZE = 4 * 1024 * 1024;
/** Header lines that we take. */
export const MAX_HEADER_COUNT = 256;
/** Octets of a Request-URI that we take; beyond it the answer is 414 (RFC 3261 §21.4.12). */
export const MAX_URI_LENGTH = 4096;

const LOWER_CASE_VERSION = "sip/2.0";
const VERSION_LENGTH = 7;
const STATUS_LENGTH = 3;
/** Headers that every message has (RFC 3261 §8.1.1); Max-Forwards may be absent, as RFC 2543 had it optional. */
const MANDATORY = bit(VIA) | bit(FROM) | bit(TO) | bit(CALL_ID) | bit(CSEQ);

/**
 * Reads `octets` into `into`, which is used again; undefined when all is well. After a fault everything that could be
 * read is readable. CR LF before the start line is skipped (RFC 3261 §7.5), octets behind the body are ignored
 * (RFC 3261 §18.3).
 */
export function parseMessage(octets: Uint8Array, into: Message): ParseFault | undefined {
  into.reset(octets);
  if (octets.length > MAX_STREAM_MESSAGE_SIZE) return "too_large";
  let from = 0;
  while (octets[from] === CR && octets[from + 1] === LF) from += 2;
  if (from === octets.length) return "empty";
  const lineTo = indexOfOctet(octets, LF, from, octets.length) + 1;
  if (lineTo === 0) return "no_blank_line";
  const startLineFault = noteStartLine(octets, from, lineTo, into);
  const linesFault = noteLines(octets, lineTo, into);
  const headersFault = checkHeaders(into);
  return startLineFault ?? linesFault ?? headersFault;
}

function bit(headerId: number): number {
  return 1 << headerId;
}

function noteStartLine(octets: Uint8Array, from: number, lineTo: number, into: Message): ParseFault | undefined {
  const to = lineTo - 2;
  if (octets[to] !== CR) return "bad_start_line";
  return equalsIgnoringCase(octets, from, from + 4, "sip/")
    ? noteStatusLine(octets, from, to, into)
    : noteRequestLine(octets, from, to, into);
}

/* Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF; the second SP is often forgotten with the phrase */
function noteStatusLine(octets: Uint8Array, from: number, to: number, into: Message): ParseFault | undefined {
  const versionTo = from + VERSION_LENGTH;
  const statusTo = versionTo + 1 + STATUS_LENGTH;
  if (!equalsIgnoringCase(octets, from, versionTo, LOWER_CASE_VERSION)) return "bad_version";
  const status = statusTo <= to ? readDecimal(octets, versionTo + 1, statusTo) : -1;
  const separated = octets[versionTo] === SP && (statusTo === to || octets[statusTo] === SP);
  if (!separated || status < 100 || status > 699) return "bad_start_line";
  into.status = status;
  into.subjectFrom = Math.min(statusTo + 1, to);
  into.subjectTo = to;
  return undefined;
}

/* Request-Line = Method SP Request-URI SP SIP-Version CRLF */
function noteRequestLine(octets: Uint8Array, from: number, to: number, into: Message): ParseFault | undefined {
  const methodTo = tokenEnd(octets, from, to);
  if (methodTo === from || octets[methodTo] !== SP) return "bad_start_line";
  into.isRequest = true;
  into.method = methodAt(octets, from, methodTo);
  const uriTo = indexOfOctet(octets, SP, methodTo + 1, to);
  if (uriTo < 0) return "bad_start_line";
  into.subjectFrom = methodTo + 1;
  into.subjectTo = uriTo;
  if (!equalsIgnoringCase(octets, uriTo + 1, to, LOWER_CASE_VERSION)) {
    const otherVersion = equalsIgnoringCase(octets, uriTo + 1, uriTo + 5, "sip/") &&
      indexOfOctet(octets, SP, uriTo + 1, to) < 0;
    return otherVersion ? "bad_version" : "bad_start_line";
  }
  if (uriTo - methodTo - 1 > MAX_URI_LENGTH) return "uri_too_long";
  return isGoodUri(octets, methodTo + 1, uriTo) ? undefined : "bad_uri";
}

/**
 * Whether a Request-URI has a scheme and, when that is SIP's, neither headers nor an IPv6 address without brackets
 * (RFC 3261 §19.1.1): what else can be wrong shows when its parts are asked for.
 */
function isGoodUri(octets: Uint8Array, from: number, to: number): boolean {
  const colon = indexOfOctet(octets, COLON, from, to);
  if (colon < 0 || octets[from] === LESS_THAN) return false;
  const isSip = equalsIgnoringCase(octets, from, colon, "sip") || equalsIgnoringCase(octets, from, colon, "sips");
  if (!isSip) return true;
  const at = indexOfOctet(octets, AT, colon + 1, to);
  let colons = 0;
  let part: "host" | "reference" | "parameters" = "host";
  for (let i = Math.max(colon, at) + 1; i < to; i++) {
    const octet = octets[i]!;
    if (octet === QUESTION) return false;
    if (part === "parameters") continue;
    if (octet === SEMICOLON) part = "parameters";
    else if (octet === LEFT_BRACKET) part = "reference";
    else if (octet === RIGHT_BRACKET) part = "host";
    else if (octet === COLON && part === "host" && ++colons > 1) return false;
  }
  return part !== "reference";
}

/** Notes every header line from `from` on, and where the body begins. */
function noteLines(octets: Uint8Array, from: number, into: Message): ParseFault | undefined {
  let fault: ParseFault | undefined;
  let at = from;
  while (octets[at] !== CR || octets[at + 1] !== LF) {
    const end = headerLineEnd(octets, at, octets.length);
    if (end < 0) return fault ?? "no_blank_line";
    if (into.lineCount === MAX_HEADER_COUNT) return fault ?? "too_many_headers";
    const lineFault = noteLine(octets, at, end, into);
    fault ??= lineFault;
    at = end;
  }
  into.bodyFrom = at + 2;
  return fault;
}

/* message-header = name *(SP / HTAB) ":" LWS value CRLF */
function noteLine(octets: Uint8Array, from: number, end: number, into: Message): ParseFault | undefined {
  const colon = indexOfOctet(octets, COLON, from, end);
  if (colon < 0) return "bad_header";
  const nameTo = trimEnd(octets, from, colon);
  const id = headerIdAt(octets, from, nameTo);
  if (id === UNKNOWN_HEADER && !isToken(octets, from, nameTo)) return "bad_header";
  const valueTo = trimLinearWhiteSpace(octets, colon + 1, end);
  const valueFrom = skipLinearWhiteSpace(octets, colon + 1, valueTo);
  into.noteLine(id, from, nameTo, valueFrom, valueTo, end);
  return octets[end - 2] === CR ? undefined : "bad_header";
}

/** Looks at the headers that a message cannot do without, and at the length of the body. */
function checkHeaders(message: Message): ParseFault | undefined {
  let fault: ParseFault | undefined;
  let seen = 0;
  let contentLength = -1;
  for (let line = 0; line < message.lineCount; line++) {
    const id = message.nameId(line);
    if (id === UNKNOWN_HEADER || id > CONTENT_LENGTH) continue;
    if (id === CONTENT_LENGTH) {
      const length = readDecimal(message.octets, message.valueFrom(line), message.valueTo(line));
      if (length < 0 || (contentLength >= 0 && length !== contentLength)) fault ??= "bad_content_length";
      else contentLength = length;
    } else if ((seen & bit(id)) === 0) {
      const lineFault = checkMandatory(message, id, line);
      fault ??= lineFault;
    } else if (id !== VIA) fault ??= "duplicate_header";
    seen |= bit(id);
  }
  if ((seen & MANDATORY) !== MANDATORY) fault ??= "missing_header";
  message.bodyTo = message.octets.length;
  if (contentLength < 0) return fault;
  if (message.bodyFrom + contentLength > message.octets.length) return fault ?? "short_body";
  message.bodyTo = message.bodyFrom + contentLength;
  return fault;
}

function checkMandatory(message: Message, id: number, line: number): ParseFault | undefined {
  if (message.valueFrom(line) === message.valueTo(line)) return "bad_header";
  if (id === VIA) return noteBranch(message, line);
  if (id === CSEQ) return noteCSeq(message, line);
  return id === CALL_ID ? undefined : checkAddress(message, line);
}

function noteBranch(message: Message, line: number): ParseFault | undefined {
  const { octets } = message;
  const from = message.valueFrom(line);
  const to = message.valueTo(line);
  const branchFrom = parameterValueFrom(octets, from, to, "branch");
  if (branchFrom >= 0) {
    message.branchFrom = branchFrom;
    message.branchTo = parameterValueTo(octets, branchFrom, to);
  }
  const usual = branchFrom >= 0 && isToken(octets, branchFrom, message.branchTo) && isUsualVia(octets, from, to);
  return usual || areGoodVias(valueOf(message, line)) ? undefined : "bad_via";
}

function noteCSeq(message: Message, line: number): ParseFault | undefined {
  const { octets } = message;
  const from = message.valueFrom(line);
  const to = message.valueTo(line);
  const numberTo = tokenEnd(octets, from, to);
  const number = readDecimal(octets, from, numberTo);
  const methodFrom = skipLinearWhiteSpace(octets, numberTo, to);
  if (number < 0 || number >= CSEQ_LIMIT || methodFrom === numberTo || !isToken(octets, methodFrom, to)) {
    return "bad_cseq";
  }
  const method = methodAt(octets, methodFrom, to);
  if (message.isRequest && method !== message.method) return "cseq_mismatch";
  message.method = method;
  message.sequenceNumber = number;
  return undefined;
}

/** From and To in the form that everybody writes are only glanced at; any other one is read whole. */
function checkAddress(message: Message, line: number): ParseFault | undefined {
  const { octets } = message;
  const from = message.valueFrom(line);
  const to = message.valueTo(line);
  if (octets[from] === LESS_THAN) return indexOfOctet(octets, GREATER_THAN, from, to) < 0 ? "bad_address" : undefined;
  return parseNameAddr(valueOf(message, line)) === undefined ? "bad_address" : undefined;
}

function valueOf(message: Message, line: number): string {
  return unfold(toText(message.octets, message.valueFrom(line), message.valueTo(line)));
}

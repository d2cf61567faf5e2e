/** Cuts a connection into MSRP requests and responses (RFC 4975 §7.3.1): the end-line decides, never Byte-Range. */
import { CR, DOLLAR, HASH, LF, PLUS, SP } from "../bytes/ascii.ts";
import { indexOfOctet, indexOfOctets, startsWithAt } from "../bytes/scan.ts";
import { toOctets, toText } from "../bytes/text.ts";
import type { Framer } from "../transport/flow.ts";
import { parseByteRange } from "./byte_range.ts";
import { isIdent } from "./chunk.ts";

/** Octets of content that one chunk may carry here; it is held whole in memory until its end-line has come. */
export const MAX_CHUNK_CONTENT: number = 64 * 1024 * 1024;

/** Octets of one request or response with everything: beyond it the stream counts as malformed. */
export const MAX_CHUNK_OCTETS: number = MAX_CHUNK_CONTENT + 64 * 1024;

/** Octets of a start line: a response may carry a comment. */
const MAX_START_LINE = 1024;
const TOO_LARGE = -2;
/** Octets in which Byte-Range is looked for, and more than a request has besides its content. */
const LONGEST_HEAD = 4096;
const START = toOctets("MSRP ");
const BYTE_RANGE = toOctets("\r\nByte-Range:");

/** Framer of one connection; it remembers how far the end-line was looked for, so no octet is searched twice. */
export class MsrpFramer implements Framer {
  /** CR LF, seven hyphens and the transaction identifier of the request being received. */
  #endLine: Uint8Array | undefined;
  /** Octets of that request in which the end-line does not start. */
  #searched = 0;

  /** As `Framer`; until it gives a length, `from` must stay at the same request. */
  frame(octets: Uint8Array, from: number, to: number): number {
    // bounded by `to`: a native search must not run on into what earlier requests left behind
    const stream = octets.subarray(from, to);
    if (this.#endLine === undefined) {
      if (stream[0] === CR) return keepAliveLength(stream);
      const progress = this.#readStartLine(stream);
      if (progress !== 1) return progress;
    }
    return this.#findEndLine(stream, this.#endLine!);
  }

  /** By the Byte-Range, as far as we would take it: a hint for memory, never where the request ends. */
  announced(octets: Uint8Array, from: number, to: number): number {
    const head = octets.subarray(from, Math.min(to, from + LONGEST_HEAD));
    const nameAt = indexOfOctets(head, BYTE_RANGE, 0, head.length);
    if (nameAt < 0) return 0;
    const valueFrom = nameAt + BYTE_RANGE.length;
    const lineEnd = indexOfOctet(head, CR, valueFrom, head.length);
    const range = lineEnd < 0 ? undefined : parseByteRange(toText(head, valueFrom, lineEnd).trim());
    const last = range?.end ?? range?.total;
    const content = last === undefined ? 0 : last - range!.start + 1;
    return content > 0 && content <= MAX_CHUNK_CONTENT ? content + LONGEST_HEAD : 0;
  }

  /** 1 when the start line is there, 0 when more octets are needed, -1 when this is not MSRP, -2 when it is too long. */
  #readStartLine(stream: Uint8Array): 1 | 0 | -1 | -2 {
    const known = Math.min(stream.length, START.length);
    if (!startsWithAt(stream, START.subarray(0, known), 0)) return -1;
    const lineEnd = indexOfOctet(stream, LF, 0, Math.min(stream.length, MAX_START_LINE));
    if (lineEnd < 0) return stream.length >= MAX_START_LINE ? TOO_LARGE : 0;
    const space = indexOfOctet(stream, SP, START.length, lineEnd);
    const transactionId = toText(stream, START.length, space < 0 ? lineEnd : space);
    if (!isIdent(transactionId)) return -1;
    this.#endLine = toOctets(`\r\n-------${transactionId}`);
    this.#searched = lineEnd - 1;
    return 1;
  }

  #findEndLine(stream: Uint8Array, endLine: Uint8Array): number {
    let at = indexOfOctets(stream, endLine, this.#searched, stream.length);
    while (at >= 0) {
      const flagAt = at + endLine.length;
      if (flagAt + 3 > stream.length) {
        this.#searched = at;
        return this.#more(stream);
      }
      if (isFlag(stream[flagAt]!) && stream[flagAt + 1] === CR && stream[flagAt + 2] === LF) {
        this.#endLine = undefined;
        return flagAt + 3;
      }
      at = indexOfOctets(stream, endLine, at + 2, stream.length);
    }
    // the last octets may be the beginning of the end-line
    this.#searched = Math.max(this.#searched, stream.length - endLine.length + 1);
    return this.#more(stream);
  }

  #more(stream: Uint8Array): 0 | -2 {
    return stream.length > MAX_CHUNK_OCTETS ? TOO_LARGE : 0;
  }
}

function isFlag(octet: number): boolean {
  return octet === DOLLAR || octet === PLUS || octet === HASH;
}

/** Octets of the run of CR LF at the beginning; 0 when the first pair is not complete, -1 when it is none. */
function keepAliveLength(stream: Uint8Array): number {
  if (stream.length > 1 && stream[1] !== LF) return -1;
  let length = 0;
  while (stream[length] === CR && stream[length + 1] === LF) length += 2;
  return length;
}

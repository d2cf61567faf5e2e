/** Cuts a stream into SIP messages by Content-Length (RFC 3261 §7.5, §18.3); keep-alives as RFC 5626 §4.4.1. */
import { BLANK_LINE, COLON, CR, LF } from "../bytes/ascii.ts";
import { headerLineEnd, skipLinearWhiteSpace, trimLinearWhiteSpace } from "../bytes/header_octets.ts";
import { indexOfOctet, indexOfOctets, readDecimal, trimEnd } from "../bytes/scan.ts";
import type { Framer } from "../transport/flow.ts";
import { CONTENT_LENGTH, headerIdAt } from "./header_name.ts";
import { MAX_STREAM_MESSAGE_SIZE } from "./parse.ts";

/** Octets of start line and headers that we wait for. */
export const MAX_HEADER_BLOCK_SIZE = 65536;

/** A ping: answered by a pong (RFC 5626 §3.5.1). */
export const PING_SIZE = 4;
/** A pong. */
export const PONG_SIZE = 2;

const BROKEN = -1;
const TOO_LARGE = -2;
const INCOMPLETE = 0;

/** Remembers only how far it has looked, so that a message in many pieces is searched once. */
export class SipFramer implements Framer {
  /** Octets of the message that were searched for its blank line. */
  #searched = 0;
  /** Length of the message once its headers are whole, 0 before. */
  #length = 0;

  /** As `Framer`; `from` stands still until a message was cut, then moves behind it. */
  frame(octets: Uint8Array, from: number, to: number): number {
    if (from === to) return INCOMPLETE;
    if (octets[from] === CR || octets[from] === LF) return frameKeepAlive(octets, from, to);
    if (this.#length === 0) {
      this.#length = this.#measure(octets, from, to);
      if (this.#length <= 0) {
        const length = this.#length;
        this.#length = 0;
        return length;
      }
    }
    if (to - from < this.#length) return INCOMPLETE;
    const length = this.#length;
    this.#length = this.#searched = 0;
    return length;
  }

  #measure(octets: Uint8Array, from: number, to: number): number {
    const searchFrom = from + Math.max(0, this.#searched - (BLANK_LINE.length - 1));
    const blankLine = indexOfOctets(octets, BLANK_LINE, searchFrom, to);
    this.#searched = to - from;
    const headerSize = (blankLine < 0 ? to : blankLine + BLANK_LINE.length) - from;
    if (headerSize > MAX_HEADER_BLOCK_SIZE) return TOO_LARGE;
    if (blankLine < 0) return INCOMPLETE;
    const contentLength = contentLengthOf(octets, from, from + headerSize);
    const length = headerSize + contentLength;
    if (contentLength < 0) return BROKEN;
    return length > MAX_STREAM_MESSAGE_SIZE ? TOO_LARGE : length;
  }
}

/** A lone CR LF is cut at once: it may be a pong, and nothing may follow it. */
function frameKeepAlive(octets: Uint8Array, from: number, to: number): number {
  for (let i = from; i < Math.min(from + PING_SIZE, to); i++) {
    const expected = (i - from) % 2 === 0 ? CR : LF;
    if (octets[i] === expected) continue;
    return i - from < PONG_SIZE ? BROKEN : PONG_SIZE;
  }
  if (to - from >= PING_SIZE) return PING_SIZE;
  return to - from === PONG_SIZE ? PONG_SIZE : INCOMPLETE;
}

/** Content-Length in the header block `[from, to)`: 0 when it is missing, -1 when malformed or contradictory. */
function contentLengthOf(octets: Uint8Array, from: number, to: number): number {
  let length = -1;
  for (let at = headerLineEnd(octets, from, to); at >= 0 && octets[at] !== CR;) {
    const end = headerLineEnd(octets, at, to);
    const colon = indexOfOctet(octets, COLON, at, end);
    if (colon >= 0 && headerIdAt(octets, at, trimEnd(octets, at, colon)) === CONTENT_LENGTH) {
      const valueFrom = skipLinearWhiteSpace(octets, colon + 1, end);
      const value = readDecimal(octets, valueFrom, trimLinearWhiteSpace(octets, valueFrom, end));
      if (value < 0 || (length >= 0 && value !== length)) return BROKEN;
      length = value;
    }
    at = end;
  }
  return Math.max(length, 0);
}

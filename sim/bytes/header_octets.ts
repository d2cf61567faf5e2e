/** Octets of header lines in the style of RFC 822: ends of folded lines, linear white space, tokens, quoted strings. */
import { BACKSLASH, COMMA, CR, DQUOTE, GREATER_THAN, HTAB, LESS_THAN, LF, SEMICOLON, SP } from "./ascii.ts";
import { indexOfOctet } from "./scan.ts";

/*
 * token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~")   (RFC 3261 §25.1)
 */
const TOKEN_LOOKUP = new Uint8Array(256);
for (const char of "-.!%*_+`'~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN_LOOKUP[char.charCodeAt(0)] = 1;
}

/** Whether `[from, to)` is a token, that is not empty and without separators (RFC 3261 §25.1). */
export function isToken(octets: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    if (TOKEN_LOOKUP[octets[i]!] === 0) return false;
  }
  return from < to;
}

/** End of the token that begins at `from`: first index in `[from, to)` with another octet, or `to`. */
export function tokenEnd(octets: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && TOKEN_LOOKUP[octets[at]!] === 1) at++;
  return at;
}

/**
 * Index after the line feed that ends the header line at `from`, with the lines it is folded over (RFC 3261 §7.3.1);
 * -1 when the line does not end in `[from, to)`.
 */
export function headerLineEnd(octets: Uint8Array, from: number, to: number): number {
  let at = from;
  while (true) {
    const end = indexOfOctet(octets, LF, at, to) + 1;
    if (end === 0) return -1;
    if (end === to || (octets[end] !== SP && octets[end] !== HTAB)) return end;
    at = end;
  }
}

function isLinearWhiteSpace(octet: number): boolean {
  return octet <= SP && (octet === SP || octet === HTAB || octet === CR || octet === LF);
}

/** First index in `[from, to)` that is not linear white space, folds included; `to` when there is none. */
export function skipLinearWhiteSpace(octets: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isLinearWhiteSpace(octets[at]!)) at++;
  return at;
}

/** End of `[from, to)` without the linear white space at its end, folds included. */
export function trimLinearWhiteSpace(octets: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && isLinearWhiteSpace(octets[at - 1]!)) at--;
  return at;
}

/** Octets that `indexOutside` looks at; one look-up passes over all others. */
const STRUCTURE_LOOKUP = new Uint8Array(256);
for (const octet of [DQUOTE, LESS_THAN, GREATER_THAN, BACKSLASH, SEMICOLON, COMMA]) STRUCTURE_LOOKUP[octet] = 1;

/**
 * Index of the first octet in `[from, to)` that is `either` or `other` and stands outside quoted strings and angle
 * brackets; -1 when there is none. Both are semicolon or comma.
 */
export function indexOutside(octets: Uint8Array, from: number, to: number, either: number, other: number): number {
  let quoted = false;
  let bracketed = false;
  for (let i = from; i < to; i++) {
    const octet = octets[i]!;
    if (STRUCTURE_LOOKUP[octet] === 0) continue;
    if (quoted) {
      if (octet === BACKSLASH) i++;
      else if (octet === DQUOTE) quoted = false;
    } else if (octet === DQUOTE) quoted = true;
    else if (bracketed) bracketed = octet !== GREATER_THAN;
    else if (octet === LESS_THAN) bracketed = true;
    else if (octet === either || octet === other) return i;
  }
  return -1;
}

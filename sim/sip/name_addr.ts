/** Addresses in headers: From, To, Contact, Route and their like (RFC 3261 §20.10, §25.1). */
import { quote, unquote } from "./header_value.ts";
import { type Parameters, parseParameters, writeParameters } from "./parameters.ts";

/** A URI with the name to display and the parameters of the header. */
export interface NameAddr {
  /** Without quotes. */
  readonly displayName?: string;
  /** As text, without angle brackets; `*` in a Contact that stands for all bindings. */
  readonly uri: string;
  /** Those of the header: the URI's own are inside `uri`. */
  readonly parameters: Parameters;
}

const QUOTED_REGEXP = /^"(?:[^"\\]|\\.)*"\s*(?=<)/s;
/** display-name = *(token LWS), and UTF-8 as everybody sends it. */
const TOKENS_REGEXP = /^[\w\-.!%*+`'~\s\u0080-\uffff]*(?=<)/;
/** Without brackets a question mark would leave open whose it is (RFC 3261 §20.10). */
const BARE_URI_REGEXP = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"?,]+$/;
const URI_REGEXP = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"]+$/;

/** Reads one address; undefined when malformed. */
export function parseNameAddr(text: string): NameAddr | undefined {
  const value = text.trim();
  const quoted = QUOTED_REGEXP.exec(value)?.[0];
  const display = quoted ?? TOKENS_REGEXP.exec(value)?.[0];
  if (display === undefined) return parseAddrSpec(value);
  const end = value.indexOf(">", display.length);
  if (end < 0) return undefined;
  const uri = value.slice(display.length + 1, end);
  const parameters = parseParameters(value.slice(end + 1));
  if (parameters === undefined || !URI_REGEXP.test(uri)) return undefined;
  const displayName = unquote(display.trim());
  return displayName === "" ? { uri, parameters } : { displayName, uri, parameters };
}

/** Without angle brackets, whatever follows a semicolon belongs to the header (RFC 3261 §20.10). */
function parseAddrSpec(value: string): NameAddr | undefined {
  const semicolon = value.indexOf(";");
  const uri = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  const parameters = parseParameters(semicolon < 0 ? "" : value.slice(semicolon));
  if (parameters === undefined || (uri !== "*" && !BARE_URI_REGEXP.test(uri))) return undefined;
  return { uri, parameters };
}

/** Writes an address, always with angle brackets but for `*`. */
export function writeNameAddr(address: NameAddr): string {
  if (address.uri === "*") return "*";
  const display = address.displayName === undefined ? "" : `${quote(address.displayName)} `;
  return `${display}<${address.uri}>${writeParameters(address.parameters)}`;
}

/** SIP and SIPS URIs (RFC 3261 §19.1). */
import { NO_PARAMETERS, type Parameters, parseParameters, writeParameters } from "./parameters.ts";

/** A SIP or SIPS URI; escapes stay as they are. */
export interface SipUri {
  /** In lower case. */
  readonly scheme: "sip" | "sips";
  /** What stands before the `@`, a password included. */
  readonly user?: string;
  /** As spelled, an IPv6 address without brackets. */
  readonly host: string;
  readonly port?: number;
  readonly parameters: Parameters;
  /** What stands behind the question mark. */
  readonly headers?: string;
}

const SCHEME_REGEXP = /^(sips?):/i;
const USER_REGEXP = /^[\w\-.!~*'()%&=+$,;?/:]+$/;
const HOST_REGEXP = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/;
const BAD_ESCAPE_REGEXP = /%(?![\da-fA-F]{2})/;
/** Escapes of printable US-ASCII; other octets have no character to stand for. */
const PRINTABLE_ESCAPE_REGEXP = /%(?:2[\da-fA-F]|[3-6][\da-fA-F]|7[\da-eA-E])/g;
const RESERVED = ";/?:@&=+$,%";

/** Reads a URI; undefined when it is malformed or of another scheme. */
export function parseUri(text: string): SipUri | undefined {
  const scheme = SCHEME_REGEXP.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || /[\s<>"]/.test(text) || BAD_ESCAPE_REGEXP.test(text)) return undefined;
  const userFrom = scheme.length + 1;
  const at = text.indexOf("@");
  const user = at < 0 ? undefined : text.slice(userFrom, at);
  if (user !== undefined && !USER_REGEXP.test(user)) return undefined;
  const rest = text.slice(at < 0 ? userFrom : at + 1);
  const question = rest.indexOf("?");
  const beforeHeaders = question < 0 ? rest : rest.slice(0, question);
  const semicolon = beforeHeaders.indexOf(";");
  const hostPort = HOST_REGEXP.exec(semicolon < 0 ? beforeHeaders : beforeHeaders.slice(0, semicolon));
  const parameters = semicolon < 0 ? NO_PARAMETERS : parseParameters(beforeHeaders.slice(semicolon));
  if (hostPort === null || parameters === undefined) return undefined;
  const host = hostPort[1]!;
  const port = hostPort[2] === undefined ? undefined : Number(hostPort[2]);
  if (port !== undefined && (port === 0 || port > 65535)) return undefined;
  return {
    scheme: scheme as SipUri["scheme"],
    ...(user === undefined ? {} : { user }),
    host: host.startsWith("[") ? host.slice(1, -1) : host,
    ...(port === undefined ? {} : { port }),
    parameters,
    ...(question < 0 ? {} : { headers: rest.slice(question + 1) }),
  };
}

/** Writes a URI. */
export function writeUri(uri: SipUri): string {
  const user = uri.user === undefined ? "" : `${uri.user}@`;
  const host = uri.host.includes(":") ? `[${uri.host}]` : uri.host;
  const port = uri.port === undefined ? "" : `:${uri.port}`;
  const headers = uri.headers === undefined ? "" : `?${uri.headers}`;
  return `${uri.scheme}:${user}${host}${port}${writeParameters(uri.parameters)}${headers}`;
}

/** Value of a parameter, "" for one without a value, undefined when it is absent. */
export function parameterOf(uri: SipUri, name: string): string | undefined {
  const lowerCase = name.toLowerCase();
  return uri.parameters.has(lowerCase) ? uri.parameters.get(lowerCase) ?? "" : undefined;
}

/** Whether a URI belongs to a proxy that routes loosely (RFC 3261 §16.12). */
export function isLooseRouter(uri: SipUri): boolean {
  return uri.parameters.has("lr");
}

/**
 * The canonical text of the address-of-record in a URI, which registrars use as key: unescaped, host in lower case,
 * without parameters and headers (RFC 3261 §10.3). Undefined when the URI is no SIP URI.
 */
export function addressOfRecordOf(text: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined) return undefined;
  const { scheme, host, port } = uri;
  const user = uri.user?.replace(PRINTABLE_ESCAPE_REGEXP, toCharacter);
  return writeUri({
    scheme,
    ...(user === undefined ? {} : { user }),
    host: host.toLowerCase(),
    ...(port === undefined ? {} : { port }),
    parameters: NO_PARAMETERS,
  });
}

/** Parameters that two equal URIs have both or have not (RFC 3261 §19.1.4). */
const DECISIVE_PARAMETERS = ["user", "ttl", "method", "maddr", "transport"];

/** Whether two URIs are the same in the sense of RFC 3261 §19.1.4; texts that are no SIP URIs are compared as they are. */
export function sameUri(a: string, b: string): boolean {
  if (a === b) return true;
  const left = parseUri(a);
  const right = parseUri(b);
  if (left === undefined || right === undefined) return false;
  return left.scheme === right.scheme && unescapeUnreserved(left.user ?? "") === unescapeUnreserved(right.user ?? "") &&
    (left.user === undefined) === (right.user === undefined) &&
    left.host.toLowerCase() === right.host.toLowerCase() && left.port === right.port &&
    sameParameters(left, right) && sameHeaders(left.headers, right.headers);
}

function sameParameters(left: SipUri, right: SipUri): boolean {
  for (const [name, value] of left.parameters) {
    const other = parameterOf(right, name);
    if (other === undefined ? DECISIVE_PARAMETERS.includes(name) : !sameText(value ?? "", other)) return false;
  }
  return DECISIVE_PARAMETERS.every((name) => left.parameters.has(name) === right.parameters.has(name));
}

function sameText(a: string, b: string): boolean {
  return unescapeUnreserved(a).toLowerCase() === unescapeUnreserved(b).toLowerCase();
}

function sameHeaders(left = "", right = ""): boolean {
  const sorted = (headers: string) =>
    headers.split("&").map((header) => unescapeUnreserved(header).toLowerCase()).sort().join("&");
  return left === right || sorted(left) === sorted(right);
}

/** What is reserved means something else when it is escaped (RFC 3261 §19.1.4). */
function unescapeUnreserved(text: string): string {
  return text.replace(PRINTABLE_ESCAPE_REGEXP, (escape) => {
    const character = toCharacter(escape);
    return RESERVED.includes(character) ? escape.toUpperCase() : character;
  });
}

function toCharacter(escape: string): string {
  return String.fromCharCode(parseInt(escape.slice(1), 16));
}

/** Parameters behind semicolons, in headers and URIs (RFC 3261 §7.3.1, §19.1.1). */
import { COMMA, EQUALS, SEMICOLON } from "../bytes/ascii.ts";
import { indexOutside, skipLinearWhiteSpace, tokenEnd, trimLinearWhiteSpace } from "../bytes/header_octets.ts";
import { equalsIgnoringCase } from "../bytes/scan.ts";

/**
 * Names in lower case and values as they stood, quoted strings with their quotes (`unquote` of `header_value.ts` takes
 * them off); undefined for a parameter without `=`.
 */
export type Parameters = ReadonlyMap<string, string | undefined>;

/** No parameters. */
export const NO_PARAMETERS: Parameters = new Map();

const PARAMETER_REGEXP = /\s*;\s*(?:([\w\-.!%*+`'~[\]/:&$]+)\s*(=\s*("(?:[^"\\]|\\.)*"|[^\s;",<>]*))?\s*)?/gsy;

/** Reads `;name=value;name…`; undefined when malformed. The first of two parameters of one name counts. */
export function parseParameters(text: string): Parameters | undefined {
  if (text === "") return NO_PARAMETERS;
  const parameters = new Map<string, string | undefined>();
  let at = 0;
  while (at < text.length) {
    PARAMETER_REGEXP.lastIndex = at;
    const match = PARAMETER_REGEXP.exec(text);
    if (match === null) return text.slice(at).trim() === "" ? parameters : undefined;
    const name = match[1]?.toLowerCase();
    if (name !== undefined && !parameters.has(name)) parameters.set(name, match[3]);
    at = PARAMETER_REGEXP.lastIndex;
  }
  return parameters;
}

/** Writes `;name=value` for each parameter, values as they are. */
export function writeParameters(parameters: Parameters): string {
  let text = "";
  for (const [name, value] of parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}

/**
 * Where the value of the parameter `lowerCaseName` begins in the first element of the header value `[from, to)`; its
 * end when it has no value, -1 when it is absent. Makes no strings.
 */
export function parameterValueFrom(octets: Uint8Array, from: number, to: number, lowerCaseName: string): number {
  let at = indexOutside(octets, from, to, SEMICOLON, COMMA);
  while (at >= 0 && octets[at] === SEMICOLON) {
    const nameFrom = skipLinearWhiteSpace(octets, at + 1, to);
    const nameTo = tokenEnd(octets, nameFrom, to);
    if (equalsIgnoringCase(octets, nameFrom, nameTo, lowerCaseName)) {
      const equals = skipLinearWhiteSpace(octets, nameTo, to);
      return octets[equals] === EQUALS && equals < to ? skipLinearWhiteSpace(octets, equals + 1, to) : nameTo;
    }
    at = indexOutside(octets, nameTo, to, SEMICOLON, COMMA);
  }
  return -1;
}

/** Where a parameter's value that begins at `valueFrom` ends: at the next semicolon or comma, without white space. */
export function parameterValueTo(octets: Uint8Array, valueFrom: number, to: number): number {
  const end = indexOutside(octets, valueFrom, to, SEMICOLON, COMMA);
  return trimLinearWhiteSpace(octets, valueFrom, end < 0 ? to : end);
}

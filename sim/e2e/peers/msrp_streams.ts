/**
 * A second reading of MSRP, for captures: shares no code with `sim/msrp`, and is strict where a receiver may be kind.
 * tshark shows only the first message of a TCP segment and finds fault with none.
 */

/** What was found in one direction of one connection. */
export interface MsrpStreamCheck {
  /** Requests by method and responses by status, such as `SEND` and `200`. */
  readonly counts: ReadonlyMap<string, number>;
  /** What breaks RFC 4975 §9, with where it stands. */
  readonly faults: readonly string[];
}

/** transact-id and ident of RFC 4975 §9: 4 to 32 characters. */
const START_LINE_REGEXP = /^MSRP ([A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}) (?:([A-Z]+)|(\d{3})(?: (.*))?)$/;
const BYTE_RANGE_REGEXP = /^(\d+)-(\d+|\*)\/(\d+|\*)$/;

function latin1(octets: Uint8Array): string {
  let text = "";
  for (let at = 0; at < octets.length; at += 8192) text += String.fromCharCode(...octets.subarray(at, at + 8192));
  return text;
}

/** Reads all the octets that one side has sent, from the first to the last. */
export function checkMsrpStream(octets: Uint8Array): MsrpStreamCheck {
  const text = latin1(octets);
  const counts = new Map<string, number>();
  const faults: string[] = [];
  let at = 0;
  while (at < text.length) {
    const lineEnd = text.indexOf("\r\n", at);
    const match = START_LINE_REGEXP.exec(text.slice(at, lineEnd < 0 ? text.length : lineEnd));
    if (lineEnd < 0 || match === null) {
      faults.push(`octet ${at}: no start line: ${JSON.stringify(text.slice(at, at + 60))}`);
      break;
    }
    const end = findEndLine(text, lineEnd, match[1]!);
    if (end === undefined) {
      faults.push(`octet ${at}: no end-line of ${match[1]}`);
      break;
    }
    const kind = match[2] ?? match[3]!;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const fault of chunkFaults(text.slice(lineEnd, end.from), kind, end.flag)) {
      faults.push(`octet ${at}: ${kind} ${match[1]}: ${fault}`);
    }
    at = end.to;
  }
  return { counts, faults };
}

interface EndLine {
  readonly from: number;
  readonly to: number;
  readonly flag: string;
}

/** The first `CRLF ------- transact-id flag CRLF` after the start line. */
function findEndLine(text: string, from: number, transactionId: string): EndLine | undefined {
  const mark = `\r\n-------${transactionId}`;
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    const flag = text.charAt(at + mark.length);
    if ("$+#".includes(flag) && text.startsWith("\r\n", at + mark.length + 1)) {
      return { from: at, to: at + mark.length + 3, flag };
    }
  }
  return undefined;
}

/** `rest` is everything between the start line's end and the end-line: CRLF and header lines, then maybe a body. */
function chunkFaults(rest: string, kind: string, flag: string): string[] {
  const bodyAt = rest.indexOf("\r\n\r\n");
  const lines = (bodyAt < 0 ? rest : rest.slice(0, bodyAt)).slice(2).split("\r\n");
  const body = bodyAt < 0 ? undefined : rest.slice(bodyAt + 4);
  const headers = new Map<string, string>();
  const faults: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(": ");
    const name = line.slice(0, colon);
    if (colon < 1) faults.push(`not a header line: ${JSON.stringify(line)}`);
    else if (headers.has(name)) faults.push(`${name} twice`);
    headers.set(name, line.slice(colon + 2));
  }
  if (!lines[0]!.startsWith("To-Path: ")) faults.push("To-Path is not first (§9)");
  if (!lines[1]?.startsWith("From-Path: ")) faults.push("From-Path is not second (§9)");
  const paths = `${headers.get("To-Path") ?? ""} ${headers.get("From-Path") ?? ""}`.trim().split(" ");
  for (const uri of paths) if (!/^msrps?:\/\/[^\s/]+\/[^\s;]*;tcp$/.test(uri)) faults.push(`not an MSRP URI: ${uri}`);
  if (/^\d/.test(kind)) return body === undefined ? faults : [...faults, "a response with a body"];
  if (kind === "SEND" || kind === "REPORT") faults.push(...requestFaults(kind, headers, body, flag));
  return faults;
}

function requestFaults(
  kind: string,
  headers: ReadonlyMap<string, string>,
  body: string | undefined,
  flag: string,
): string[] {
  const faults: string[] = [];
  if (!/^[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}$/.test(headers.get("Message-ID") ?? "")) {
    faults.push("no Message-ID of 4 to 32");
  }
  if (kind === "REPORT" && !/^000 \d{3}( .*)?$/.test(headers.get("Status") ?? "")) faults.push("no Status (§7.1.2)");
  if (kind === "REPORT" && flag !== "$") faults.push("a REPORT that does not end with $");
  if (body !== undefined && kind === "SEND" && !headers.has("Content-Type")) faults.push("a body without Content-Type");
  const range = headers.get("Byte-Range");
  if (range === undefined) return faults;
  const match = BYTE_RANGE_REGEXP.exec(range);
  if (match === null) return [...faults, `not a Byte-Range: ${range}`];
  const [, first, last, total] = match;
  if (last !== "*" && kind === "SEND" && Number(last) - Number(first) + 1 !== (body?.length ?? 0)) {
    faults.push(`Byte-Range ${range} over ${body?.length ?? 0} octets`);
  }
  const reached = Number(first) - 1 + (body?.length ?? 0);
  if (kind === "SEND" && total !== "*" && flag === "$" && reached !== Number(total)) {
    faults.push(`complete at octet ${reached} of ${total}`);
  }
  return faults;
}

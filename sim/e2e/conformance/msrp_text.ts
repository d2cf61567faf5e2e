/** MSRP and its SDP as text, read and written by hand: no code of `sim/msrp` and `sim/sdp`. */
import { HOST, type Stream } from "./wires.ts";

const START_REGEXP = /^MSRP ([A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}) (?:([A-Z]+)|(\d{3})(?: [^\r\n]*)?)$/;

/** A request or response that arrived, whole. */
export class MsrpText {
  readonly text: string;
  readonly stream: Stream;
  readonly id: string;
  /** Empty in responses. */
  readonly method: string;
  /** 0 in requests. */
  readonly status: number;
  /** Undefined without blank line. */
  readonly body: string | undefined;
  readonly flag: string;
  readonly #fields: Map<string, string> = new Map();

  /** Throws on what breaks RFC 4975 §9. */
  constructor(text: string, stream: Stream) {
    this.text = text;
    this.stream = stream;
    const start = text.slice(0, text.indexOf("\r\n"));
    const match = START_REGEXP.exec(start);
    if (match === null) throw new Error(`Not an MSRP start line: ${start}`);
    this.id = match[1]!;
    this.method = match[2] ?? "";
    this.status = Number(match[3] ?? 0);
    this.flag = text.charAt(text.length - 3);
    const content = text.slice(start.length + 2, text.length - `-------${this.id}$\r\n`.length);
    const blank = content.indexOf("\r\n\r\n");
    for (const line of (blank < 0 ? content : content.slice(0, blank + 2)).split("\r\n").slice(0, -1)) {
      const [, name, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`Not an MSRP header field: ${JSON.stringify(line)}`);
      this.#fields.set(name, value!);
    }
    this.body = blank < 0 ? undefined : content.slice(blank + 4, -2);
  }

  /** The value of a header field. */
  header(name: string): string | undefined {
    return this.#fields.get(name);
  }

  /** Names of the header fields in order. */
  names(): string[] {
    return [...this.#fields.keys()];
  }
}

/** Cuts a stream at its end-lines; of a long chunk only what is new is searched. */
export class MsrpCutter {
  #pieces: string[] = [];
  /** Of the chunk that is still to end. */
  #mark = "";
  #tail = "";

  /** The whole messages that `text` completes. */
  cut(text: string): string[] {
    const seen = this.#tail + text;
    this.#pieces.push(text);
    this.#tail = seen.slice(-64);
    if (this.#mark !== "" && !seen.includes(this.#mark)) return [];
    let rest = this.#pieces.join("");
    const whole: string[] = [];
    for (let end = this.#endOf(rest); end > 0; end = this.#endOf(rest)) {
      whole.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    this.#pieces = [rest];
    this.#tail = rest.slice(-64);
    return whole;
  }

  /** Where the first message ends, 0 when it does not yet. */
  #endOf(text: string): number {
    const id = /^MSRP (\S+) /.exec(text.slice(0, 60))?.[1];
    this.#mark = id === undefined ? "" : `\r\n-------${id}`;
    if (id === undefined) return 0;
    for (let at = text.indexOf(this.#mark); at >= 0; at = text.indexOf(this.#mark, at + 1)) {
      const end = at + this.#mark.length;
      if (/^[$+#]\r\n$/.test(text.slice(end, end + 3))) return end + 3;
    }
    return 0;
  }
}

/** A SEND of the peer. */
export interface SendParts {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly messageId: string;
  /** Lines between Message-ID and Content-Type, without CRLF. */
  readonly headers?: readonly string[];
  readonly type?: string;
  readonly body?: string;
  readonly flag?: "$" | "+" | "#";
}

/** The text of a SEND; without `body` it has no Content-Type either. */
export function sendText(parts: SendParts): string {
  const { id, to, from, messageId, headers = [], type = "text/plain", body, flag = "$" } = parts;
  const content = body === undefined ? "" : `Content-Type: ${type}\r\n\r\n${body}\r\n`;
  const lines = [`MSRP ${id} SEND`, `To-Path: ${to}`, `From-Path: ${from}`, `Message-ID: ${messageId}`, ...headers];
  return `${lines.join("\r\n")}\r\n${content}-------${id}${flag}\r\n`;
}

/** The text of a response to a chunk. */
export function chunkAnswerText(chunk: MsrpText, status: number, reason = status === 200 ? " OK" : ""): string {
  const [to, from] = [chunk.header("From-Path")!.split(" ")[0], chunk.header("To-Path")];
  return `MSRP ${chunk.id} ${status}${reason}\r\nTo-Path: ${to}\r\nFrom-Path: ${from}\r\n-------${chunk.id}$\r\n`;
}

/** The text of a REPORT about the message of a chunk. */
export function reportText(chunk: MsrpText, size: number, parts: { code?: number; messageId?: string } = {}): string {
  const { code = 200, messageId = chunk.header("Message-ID") } = parts;
  const id = `report${chunk.id.slice(0, 12)}`;
  return `MSRP ${id} REPORT\r\nTo-Path: ${chunk.header("From-Path")}\r\nFrom-Path: ${chunk.header("To-Path")}\r\n` +
    `Message-ID: ${messageId}\r\nByte-Range: 1-${size}/${size}\r\nStatus: 000 ${code}\r\n-------${id}$\r\n`;
}

/** What the peer's SDP says. */
export interface SdpParts {
  readonly port: number;
  readonly path: string;
  /** Undefined leaves a=setup out. */
  readonly setup?: string | undefined;
  readonly types?: string;
  readonly direction?: string;
  /** Whole lines without CRLF. */
  readonly lines?: readonly string[];
}

/** The text of a session description. */
export function sdpText(parts: SdpParts): string {
  const { port, path, setup, types = "text/plain", direction = "recvonly", lines = [] } = parts;
  return [
    "v=0",
    `o=- 20262026 1 IN IP4 ${HOST}`,
    "s=-",
    `c=IN IP4 ${HOST}`,
    "t=0 0",
    `m=message ${port} TCP/MSRP *`,
    ...(path === "" ? [] : [`a=path:${path}`]),
    `a=accept-types:${types}`,
    ...(setup === undefined ? [] : [`a=setup:${setup}`]),
    ...lines,
    `a=${direction}`,
    "",
  ].join("\r\n");
}

/** Value of the first line of an SDP that begins with `name`, such as `a=path:`. */
export function sdpLine(sdp: string, name: string): string | undefined {
  return sdp.split("\r\n").find((line) => line.startsWith(name))?.slice(name.length);
}

/** SIP as text, read and written by hand: no code of `sim/sip`, so that a fault there cannot hide behind itself. */
import { HOST, type Way } from "./wires.ts";

/** Tag of everything the peer says unless a test wants another one. */
export const PEER_TAG = "peertag";

const START_REGEXP = /^(?:([A-Z]+) (sip:\S+) SIP\/2\.0|SIP\/2\.0 ([1-6]\d\d) (.*))$/;
const FIELD_REGEXP = /^([A-Za-z][A-Za-z-]*): (.*)$/;
const REASONS: Readonly<Record<number, string>> = {
  100: "Trying",
  180: "Ringing",
  183: "Session Progress",
  200: "OK",
  202: "Accepted",
  401: "Unauthorized",
  403: "Forbidden",
  407: "Proxy Authentication Required",
  413: "Request Entity Too Large",
  422: "Session Interval Too Small",
  423: "Interval Too Brief",
  480: "Temporarily Unavailable",
  481: "Call/Transaction Does Not Exist",
  486: "Busy Here",
  487: "Request Terminated",
  488: "Not Acceptable Here",
  491: "Request Pending",
  500: "Server Internal Error",
  503: "Service Unavailable",
  513: "Message Too Large",
  603: "Decline",
};

/** A message that arrived; strict in what it takes: full names, one space, no folding, exact Content-Length. */
export class SipText {
  /** The whole message, one character an octet. */
  readonly text: string;
  readonly way: Way;
  /** Of the start line, or of CSeq in responses. */
  readonly method: string;
  /** Request-URI; empty in responses. */
  readonly uri: string;
  /** 0 in requests. */
  readonly status: number;
  readonly body: string;
  readonly #fields: (readonly [name: string, value: string])[] = [];

  /** Throws on anything that is not written as we would write it. */
  constructor(text: string, way: Way) {
    this.text = text;
    this.way = way;
    const end = text.indexOf("\r\n\r\n");
    const [start = "", ...lines] = text.slice(0, end).split("\r\n");
    const match = START_REGEXP.exec(start);
    if (end < 0 || match === null) throw new Error(`Not a SIP message:\n${text}`);
    for (const line of lines) {
      const field = FIELD_REGEXP.exec(line);
      if (field === null) throw new Error(`Not a header field: ${JSON.stringify(line)}\n${text}`);
      this.#fields.push([field[1]!, field[2]!]);
    }
    this.body = text.slice(end + 4);
    if (this.header("Content-Length") !== String(this.body.length)) throw new Error(`Wrong Content-Length:\n${text}`);
    this.uri = match[2] ?? "";
    this.status = Number(match[3] ?? 0);
    this.method = match[1] ?? this.header("CSeq")!.split(" ")[1]!;
  }

  /** The value of a header field, undefined when it is not there; throws when it is there twice. */
  header(name: string): string | undefined {
    const [value, second] = this.all(name);
    if (second !== undefined) throw new Error(`${name} twice:\n${this.text}`);
    return value;
  }

  /** Values of all lines of that name. */
  all(name: string): string[] {
    return this.#fields.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  }

  /** Names of the header fields in order. */
  names(): string[] {
    return this.#fields.map(([name]) => name);
  }

  /** Number of CSeq. */
  sequence(): number {
    return Number(this.header("CSeq")!.split(" ")[0]);
  }

  /** Branch of the top Via. */
  branch(): string {
    return /;branch=([^;,\s]+)/.exec(this.all("Via")[0]!)![1]!;
  }

  /** Tag of From or To, empty when there is none. */
  tag(name: "From" | "To"): string {
    return /;tag=([^;]+)/.exec(this.header(name)!)?.[1] ?? "";
  }

  /** Whether a comma-separated list has a word. */
  lists(name: string, word: string): boolean {
    return this.all(name).join(",").split(",").some((each) => each.trim() === word);
  }
}

/** What an answer may have besides. */
export interface AnswerParts {
  /** Whole header lines without CRLF. */
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly tag?: string;
}

/** The text of an answer. */
export function answerText(request: SipText, status: number, parts: AnswerParts = {}): string {
  const { headers = [], body = "", tag = PEER_TAG } = parts;
  const to = request.header("To")!;
  const vias = request.all("Via");
  // RFC 3581 §4
  const top = vias[0]!.replace(/;rport(?=;|$)/, `;received=${HOST};rport=${request.way.port}`);
  return lines([
    `SIP/2.0 ${status} ${REASONS[status] ?? "Answer"}`,
    ...[top, ...vias.slice(1)].map((via) => `Via: ${via}`),
    `From: ${request.header("From")}`,
    `To: ${to}${status === 100 || /;tag=/.test(to) ? "" : `;tag=${tag}`}`,
    `Call-ID: ${request.header("Call-ID")}`,
    `CSeq: ${request.header("CSeq")}`,
    ...headers,
  ], body);
}

/** A request of the peer. */
export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  readonly transport: "UDP" | "TCP";
  readonly port: number;
  readonly branch: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly sequence: number;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** The text of a request. */
export function requestText(parts: RequestParts): string {
  const { method, uri, transport, port, branch, from, to, callId, sequence, headers = [], body = "" } = parts;
  return lines([
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${HOST}:${port};branch=${branch};rport`,
    "Max-Forwards: 70",
    `From: ${from}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${sequence} ${method}`,
    ...headers,
  ], body);
}

function lines(head: readonly string[], body: string): string {
  return `${[...head, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`;
}

/** Cuts a stream at the ends that Content-Length gives; what is between messages is a keep-alive. */
export class SipCutter {
  #rest = "";

  /** The whole messages and keep-alives that `text` completes. */
  cut(text: string): string[] {
    this.#rest += text;
    const whole: string[] = [];
    while (true) {
      const length = this.#length();
      if (length === 0 || length > this.#rest.length) return whole;
      whole.push(this.#rest.slice(0, length));
      this.#rest = this.#rest.slice(length);
    }
  }

  #length(): number {
    const blank = /^(?:\r\n)+/.exec(this.#rest)?.[0].length ?? 0;
    if (blank > 0) return blank;
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    const length = /\r\nContent-Length: (\d+)\r\n/.exec(this.#rest.slice(0, end + 2))?.[1];
    if (length === undefined) throw new Error(`No Content-Length on a stream:\n${this.#rest}`);
    return end + 4 + Number(length);
  }
}

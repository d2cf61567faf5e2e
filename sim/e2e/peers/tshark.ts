/** tshark as the judge of captured traffic: it dissects, we count and collect what it finds fault with. */
import type { Millis } from "../../clock/clock.ts";
import { type Ended, runToEnd } from "./child.ts";
import { checkMsrpStream } from "./msrp_streams.ts";

/** Which ports carry which protocol; on a port that is not named tshark guesses. */
export interface CapturePorts {
  /** SIP over UDP and TCP. */
  readonly sip: readonly number[];
  /** Listening ports of MSRP. */
  readonly msrp?: readonly number[];
}

/** What was found in a capture. */
export interface CaptureCheck {
  /** Frames in the file. */
  readonly frames: number;
  /** SIP messages; a frame may carry several. */
  readonly sipMessages: number;
  /** SIP requests by method. */
  readonly requests: Readonly<Record<string, number>>;
  /** SIP responses by status. */
  readonly responses: Readonly<Record<string, number>>;
  /** SIP messages that tshark takes for a repetition of an earlier one. */
  readonly resent: number;
  /** MSRP requests and responses. */
  readonly msrpMessages: number;
  /** MSRP requests by method and responses by status. */
  readonly msrp: Readonly<Record<string, number>>;
  /** Messages that break their grammar, or lack what they must have. */
  readonly malformed: readonly string[];
  /** What tshark's experts noted besides, without `ALLOWED_WARNINGS`. */
  readonly warnings: readonly string[];
}

/** Notes of tshark that say nothing against us, each with the reason. */
export const ALLOWED_WARNINGS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^Connection reset \(RST\)/, "a program that ends with a connection open resets it"],
  [/^(This frame (is a|undergoes|initiates)|Connection finish)/, "ordinary life of a TCP connection"],
  [/^TCP keep-alive/i, "the kernel's own"],
  [
    /^(Duplicate ACK|D-SACK Sequence|This frame is a \(suspected\) (spurious )?retransmission)/,
    "the kernel's, when the machine is busy",
  ],
  [/^(TCP )?(window|zero window)/i, "flow control: a large MSRP message fills the receiver's window"],
  [/^The acknowledgment number field is nonzero/, "the kernel's RST of a connection that is gone"],
  [/^A new tcp session is started with the same ports/, "an ephemeral port came up again"],
  [/^Unrecognised SIP header \((conversation|contribution|inreplyto-contribution)-id\)/i, "OMA CPM headers"],
  [/^Trailing stray characters/, "a NUL inside text shown as a string: linphone's compressed notifications"],
  [/^Previous segment\(s\) not captured|^ACKed segment that wasn't captured/, "the capture began in a connection"],
];

const LIMIT: Millis = 120_000;
const AGGREGATOR = "\x1f";
/** PI_NOTE of Wireshark: an invalid Content-Length is no more than a note there. */
const NOTE = 0x400000;
const FIELDS = [
  "frame.number",
  "sip.Method",
  "sip.Status-Code",
  "sip.resend",
  "sip.Call-ID",
  "sip.CSeq",
  "sip.From",
  "sip.To",
  "sip.Via.branch",
  "sip.Max-Forwards",
  "_ws.malformed",
  "_ws.expert.severity",
  "_ws.expert.message",
] as const;
type Field = typeof FIELDS[number];

/** The occurrences of each field in one frame. */
type Frame = Readonly<Record<Field, readonly string[]>>;

async function runTshark(file: string, ports: CapturePorts, args: readonly string[]): Promise<string> {
  const sip = ports.sip.flatMap((port) => ["-d", `udp.port==${port},sip`, "-d", `tcp.port==${port},sip`]);
  const msrp = (ports.msrp ?? []).flatMap((port) => ["-d", `tcp.port==${port},msrp`]);
  const ended: Ended = await runToEnd("tshark", ["-n", "-r", file, ...sip, ...msrp, ...args], LIMIT);
  if (ended.code !== 0) throw new Error(`tshark ended with ${ended.code} on ${file}:\n${ended.errors}`);
  return ended.output;
}

/** Dissects a capture file and checks every SIP and MSRP message in it. */
export async function checkCapture(file: string, ports: CapturePorts): Promise<CaptureCheck> {
  const fields = FIELDS.flatMap((field) => ["-e", field]);
  const output = await runTshark(file, ports, ["-T", "fields", "-E", `aggregator=${AGGREGATOR}`, ...fields]);
  const requests: Record<string, number> = {};
  const responses: Record<string, number> = {};
  const malformed: string[] = [];
  const warnings: string[] = [];
  let frames = 0;
  let resent = 0;
  for (const line of output.split("\n")) {
    if (line === "") continue;
    frames++;
    const frame = parseFrame(line);
    for (const method of frame["sip.Method"]) requests[method] = (requests[method] ?? 0) + 1;
    for (const status of frame["sip.Status-Code"]) responses[status] = (responses[status] ?? 0) + 1;
    resent += frame["sip.resend"].filter((value) => value === "1" || value === "True").length;
    const number = frame["frame.number"][0];
    for (const fault of sipFaults(frame)) malformed.push(`frame ${number}: ${fault}`);
    const notes = expertNotes(frame).map((note) => `frame ${number}: ${note}`);
    (frame["_ws.malformed"].length > 0 ? malformed : warnings).push(...notes);
  }
  const msrp = await checkMsrp(file, ports);
  return {
    frames,
    sipMessages: sum(requests) + sum(responses),
    requests,
    responses,
    resent,
    msrpMessages: sum(msrp.counts),
    msrp: msrp.counts,
    malformed: [...malformed, ...msrp.faults],
    warnings,
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function parseFrame(line: string): Frame {
  const values = line.split("\t");
  const frame = {} as Record<Field, readonly string[]>;
  FIELDS.forEach((field, index) => {
    const value = values[index] ?? "";
    frame[field] = value === "" ? [] : value.split(AGGREGATOR);
  });
  return frame;
}

/** What tshark lets pass: headers that every message must have (RFC 3261 §8.1.1), counted over a frame. */
function sipFaults(frame: Frame): string[] {
  const requests = frame["sip.Method"].length;
  const messages = requests + frame["sip.Status-Code"].length;
  if (messages === 0) return [];
  const faults: string[] = [];
  for (const field of ["sip.Call-ID", "sip.CSeq", "sip.From", "sip.To"] as const) {
    const count = frame[field].length;
    if (count !== messages) faults.push(`${messages} SIP message(s) with ${count} of ${field}`);
  }
  const forwards = frame["sip.Max-Forwards"].length;
  if (forwards < requests) faults.push(`${requests} SIP request(s) with ${forwards} of sip.Max-Forwards`);
  const branches = frame["sip.Via.branch"];
  if (branches.length < messages) faults.push(`${messages} SIP message(s) with ${branches.length} of sip.Via.branch`);
  for (const branch of branches) {
    if (!branch.startsWith("z9hG4bK")) faults.push(`branch without the magic cookie: ${branch}`);
  }
  return faults;
}

function expertNotes(frame: Frame): string[] {
  return frame["_ws.expert.message"].filter((message, index) =>
    Number(frame["_ws.expert.severity"][index]) >= NOTE && !ALLOWED_WARNINGS.some(([pattern]) => pattern.test(message))
  );
}

/** Puts the streams of the MSRP ports together and reads each; on loopback segments come in order or again. */
async function checkMsrp(
  file: string,
  ports: CapturePorts,
): Promise<{ counts: Record<string, number>; faults: string[] }> {
  const counts: Record<string, number> = {};
  const faults: string[] = [];
  if (ports.msrp === undefined || ports.msrp.length === 0) return { counts, faults };
  const filter = `tcp.len > 0 && (${ports.msrp.map((port) => `tcp.port == ${port}`).join(" || ")})`;
  const fields = ["tcp.stream", "tcp.srcport", "tcp.seq", "tcp.payload"].flatMap((field) => ["-e", field]);
  const output = await runTshark(file, ports, ["-Y", filter, "-T", "fields", ...fields]);
  for (const [name, octets] of assembleStreams(output)) {
    const check = checkMsrpStream(octets);
    for (const [kind, count] of check.counts) counts[kind] = (counts[kind] ?? 0) + count;
    faults.push(...check.faults.map((fault) => `${name}, ${fault}`));
  }
  return { counts, faults };
}

/**
 * From lines of stream, source port, relative sequence number and payload: the octets of each direction. What comes twice
 * counts once, also when it is cut otherwise: a capture of both ends holds each octet as sent and as received.
 */
export function assembleStreams(output: string): Map<string, Uint8Array> {
  const directions = new Map<string, { from: number; payload: string }[]>();
  for (const line of output.split("\n")) {
    if (line === "") continue;
    const [stream, port, sequence, payload = ""] = line.split("\t");
    const name = `TCP stream ${stream} from port ${port}`;
    const direction = directions.get(name) ?? [];
    direction.push({ from: Number(sequence), payload });
    directions.set(name, direction);
  }
  return new Map([...directions].map(([name, segments]) => [name, joinSegments(segments)]));
}

/** Puts the hexadecimal payloads in order, each octet once. */
function joinSegments(segments: { from: number; payload: string }[]): Uint8Array {
  let text = "";
  let next = segments.reduce((least, { from }) => Math.min(least, from), Infinity);
  for (const { from, payload } of segments.toSorted((one, other) => one.from - other.from)) {
    text += payload.slice(Math.max(0, next - from) * 2);
    next = Math.max(next, from + payload.length / 2);
  }
  return Uint8Array.fromHex(text);
}

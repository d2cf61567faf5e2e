/** A received SIP message: a view over its octets that decodes a value when it is asked for (RFC 3261 §7). */
import { GREATER_THAN, LESS_THAN } from "../bytes/ascii.ts";
import { equalsIgnoringCase, indexOfOctet, readDecimal } from "../bytes/scan.ts";
import { toText } from "../bytes/text.ts";
import type { CSeq } from "./cseq.ts";
import { CALL_ID, FROM, headerIdOf, type HeaderName, TO, UNKNOWN_HEADER, VIA } from "./header_name.ts";
import { splitList, unfold } from "./header_value.ts";
import { type NameAddr, parseNameAddr } from "./name_addr.ts";
import { parameterValueFrom, parameterValueTo } from "./parameters.ts";
import { sharedAddress } from "./shared_values.ts";
import { parseVia, type Via } from "./via.ts";

const NO_OCTETS = new Uint8Array(0);

/** Numbers per header line: id of the name, and the indexes lineFrom, nameTo, valueFrom, valueTo, lineTo. */
const LINE_STRIDE = 6;
const FIRST_LINES = 32;

/**
 * One message, filled by `parseMessage` and used again for the next: valid until the receiving call returns, `keep`
 * gives a copy that outlives it. Fields are written by `parseMessage` alone.
 */
export class Message {
  /** The datagram or framed message. */
  octets: Uint8Array = NO_OCTETS;
  /** Whether it is a request. */
  isRequest = false;
  /** Method: of the start line in requests, of CSeq in responses; "" when unreadable. */
  method = "";
  /** Status code of a response, 0 in requests. */
  status = 0;
  /** Number of CSeq, -1 when unreadable. */
  sequenceNumber = -1;
  /** Where the Request-URI of a request or the reason phrase of a response begins. */
  subjectFrom = 0;
  /** Where it ends. */
  subjectTo = 0;
  /** Where the branch value of the top Via begins, -1 when it has none. */
  branchFrom = -1;
  /** Where it ends, -1 when there is none. */
  branchTo = -1;
  /** Where the body begins. */
  bodyFrom = 0;
  /** Where it ends. */
  bodyTo = 0;
  /** Header lines noted; lines are numbered from 0. */
  lineCount = 0;
  #ownLines = new Int32Array(LINE_STRIDE * FIRST_LINES);
  /** Ours, or those of the message whose places were assumed: never written then. */
  #lines = this.#ownLines;
  #topVia: Via | undefined;
  /** Where the value of the tag of To begins and ends; -1: it has none; undefined: nobody has asked. */
  #toTagFrom: number | undefined;
  #toTagTo = -1;
  #from: NameAddr | undefined;
  #to: NameAddr | undefined;
  #contact: NameAddr | undefined;

  /** Number of a line's header name, see `header_name.ts`. */
  nameId(line: number): number {
    return this.#lines[line * LINE_STRIDE]!;
  }

  /** Where a header line, and its name, begins. */
  lineFrom(line: number): number {
    return this.#lines[line * LINE_STRIDE + 1]!;
  }

  /** Where a line's header name ends. */
  nameTo(line: number): number {
    return this.#lines[line * LINE_STRIDE + 2]!;
  }

  /** Where a line's value begins, behind white space. */
  valueFrom(line: number): number {
    return this.#lines[line * LINE_STRIDE + 3]!;
  }

  /** Where a line's value ends, before white space; folds may stand inside. */
  valueTo(line: number): number {
    return this.#lines[line * LINE_STRIDE + 4]!;
  }

  /** Where a header line ends, behind its CR LF. */
  lineTo(line: number): number {
    return this.#lines[line * LINE_STRIDE + 5]!;
  }

  /** Number of the first line at or after `from` with a header of this number, -1 when there is none. */
  lineOf(nameId: number, from = 0): number {
    for (let line = from; line < this.lineCount; line++) {
      if (this.#lines[line * LINE_STRIDE] === nameId) return line;
    }
    return -1;
  }

  /** Request-URI as text, "" in responses. */
  requestUri(): string {
    return this.isRequest ? toText(this.octets, this.subjectFrom, this.subjectTo) : "";
  }

  /** Reason phrase, "" in requests. */
  reasonPhrase(): string {
    return this.isRequest ? "" : toText(this.octets, this.subjectFrom, this.subjectTo);
  }

  /** Value of the first line of this name, unfolded and trimmed. */
  header(name: HeaderName): string | undefined {
    const line = this.#find(name, headerIdOf(name), 0);
    return line < 0 ? undefined : this.#value(line);
  }

  /** Value of every line of this name, in order. */
  headerLines(name: HeaderName): string[] {
    const id = headerIdOf(name);
    const values: string[] = [];
    for (let line = this.#find(name, id, 0); line >= 0; line = this.#find(name, id, line + 1)) {
      values.push(this.#value(line));
    }
    return values;
  }

  /** Comma-separated elements over all lines of this name; commas in quotes and angle brackets do not part. */
  headerValues(name: HeaderName): string[] {
    return this.headerLines(name).flatMap(splitList);
  }

  /** Value of the first line of this name as unsigned number: undefined when absent, -1 when it is none. */
  headerNumber(name: HeaderName): number | undefined {
    const line = this.#find(name, headerIdOf(name), 0);
    return line < 0 ? undefined : readDecimal(this.octets, this.valueFrom(line), this.valueTo(line));
  }

  /** First Via; undefined when absent or malformed. */
  topVia(): Via | undefined {
    const line = this.#topVia === undefined ? this.lineOf(VIA) : -1;
    if (line >= 0) this.#topVia = parseVia(splitList(this.#value(line))[0] ?? "");
    return this.#topVia;
  }

  /** Branch of the top Via, "" when absent. */
  branch(): string {
    return this.branchFrom < 0 ? "" : toText(this.octets, this.branchFrom, this.branchTo);
  }

  /** CSeq; undefined when absent or malformed. */
  cseq(): CSeq | undefined {
    if (this.sequenceNumber < 0) return undefined;
    return { sequenceNumber: this.sequenceNumber, method: this.method };
  }

  /** Call-ID, "" when absent. */
  callId(): string {
    const line = this.lineOf(CALL_ID);
    return line < 0 ? "" : this.#value(line);
  }

  /** From; undefined when absent or malformed. */
  from(): NameAddr | undefined {
    return this.#from ??= this.#nameAddr(FROM);
  }

  /** The URI of From, "" when absent or malformed; in the form that everybody writes nothing else of it is decoded. */
  fromUri(): string {
    const line = this.lineOf(FROM);
    if (line < 0) return "";
    const from = this.valueFrom(line);
    const end = indexOfOctet(this.octets, GREATER_THAN, from, this.valueTo(line));
    if (this.octets[from] !== LESS_THAN || end < 0) return this.from()?.uri ?? "";
    return toText(this.octets, from + 1, end);
  }

  /** To; undefined when absent or malformed. */
  to(): NameAddr | undefined {
    return this.#to ??= this.#nameAddr(TO);
  }

  /** Tag of From, "" when absent. */
  fromTag(): string {
    const [from, to] = this.#tagOf(FROM);
    return from < 0 ? "" : toText(this.octets, from, to);
  }

  /** Tag of To, "" when absent. */
  toTag(): string {
    return this.hasToTag() ? toText(this.octets, this.#toTagFrom, this.#toTagTo) : "";
  }

  /** Whether `toTag` gives one, without making it. */
  hasToTag(): boolean {
    return this.hasToTagParameter() && this.#toTagTo > this.#toTagFrom!;
  }

  /** Whether To has the parameter, be it empty. */
  hasToTagParameter(): boolean {
    if (this.#toTagFrom === undefined) [this.#toTagFrom, this.#toTagTo] = this.#tagOf(TO);
    return this.#toTagFrom >= 0;
  }

  /** First Contact; undefined when absent or malformed. */
  contact(): NameAddr | undefined {
    return this.#contact ??= sharedAddress(this.headerLines("Contact"));
  }

  /** The body, without a copy. */
  body(): Uint8Array {
    return this.octets.subarray(this.bodyFrom, this.bodyTo);
  }

  /** A copy that outlives the receiving call. */
  keep(): Message {
    const copy = new Message();
    copy.assume(this, this.octets.slice());
    copy.#ownLines = copy.#lines = this.#lines.slice(0, this.lineCount * LINE_STRIDE);
    [copy.#topVia, copy.#from, copy.#to] = [this.#topVia, this.#from, this.#to];
    return copy;
  }

  /** Takes octets in which everything stands where it does in another message, the same method and CSeq included. */
  assume(other: Message, octets: Uint8Array): void {
    this.octets = octets;
    this.isRequest = other.isRequest;
    this.method = other.method;
    this.status = other.status;
    this.sequenceNumber = other.sequenceNumber;
    this.subjectFrom = other.subjectFrom;
    this.subjectTo = other.subjectTo;
    this.branchFrom = other.branchFrom;
    this.branchTo = other.branchTo;
    this.bodyFrom = other.bodyFrom;
    this.bodyTo = other.bodyTo;
    this.lineCount = other.lineCount;
    this.#lines = other.#lines;
    other.hasToTagParameter();
    this.#toTagFrom = other.#toTagFrom;
    this.#toTagTo = other.#toTagTo;
    this.#topVia = undefined;
    this.#from = this.#to = this.#contact = undefined;
  }

  /** The whole message as text, for evidence. */
  text(): string {
    return toText(this.octets);
  }

  /** Forgets everything and takes other octets; for `parseMessage`. */
  reset(octets: Uint8Array): void {
    this.assume(NOTHING, octets);
    this.bodyFrom = this.bodyTo = octets.length;
    this.#lines = this.#ownLines;
    this.#toTagFrom = undefined;
  }

  /** Notes the header line `[lineFrom, lineTo)`; for `parseMessage`. */
  noteLine(nameId: number, lineFrom: number, nameTo: number, valueFrom: number, valueTo: number, lineTo: number): void {
    const at = this.lineCount * LINE_STRIDE;
    if (at === this.#lines.length) this.#growLines();
    const lines = this.#lines;
    [lines[at], lines[at + 1], lines[at + 2]] = [nameId, lineFrom, nameTo];
    [lines[at + 3], lines[at + 4], lines[at + 5]] = [valueFrom, valueTo, lineTo];
    this.lineCount++;
  }

  #growLines(): void {
    const grown = new Int32Array(Math.max(this.#lines.length * 2, LINE_STRIDE));
    grown.set(this.#lines);
    this.#ownLines = this.#lines = grown;
  }

  #find(name: HeaderName, id: number, from: number): number {
    if (id !== UNKNOWN_HEADER) return this.lineOf(id, from);
    const lowerCase = name.toLowerCase();
    let line = this.lineOf(UNKNOWN_HEADER, from);
    while (line >= 0 && !equalsIgnoringCase(this.octets, this.lineFrom(line), this.nameTo(line), lowerCase)) {
      line = this.lineOf(UNKNOWN_HEADER, line + 1);
    }
    return line;
  }

  #value(line: number): string {
    return unfold(toText(this.octets, this.valueFrom(line), this.valueTo(line)));
  }

  #nameAddr(id: number): NameAddr | undefined {
    const line = this.lineOf(id);
    return line < 0 ? undefined : parseNameAddr(this.#value(line));
  }

  /** Without decoding the address: tags are asked for in every message. */
  #tagOf(id: number): [from: number, to: number] {
    const line = this.lineOf(id);
    const end = line < 0 ? 0 : this.valueTo(line);
    const from = line < 0 ? -1 : parameterValueFrom(this.octets, this.valueFrom(line), end, "tag");
    return [from, from < 0 ? -1 : parameterValueTo(this.octets, from, end)];
  }
}

const NOTHING = new Message();

/** Cuts one message into chunks and hands them to a flow, slice by slice (RFC 4975 §5.1, §7.1.1). */
import { HYPHEN } from "../bytes/ascii.ts";
import { hasRunOf, indexOfOctets } from "../bytes/scan.ts";
import { toOctets } from "../bytes/text.ts";
import type { OctetWriter } from "../bytes/writer.ts";
import type { Random } from "../clock/random.ts";
import type { Flow } from "../transport/flow.ts";
import type { Continuation, FailureReport } from "./chunk.ts";
import { MAX_CHUNK_CONTENT } from "./framing.ts";
import { writeEndLine, writeRequestHead } from "./write.ts";

/** Octets of content above which a chunk must be interruptible and its range must end in `*` (RFC 4975 §7.1.1). */
export const LARGEST_FIXED_RANGE = 2048;
/** Octets of content handed down at a time: between two slices others may take the connection. */
export const SLICE_SIZE: number = 16 * 1024;
/** Hexadecimal digits of a transaction identifier: 80 random bits, at least 64 are asked for (RFC 4975 §7.1). */
const TRANSACTION_ID_DIGITS = 20;
/** Hyphens of an end-line (RFC 4975 §7.1). */
const HYPHENS = 7;

/** What is sent; `content` is undefined for a SEND without body. */
export interface Sendable {
  readonly messageId: string;
  readonly contentType: string | undefined;
  readonly content: Uint8Array | undefined;
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
  readonly chunking: "single" | number;
}

/** Hears of the chunks that a sender writes. */
export interface ChunkListener {
  /** The chunk of this transaction begins. */
  chunkStarted(transactionId: string): void;
  /** Its end-line was handed down. */
  chunkEnded(transactionId: string): void;
}

/** Chance and memory that senders of one layer share. */
export interface SenderTools {
  readonly random: Random;
  readonly writer: OctetWriter;
}

/** The writing of one message; it never asks whether the flow has room, its user does. */
export class Sender {
  /** Octets of content handed down so far. */
  written = 0;
  /** Whether everything was handed down, the last end-line included. */
  whole = false;
  /** Whether a chunk has begun whose end-line is still to come. */
  midChunk = false;
  readonly #message: Sendable;
  readonly #size: number;
  readonly #tools: SenderTools;
  readonly #listener: ChunkListener;
  /** Only content with seven hyphens in a row can be taken for an end-line. */
  readonly #hasHyphens: boolean;
  #transactionId = "";
  /** Offset at which the present chunk ends unless interrupted. */
  #chunkEnd = 0;

  /** Writes nothing yet. */
  constructor(message: Sendable, tools: SenderTools, listener: ChunkListener) {
    this.#message = message;
    this.#size = message.content?.length ?? 0;
    this.#tools = tools;
    this.#listener = listener;
    const { content } = message;
    this.#hasHyphens = content !== undefined && hasRunOf(content, HYPHEN, HYPHENS);
  }

  /** Hands down the next slice: begins a chunk where none is open, and ends it where it is full. */
  step(flow: Flow, toPath: readonly string[], fromUri: string): void {
    const writer = this.#tools.writer.reset();
    if (!this.midChunk) this.#begin(writer, toPath, fromUri);
    const to = Math.min(this.#chunkEnd, this.written + SLICE_SIZE);
    const slice = this.#message.content?.subarray(this.written, to);
    if (slice !== undefined && slice.length > LARGEST_FIXED_RANGE) {
      if (writer.length > 0) flow.send(writer.view());
      flow.send(slice);
      writer.reset();
    } else if (slice !== undefined) writer.copy(slice);
    this.written = to;
    if (to === this.#chunkEnd) this.#end(writer, to === this.#size ? "$" : "+");
    if (writer.length > 0) flow.send(writer.view());
  }

  /** Ends the open chunk so that others may write; the message goes on with the next octet in a new chunk. */
  interrupt(flow: Flow): void {
    this.#cut(flow, "+");
  }

  /** Gives the message up: ends the open chunk, if any, with `#`, and writes nothing more. */
  abandon(flow: Flow): void {
    if (this.midChunk && flow.open) this.#cut(flow, "#");
    this.midChunk = false;
    this.whole = true;
  }

  #cut(flow: Flow, continuation: Continuation): void {
    this.#end(this.#tools.writer.reset(), continuation);
    flow.send(this.#tools.writer.view());
  }

  #begin(writer: OctetWriter, toPath: readonly string[], fromUri: string): void {
    const { chunking, messageId, successReport, failureReport, contentType } = this.#message;
    const size = Math.min(this.#size - this.written, chunking === "single" ? MAX_CHUNK_CONTENT : chunking);
    this.#chunkEnd = this.written + size;
    this.#transactionId = this.#newTransactionId();
    this.midChunk = true;
    this.#listener.chunkStarted(this.#transactionId);
    const end = size <= LARGEST_FIXED_RANGE ? this.#chunkEnd : undefined;
    writeRequestHead(writer, {
      transactionId: this.#transactionId,
      method: "SEND",
      toPath,
      fromPath: [fromUri],
      messageId,
      successReport,
      failureReport,
      byteRange: { start: this.written + 1, end, total: this.#size },
      status: undefined,
      otherHeaders: [],
      contentType,
    });
  }

  #end(writer: OctetWriter, continuation: Continuation): void {
    writeEndLine(writer, this.#transactionId, continuation, { afterBody: this.#message.content !== undefined });
    this.midChunk = false;
    if (continuation === "$") this.whole = true;
    this.#listener.chunkEnded(this.#transactionId);
  }

  /** A random identifier whose end-line does not occur in the chunk (RFC 4975 §7.1). */
  #newTransactionId(): string {
    for (;;) {
      const transactionId = this.#tools.random.hexadecimal(TRANSACTION_ID_DIGITS);
      if (!this.#hasHyphens) return transactionId;
      const endLine = toOctets(`-------${transactionId}`);
      if (indexOfOctets(this.#message.content!, endLine, this.written, this.#chunkEnd) < 0) return transactionId;
    }
  }
}

/** The receiving half of a session: which SEND is accepted, and when a message is whole (RFC 4975 §7.3.1). */
import type { Request } from "./chunk.ts";
import { acceptsType } from "./media_type.ts";
import { Reassembly } from "./reassembly.ts";

/** Octets of a message that are accepted when no smaller bound was set. */
export const DEFAULT_MAX_SIZE: number = 256 * 1024 * 1024;

/** Messages of one session that may be incomplete at a time. */
const MAX_OPEN = 64;
/** Message-IDs remembered after their message ended, to know repetitions and late chunks. */
const MAX_REMEMBERED = 256;

/** What a SEND led to. */
export interface Reception {
  /** Code to answer (RFC 4975 §10). */
  readonly status: number;
  /** The whole message, when this SEND completed it and it had not been received before. */
  readonly received: Reassembly | undefined;
  /** Octets of the message, when this SEND completed it, also the second time: what a success report covers. */
  readonly size: number | undefined;
  /** What is worth counting. */
  readonly note: "bodiless" | "chunk" | "duplicate" | "abandoned" | "refused";
}

const BODILESS: Reception = { status: 200, received: undefined, size: undefined, note: "bodiless" };
const PARTIAL: Reception = { status: 200, received: undefined, size: undefined, note: "chunk" };
const ABANDONED: Reception = { status: 200, received: undefined, size: undefined, note: "abandoned" };

/** How a message ended: received whole with that size, or refused with that code. */
type Ending = { readonly size: number } | { readonly status: number };

/** Messages that one session receives. */
export class Inbox {
  readonly #acceptTypes: readonly string[];
  readonly #maxSize: number;
  readonly #open = new Map<string, Reassembly>();
  readonly #ended = new Map<string, Ending>();

  /** `acceptTypes` as in the SDP; `maxSize` in octets. */
  constructor(acceptTypes: readonly string[], maxSize: number = DEFAULT_MAX_SIZE) {
    this.#acceptTypes = acceptTypes;
    this.#maxSize = maxSize;
  }

  /** Takes one SEND that was sent to this session. */
  receive(request: Request): Reception {
    const messageId = request.messageId!;
    const ending = this.#ended.get(messageId);
    if (ending !== undefined) return this.#again(request, ending);
    let reassembly = this.#open.get(messageId);
    if (request.contentType === undefined || request.body === undefined) {
      if (reassembly === undefined) return BODILESS;
    } else if (!acceptsType(this.#acceptTypes, request.contentType)) {
      return this.#refuse(messageId, 415);
    }
    if (reassembly === undefined) {
      if (this.#open.size >= MAX_OPEN) return this.#refuse(messageId, 413);
      reassembly = new Reassembly(request.contentType!, this.#maxSize);
      this.#open.set(messageId, reassembly);
    }
    switch (reassembly.add(request.byteRange, request.body ?? new Uint8Array(0), request.continuation)) {
      case "partial":
        return PARTIAL;
      case "complete":
        this.#end(messageId, { size: reassembly.length() });
        return { status: 200, received: reassembly, size: reassembly.length(), note: "chunk" };
      case "abandoned":
        this.#open.delete(messageId);
        return ABANDONED;
      case "too_large":
        return this.#refuse(messageId, 413);
      case "contradiction":
        return this.#refuse(messageId, 400);
    }
  }

  /** Messages of which chunks have come, but not all. */
  openMessages(): number {
    return this.#open.size;
  }

  /** A chunk of a message that has ended: still acknowledged, or refused as before (RFC 4975 §5.4, §7.3.1). */
  #again(request: Request, ending: Ending): Reception {
    if (request.continuation === "#") return ABANDONED;
    if ("status" in ending) return { status: ending.status, received: undefined, size: undefined, note: "refused" };
    const size = request.continuation === "$" ? ending.size : undefined;
    return { status: 200, received: undefined, size, note: "duplicate" };
  }

  #refuse(messageId: string, status: number): Reception {
    this.#end(messageId, { status });
    return { status, received: undefined, size: undefined, note: "refused" };
  }

  #end(messageId: string, ending: Ending): void {
    this.#open.delete(messageId);
    this.#ended.set(messageId, ending);
    if (this.#ended.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#ended.keys()) {
      this.#ended.delete(oldest);
      break;
    }
  }
}

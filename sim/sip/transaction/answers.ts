/** Responses that the transaction layer gives by itself: 100, refusals, those to CANCEL (RFC 3261 §8.2.6, §9.2). */
import { OctetWriter } from "../../bytes/writer.ts";
import type { Flow } from "../../transport/flow.ts";
import { Message } from "../message.ts";
import { parseMessage } from "../parse.ts";
import { writeResponse } from "../response.ts";
import type { InviteServer } from "./invite_server.ts";

/** Writes them. */
export class Answers {
  /** Tag of responses that are given without a transaction: the same for retransmissions (RFC 3261 §8.2.7). */
  readonly #localTag: string;
  readonly #writer = new OctetWriter(1024);

  /** `localTag`: for To, where nothing else is given. */
  constructor(localTag: string) {
    this.#localTag = localTag;
  }

  /** A response without content, in fresh octets; 100 goes without a To tag (RFC 3261 §8.2.6.2). */
  write(message: Message, status: number, flow: Flow, toTag: string = this.#localTag): Uint8Array {
    const writer = this.#writer.reset();
    const tag = status === 100 || message.hasToTag() ? {} : { toTag };
    writeResponse(writer, message, status, { received: flow.remote, ...tag });
    return writer.take();
  }

  /** The To tag for the answer to a CANCEL: that of the responses to its INVITE (RFC 3261 §9.2). */
  tagFor(invite: InviteServer | undefined): string {
    const octets = invite?.lastResponse();
    if (octets === undefined || octets.length === 0) return this.#localTag;
    const response = new Message();
    const tag = parseMessage(octets, response) === undefined ? response.toTag() : "";
    return tag === "" ? this.#localTag : tag;
  }
}

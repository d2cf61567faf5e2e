/** The responses that the server gives itself. */
import { OctetWriter } from "../bytes/writer.ts";
import type { Random } from "../clock/random.ts";
import type { Message } from "../sip/message.ts";
import type { HeaderField } from "../sip/request.ts";
import { writeResponse } from "../sip/response.ts";
import { countOne } from "../sip/transaction/counters.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";

const TAG_DIGITS = 16;
const SERVER: HeaderField = ["Server", "IM-serv/OMA1.0 imstorm-target"];

/** Writes and sends responses without content. */
export class Answers {
  readonly #writer = new OctetWriter();
  readonly #random: Random;
  readonly #counters: Map<string, number>;

  /** `random` gives To tags; each response counts as `answered.<status>`. */
  constructor(random: Random, counters: Map<string, number>) {
    this.#random = random;
    this.#counters = counters;
  }

  /** Answers a request. */
  give(transaction: ServerTransaction, request: Message, status: number, headers: readonly HeaderField[] = []): void {
    countOne(this.#counters, `answered.${status}`);
    const writer = this.#writer.reset();
    writeResponse(writer, request, status, {
      received: transaction.flow.remote,
      toTag: this.#random.hexadecimal(TAG_DIGITS),
      headers: [...headers, SERVER],
    });
    transaction.respond(status, writer.view());
  }
}

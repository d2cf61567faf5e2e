/** Another agent over HTTP, as its lead asks it. */
import { type ExchangeAnswer, type ExchangeRequest, readAnswer, writeExchange } from "./exchange.ts";
import type { RunRequestInput } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

/** Milliseconds until a question counts as not answered. */
const ANSWER_WITHIN = 2000;
/** Milliseconds that making a run may take: the host of the target is looked up. */
const MAKE_WITHIN = 10_000;

/** Why there is no answer: the agent refused, or nobody could be reached. */
export interface NoAnswer {
  readonly why: string;
  /** Whether asking again is of no use. */
  readonly isFinal: boolean;
}

/** One agent by its address and token. */
export class RemoteAgent {
  readonly url: string;
  readonly #token: string;
  readonly #closing: AbortSignal;

  /** `closing` gives up what is under way. */
  constructor(url: string, token: string, closing: AbortSignal) {
    this.url = url.replace(/\/+$/, "");
    this.#token = token;
    this.#closing = closing;
  }

  /** Makes its part of the run; gives why not. */
  async make(request: RunRequestInput): Promise<NoAnswer | undefined> {
    const body = JSON.stringify(request);
    const answer = await this.#post("/v1/runs", "application/json", body, MAKE_WITHIN);
    return answer instanceof Uint8Array ? undefined : answer;
  }

  /** Asks one question of an exchange. */
  async exchange(run: string, request: ExchangeRequest): Promise<ExchangeAnswer | NoAnswer> {
    const path = `/v1/runs/${run}/exchange`;
    const answer = await this.#post(path, "application/vnd.msgpack", writeExchange(request), ANSWER_WITHIN);
    if (!(answer instanceof Uint8Array)) return answer;
    const read = readAnswer(answer);
    return read instanceof Refusal ? { why: read.message, isFinal: true } : read;
  }

  async #post(
    path: string,
    type: string,
    body: string | Uint8Array<ArrayBuffer>,
    within: number,
  ): Promise<Uint8Array | NoAnswer> {
    try {
      const response = await fetch(this.url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${this.#token}`, "content-type": type },
        body,
        signal: AbortSignal.any([this.#closing, AbortSignal.timeout(within)]),
      });
      const octets = new Uint8Array(await response.arrayBuffer());
      if (response.ok) return octets;
      return { why: refusalIn(octets) ?? `answered ${response.status}`, isFinal: response.status < 500 };
    } catch (error) {
      return { why: wordsOf(error, within), isFinal: false };
    }
  }
}

/** The sentence of a refusal. */
function refusalIn(octets: Uint8Array): string | undefined {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(octets));
    const faults: string[] = (error.faults ?? []).map((fault: { path: string; what: string }) =>
      `${fault.path} ${fault.what}`.trim()
    );
    return [error.message, ...faults].join("; ");
  } catch {
    return undefined;
  }
}

/** What went wrong on the way: the cause says more than "fetch failed". */
function wordsOf(error: unknown, within: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${within / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

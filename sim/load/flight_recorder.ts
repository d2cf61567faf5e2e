/**
 * The latest SIP and MSRP messages of a worker in a ring of fixed size: what belongs to a message that went wrong, or was
 * slow, is looked for after the fact. Costs one copy of each message and no memory that grows.
 */
import { indexOfOctets } from "../bytes/scan.ts";
import { toOctets, toText } from "../bytes/text.ts";
import type { Millis } from "../clock/clock.ts";
import type { EvidenceMessage, Transcript } from "../metrics/evidence.ts";

/** Messages kept. */
const SLOTS = 4096;
/** Octets kept of each; a MESSAGE of 1300 octets and an INVITE with its description fit. */
const WIDTH = 2048;
/** Messages of one ladder. */
const LONGEST_LADDER = 64;
/** How often what was found is searched for what it names: content, then session, then dialog. */
const ROUNDS = 3;
/** Identifiers of one ladder: a shared connection must not pull its other sessions in. */
const MOST_NEEDLES = 6;

/** Names that tie messages together: a call, and the sessions of MSRP paths. */
const IDENTIFIER_REGEXPS = [
  /^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)/gim,
  /^(?:To-Path|From-Path)[ \t]*:[ \t]*(msrps?:\S+)/gim,
  /^a=path:(msrps?:\S+)/gim,
];

/** Keeps the latest messages; made once for a worker. */
export class FlightRecorder implements Transcript {
  readonly #octets = new Uint8Array(SLOTS * WIDTH);
  /** Octets of each message, whole. */
  readonly #lengths = new Uint32Array(SLOTS);
  readonly #moments = new Float64Array(SLOTS);
  readonly #wasSent = new Uint8Array(SLOTS);
  /** Messages seen; the next one goes to the slot of this number. */
  #count = 0;

  /** Keeps one message. */
  keep(direction: "sent" | "received", octets: Uint8Array, at: Millis): void {
    const slot = this.#count++ % SLOTS;
    const { length } = octets;
    this.#octets.set(length <= WIDTH ? octets : octets.subarray(0, WIDTH), slot * WIDTH);
    this.#lengths[slot] = length;
    this.#moments[slot] = at;
    this.#wasSent[slot] = direction === "sent" ? 1 : 0;
  }

  /** See `Transcript`. */
  around(needles: readonly (string | Uint8Array)[], since: Millis): EvidenceMessage[] {
    const wanted = new Map<string, Uint8Array>();
    for (const needle of needles) {
      wanted.set(
        typeof needle === "string" ? needle : toText(needle),
        typeof needle === "string" ? toOctets(needle) : needle,
      );
    }
    const found = new Set<number>();
    let fresh = [...wanted.values()];
    for (let round = 0; round < ROUNDS && fresh.length > 0; round++) {
      const next: Uint8Array[] = [];
      for (const number of this.#search(fresh, since)) {
        if (found.has(number)) continue;
        found.add(number);
        for (const name of identifiersOf(this.#textOf(number))) {
          if (wanted.has(name) || wanted.size >= MOST_NEEDLES) continue;
          const octets = toOctets(name);
          wanted.set(name, octets);
          next.push(octets);
        }
      }
      fresh = next;
    }
    const numbers = [...found].sort((a, b) => a - b).slice(0, LONGEST_LADDER);
    const messages = numbers.map((number) => this.#messageAt(number));
    // the kernel dates what was received; by it an answer may have come before we noted what we sent in the same turn
    return messages.toSorted((a, b) => a.at - b.at);
  }

  #search(needles: readonly Uint8Array[], since: Millis): number[] {
    const found: number[] = [];
    const oldest = Math.max(0, this.#count - SLOTS);
    for (let number = this.#count - 1; number >= oldest; number--) {
      const slot = number % SLOTS;
      if (this.#moments[slot]! < since) break;
      const length = Math.min(WIDTH, this.#lengths[slot]!);
      const octets = this.#octets.subarray(slot * WIDTH, slot * WIDTH + length);
      if (needles.some((needle) => indexOfOctets(octets, needle, 0, length) >= 0)) found.push(number);
    }
    return found;
  }

  #textOf(number: number): string {
    const slot = number % SLOTS;
    const length = this.#lengths[slot]!;
    return toText(this.#octets.subarray(slot * WIDTH, slot * WIDTH + Math.min(WIDTH, length)));
  }

  #messageAt(number: number): EvidenceMessage {
    const slot = number % SLOTS;
    const over = this.#lengths[slot]! - WIDTH;
    const text = this.#textOf(number);
    return {
      direction: this.#wasSent[slot] === 1 ? "sent" : "received",
      at: this.#moments[slot]!,
      text: over > 0 ? `${text}… (${over} more octets)` : text,
    };
  }
}

function identifiersOf(text: string): string[] {
  return IDENTIFIER_REGEXPS.flatMap((regexp) => [...text.matchAll(regexp)].map((match) => match[1]!));
}

/** Failures kept with their messages, bounded, without secrets. */
import type { Millis } from "../clock/clock.ts";
import type { Mode } from "./outcome.ts";

/** One SIP or MSRP message of a failure. */
export interface EvidenceMessage {
  readonly direction: "sent" | "received";
  /** Since the run started. */
  readonly at: Millis;
  readonly text: string;
}

/** A message, session or registration that went wrong. */
export interface Evidence {
  /** Since the run started. */
  readonly at: Millis;
  /** The outcome, arrival or fault, as it is counted. */
  readonly kind: string;
  /** Client in the whole run, -1 when none. */
  readonly sender: number;
  /** Client in the whole run, -1 when none or not ours. */
  readonly receiver: number;
  /** Number of the arrival, -1 when no message is meant. */
  readonly sequence: number;
  readonly mode: Mode | undefined;
  /** One sentence for people. */
  readonly detail: string;
  readonly messages: readonly EvidenceMessage[];
}

/** Where the messages of the last moments are. */
export interface Transcript {
  /**
   * The messages since a moment that hold one of these texts or octets, and those of the same calls and MSRP sessions, in
   * order and bounded; none when they are gone.
   */
  around(needles: readonly (string | Uint8Array)[], since: Millis): EvidenceMessage[];
}

/** Bounds of what is kept. */
export interface EvidenceBounds {
  /** Failures of one kind in the whole run: the first ones tell most. */
  readonly perKind: number;
  /** Failures of all kinds in the whole run. */
  readonly inAll: number;
  /** Characters of one message. */
  readonly textLength: number;
}

const DEFAULT_BOUNDS: EvidenceBounds = { perKind: 20, inAll: 200, textLength: 8192 };

/** Header fields with answers to challenges, folded lines included. */
const CREDENTIALS_REGEXP = /^(?:Proxy-)?Authorization[ \t]*:(?:[^\r\n]|\r?\n[ \t])*/gim;
/** What of them could be replayed or guessed from. */
const CREDENTIAL_REGEXP = /\b(response|c?nonce)([ \t]*=[ \t]*)("[^"]*"?|[^\s,]+)/gi;
/** Anything named password, in header fields and URIs. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(passw(?:or)?d[ \t]*[=:][ \t]*)("[^"]*"?|[^\s,;>&]+)/gi, "$1***"],
  [/\b(sips?:[^\s:@<>;"]+:)[^\s@<>"]+@/gi, "$1***@"],
];

/** A text without the answers to challenges and without passwords. */
export function maskSecrets(text: string): string {
  const credentials = text.replace(CREDENTIALS_REGEXP, (field) => field.replace(CREDENTIAL_REGEXP, '$1$2"***"'));
  return SECRETS.reduce((masked, [pattern, by]) => masked.replace(pattern, by), credentials);
}

/** Collects the first failures of each kind until they are taken; counts the rest. */
export class EvidenceRing {
  /** Failures kept in the whole run. */
  kept = 0;
  /** Failures beyond the bounds. */
  dropped = 0;
  readonly #bounds: EvidenceBounds;
  readonly #keptByKind: Map<string, number> = new Map();
  #entries: Evidence[] = [];

  /** `bounds`: 20 failures a kind, 200 in all and 8192 characters a message unless given. */
  constructor(bounds: Partial<EvidenceBounds> = {}) {
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
  }

  /** Whether a failure of that kind would be kept: asked before its texts are made. */
  wants(kind: string): boolean {
    return this.kept < this.#bounds.inAll && (this.#keptByKind.get(kind) ?? 0) < this.#bounds.perKind;
  }

  /** Keeps a failure, masked and cut; false when it is only counted. */
  add(entry: Evidence): boolean {
    if (!this.wants(entry.kind)) {
      this.dropped++;
      return false;
    }
    this.kept++;
    this.#keptByKind.set(entry.kind, (this.#keptByKind.get(entry.kind) ?? 0) + 1);
    const messages = entry.messages.map((message) => ({ ...message, text: this.#shown(message.text) }));
    this.#entries.push({ ...entry, detail: maskSecrets(entry.detail), messages });
    return true;
  }

  /** What was kept since the last call. */
  take(): Evidence[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  #shown(text: string): string {
    const masked = maskSecrets(text);
    const over = masked.length - this.#bounds.textLength;
    return over <= 0 ? masked : `${masked.slice(0, this.#bounds.textLength)}… (${over} more characters)`;
  }
}

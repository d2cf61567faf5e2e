/** What the clients of one population share: where they send, how they behave, and who counts. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { ContentKind } from "../im/filler.ts";
import { type Profile, profileOf } from "../im/profile.ts";
import type { Millis } from "../clock/clock.ts";
import type { Random } from "../clock/random.ts";
import type { EvidenceRing, Transcript } from "../metrics/evidence.ts";
import type { Ledger } from "../metrics/ledger.ts";
import type { Recorder } from "../metrics/recorder.ts";
import { SMALLEST_SESSION_INTERVAL } from "../sip/session_timer.ts";
import type { Address, TransportName } from "../transport/flow.ts";
import type { Credentials } from "./account.ts";
import type { UnderWay } from "./under_way.ts";

/** How a message's mode is chosen (change request I585 §9). */
export interface ModeSettings {
  /** Octets below which a message goes in pager mode. */
  readonly threshold: number;
  readonly boundary: "literal" | "inclusive";
  /** What is measured: the whole request as first sent, the body, or the user's content. */
  readonly sizeBasis: "request" | "body" | "content";
  readonly endToEndReliable: boolean;
  readonly force: "auto" | "pager" | "large";
}

/** How large-message sessions are set up and kept (change request I585 §9.1.1, RFC 4028). */
export interface SessionSettings {
  /** Session-Expires asked for, in seconds. */
  readonly expires: number;
  /** The least interval we accept from a caller, in seconds, 90 or more. */
  readonly minSe: number;
  /** Min-SE of our INVITE, in seconds; undefined: no such header field. */
  readonly offeredMinSe: number | undefined;
  readonly refresher: "uac" | "uas" | "omit";
  readonly refreshMethod: "auto" | "update" | "reinvite";
  /** Share of the interval after which the refresher refreshes. */
  readonly refreshAfter: number;
  /**
   * Whether we refresh where that is ours to do; true unless said. Without it sessions expire, which tries the other
   * side.
   */
  readonly refresh?: boolean;
  /** Milliseconds the session is kept after its message was delivered. */
  readonly hold: Millis;
  /** Whether we run the timer alone when the peer does not support it (RFC 4028 §7.2). */
  readonly soloRefresh: boolean;
}

/** How content travels over MSRP (RFC 4975). */
export interface MsrpSettings {
  /** One interruptible chunk, or chunks of so many octets. */
  readonly chunking: "single" | number;
  readonly successReport: boolean;
  readonly failureReport: "yes" | "no" | "partial";
  readonly connections: "per-session" | "shared";
  /** Value of a=setup in our offers (RFC 6135 §4.2). */
  readonly setup: "actpass" | "active";
}

/** Whether messages that become due now belong to a warm-up: set by the load, read where only the moment can tell. */
export interface Warmup {
  on: boolean;
}

/** Hears what arrives at our clients; `receiver` is the client's index in the whole run. */
export type DeliveryListener = (
  delivery: { receiver: number; from: string; content: Uint8Array; at: Millis },
) => void;

/** Spreads the clients of a population over sources of the endpoint. */
export interface ClientSources {
  /** The source of a client, by its number in the whole run. */
  of(index: number): number;
}

/** Settings of one population on one event loop. */
export interface UserAgentSettings {
  readonly endpoint: Endpoint;
  /** Where clients send from; undefined: all from the endpoint's own address. */
  readonly sources?: ClientSources;
  readonly transport: TransportName;
  /** The next hop of everything outside a dialog. */
  readonly target: Address;
  /** Domain of our addresses of record. */
  readonly domain: string;
  /** What the client with that number answers challenges with; undefined: it does not. Asked at its first challenge. */
  readonly credentialsOf: (index: number) => Credentials | undefined;
  readonly profile: Profile;
  readonly mode: ModeSettings;
  readonly session: SessionSettings;
  readonly msrp: MsrpSettings;
  /** Seconds asked for in Expires; undefined: clients do not register. */
  readonly registerExpires: number | undefined;
  /** Whether bindings are refreshed before they expire. */
  readonly registerRefresh: boolean;
  /** Share of the time until its first refresh over which that is spread by chance; undefined: 0. */
  readonly refreshSpread?: number;
  /** Numeric addresses besides the target's and ours that a redirection may lead to; undefined: none. */
  readonly furtherHosts?: readonly string[];
  /** Whether new messages wait for the time that a 503 names; undefined: they do not, arrivals stay as planned. */
  readonly honourRetryAfter?: boolean;
  /** What contents are made of; undefined: text. */
  readonly content?: ContentKind;
  /** Whether contents of any octets are taken too; undefined: texts only. */
  readonly takesBinary?: boolean;
  /** Chance of the behaviour (first refreshes), apart from identifiers. */
  readonly random: Random;
  /** Counts the bindings, sessions and exchanges of all clients together; undefined: nobody asks. */
  readonly underWay?: UnderWay;
  /** Undefined: there is no warm-up. */
  readonly warmup?: Warmup;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly evidence: EvidenceRing;
  /** Undefined: evidence has the messages at hand only. */
  readonly transcript?: Transcript;
  readonly onDelivery: DeliveryListener;
}

/** The rule of change request I585 §9, to the letter. */
export const DEFAULT_MODE: ModeSettings = {
  threshold: 1300,
  boundary: "literal",
  sizeBasis: "request",
  endToEndReliable: false,
  force: "auto",
};

/** Sessions as change request I585 §9.1.1 asks for them, released at once. */
export const DEFAULT_SESSION: SessionSettings = {
  expires: 1800,
  minSe: SMALLEST_SESSION_INTERVAL,
  offeredMinSe: undefined,
  refresher: "uac",
  refreshMethod: "auto",
  refreshAfter: 0.5,
  hold: 0,
  soloRefresh: true,
};

/** One interruptible chunk on a connection of its own, acknowledged but not reported. */
export const DEFAULT_MSRP: MsrpSettings = {
  chunking: "single",
  successReport: false,
  failureReport: "yes",
  connections: "per-session",
  setup: "actpass",
};

/** What is to be other than the defaults. */
export interface BehaviourChanges {
  readonly profile?: Profile;
  readonly mode?: Partial<ModeSettings>;
  readonly session?: Partial<SessionSettings>;
  readonly msrp?: Partial<MsrpSettings>;
}

/** How clients behave by default, but for `changes`. */
export function behaviourWith(
  changes: BehaviourChanges = {},
): Pick<UserAgentSettings, "profile" | "mode" | "session" | "msrp"> {
  return {
    profile: changes.profile ?? profileOf("seed"),
    mode: { ...DEFAULT_MODE, ...changes.mode },
    session: { ...DEFAULT_SESSION, ...changes.session },
    msrp: { ...DEFAULT_MSRP, ...changes.msrp },
  };
}

/** What sets one IM release apart from another, as data: feature tags and header values (I585 §9.1.1, RFC 3840 §9, RFC 3841 §9.2). */
import manifest from "../../deno.json" with { type: "json" };
import type { Mode } from "./mode.ts";

/** `seed`: the change request; `oma-v1`: clients of the published release; `cpm`: converged IP messaging. */
export type ProfileName = "seed" | "oma-v1" | "cpm";

/** A header line that a profile adds. */
export type ProfileLine = readonly [name: string, value: string];

/** Header values of one profile. */
export interface Profile {
  /** Contact parameters of a REGISTER, each with its semicolon: all that the client can do. */
  readonly registerTags: string;
  /** Contact parameters of an INVITE and of its answers; a MESSAGE has no Contact (RFC 3428 §9). */
  readonly sessionTags: string;
  /** Accept-Contact of the initial request of each mode (I585 §9.1.1 item 1). */
  readonly acceptContact: Readonly<Record<Mode, string>>;
  /** Further lines of the initial request of each mode. */
  readonly lines: Readonly<Record<Mode, readonly ProfileLine[]>>;
}

/** Version of this program. */
export const VERSION: string = manifest.version;

/** User-Agent of every client (I585 §9.1.1 item 2). */
export const USER_AGENT = `IM-client/OMA1.0 imstorm/${VERSION}`;

/** Server of the embedded IM server. */
export const SERVER = `IM-serv/OMA1.0 imstorm/${VERSION}`;

/** Allow of every client (I585 §9.1.1 item 3). */
export const ALLOW = "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE";

const IM_TAG = "+g.oma.sip-im";
const LARGE_TAG = "+g.oma.sip-im.large-message";
const PAGER_SERVICE = "3gpp-service.ims.icsi.oma.cpm.msg";
const LARGE_SERVICE = "3gpp-service.ims.icsi.oma.cpm.largemsg";

/** The colons of a service name are escaped inside a feature tag. */
function serviceTag(...services: readonly string[]): string {
  return `+g.3gpp.icsi-ref="${services.map((service) => `urn%3Aurn-7%3A${service}`).join(",")}"`;
}

/** All profiles. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  "seed": {
    registerTags: `;${IM_TAG}`,
    sessionTags: `;${IM_TAG}`,
    acceptContact: { pager: `*;${IM_TAG}`, large: `*;${IM_TAG}` },
    lines: { pager: [], large: [] },
  },
  "oma-v1": {
    registerTags: `;${IM_TAG};${LARGE_TAG}`,
    sessionTags: `;${LARGE_TAG}`,
    acceptContact: { pager: `*;${IM_TAG}`, large: `*;${LARGE_TAG}` },
    lines: { pager: [], large: [] },
  },
  "cpm": {
    registerTags: `;${serviceTag(PAGER_SERVICE, LARGE_SERVICE)}`,
    sessionTags: `;${serviceTag(LARGE_SERVICE)}`,
    acceptContact: {
      pager: `*;${serviceTag(PAGER_SERVICE)};explicit;require`,
      large: `*;${serviceTag(LARGE_SERVICE)};explicit;require`,
    },
    lines: {
      pager: [["P-Preferred-Service", `urn:urn-7:${PAGER_SERVICE}`]],
      large: [["P-Preferred-Service", `urn:urn-7:${LARGE_SERVICE}`]],
    },
  },
};

/** The tags that an IM client may put into its Contact, so that a server can tell it from a telephone (RFC 3841 §7.2.4). */
export const FEATURE_TAGS: readonly string[] = [IM_TAG, LARGE_TAG, "+g.3gpp.icsi-ref"];

/** What sets one IM release apart from another, as data: feature tags and header values (I585 §9.1.1, RFC 3841 §9.2). */
import manifest from "../../deno.json" with { type: "json" };

/** `seed`: the change request; `oma-v1`: clients of the published release; `cpm`: converged IP messaging. */
export type ProfileName = "seed" | "oma-v1" | "cpm";

/** A header line that a profile adds. */
export type ProfileLine = readonly [name: string, value: string];

/** Header values of one profile. */
export interface Profile {
  /** Contact parameters of a client, each with its semicolon; a MESSAGE has no Contact (RFC 3428 §9). */
  readonly contactParameters: string;
  /** Accept-Contact of a MESSAGE (I585 §9.1.1 item 1). */
  readonly acceptContactPager: string;
  /** Accept-Contact of the INVITE of a large message. */
  readonly acceptContactLarge: string;
  /** Further lines of a MESSAGE. */
  readonly extraPager: readonly ProfileLine[];
  /** Further lines of the INVITE of a large message. */
  readonly extraLarge: readonly ProfileLine[];
  /** User-Agent of a client (I585 §9.1.1 item 2). */
  readonly userAgent: string;
  /** Server of the embedded IM server. */
  readonly server: string;
  /** Allow of a client: every method that it takes (I585 §9.1.1 item 3). */
  readonly allow: string;
}

/** Version of this program. */
export const VERSION: string = manifest.version;

const USER_AGENT = `IM-client/OMA1.0 imstorm/${VERSION}`;
const SERVER = `IM-serv/OMA1.0 imstorm/${VERSION}`;
const ALLOW = "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE";

const IM_TAG = "+g.oma.sip-im";
const LARGE_TAG = "+g.oma.sip-im.large-message";
const PAGER_SERVICE = "3gpp-service.ims.icsi.oma.cpm.msg";
const LARGE_SERVICE = "3gpp-service.ims.icsi.oma.cpm.largemsg";

/** The colons of a service name are escaped inside a feature tag. */
function serviceTag(...services: readonly string[]): string {
  return `+g.3gpp.icsi-ref="${services.map((service) => `urn%3Aurn-7%3A${service}`).join(",")}"`;
}

const COMMON = { userAgent: USER_AGENT, server: SERVER, allow: ALLOW, extraPager: [], extraLarge: [] };

const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  "seed": {
    ...COMMON,
    contactParameters: `;${IM_TAG}`,
    acceptContactPager: `*;${IM_TAG}`,
    acceptContactLarge: `*;${IM_TAG}`,
  },
  "oma-v1": {
    ...COMMON,
    contactParameters: `;${IM_TAG};${LARGE_TAG}`,
    acceptContactPager: `*;${IM_TAG}`,
    acceptContactLarge: `*;${LARGE_TAG}`,
  },
  "cpm": {
    ...COMMON,
    contactParameters: `;${serviceTag(PAGER_SERVICE, LARGE_SERVICE)}`,
    acceptContactPager: `*;${serviceTag(PAGER_SERVICE)};explicit;require`,
    acceptContactLarge: `*;${serviceTag(LARGE_SERVICE)};explicit;require`,
    extraPager: [["P-Preferred-Service", `urn:urn-7:${PAGER_SERVICE}`]],
    extraLarge: [["P-Preferred-Service", `urn:urn-7:${LARGE_SERVICE}`]],
  },
};

/** The profile of this name. */
export function profileOf(name: ProfileName): Profile {
  return PROFILES[name];
}

/**
 * The form of pager requests: what all clients of a population have in common is written into it once, so that a message
 * fills in only what is its own. Numbers stand where texts would have to be made for each message.
 */
import { OctetCache } from "../bytes/octet_cache.ts";
import { octetLength, toOctets } from "../bytes/text.ts";
import { Spares } from "../bytes/spares.ts";
import type { OctetWriter } from "../bytes/writer.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { Random } from "../clock/random.ts";
import { Stamp } from "../sip/stamp.ts";
import { digitsOf, type SlotValue, Template } from "../sip/template.ts";
import type { TransportName } from "../transport/flow.ts";
import { BINARY_KIND } from "./content_kinds.ts";
import type { PagerMessage } from "./pager.ts";
import type { UserAgentSettings } from "./settings.ts";
import type { UserAgent } from "./user_agent.ts";

/** Content type of the texts we send; the charset costs 14 octets and spares the receiver a guess. */
const TEXT_TYPE = "text/plain;charset=UTF-8";
/** From of a client that hides who it is (RFC 3323 §4.1). */
export const ANONYMOUS_URI = "sip:anonymous@anonymous.invalid";
const ANONYMOUS_DISPLAY = `"Anonymous" `;
const NO_OCTETS = new Uint8Array(0);
const ANONYMOUS = { display: toOctets(ANONYMOUS_DISPLAY), uri: toOctets(ANONYMOUS_URI) };
/** See `ANONYMOUS_URI`. */
export const ANONYMOUS_FROM = `${ANONYMOUS_DISPLAY}<${ANONYMOUS_URI}>`;

const SOURCE = `MESSAGE {requestUri} SIP/2.0
Via: SIP/2.0/{transport} {sentBy};branch={branchPrefix}{branch:bits};rport
Max-Forwards: 70
From: {display}<{from}>;tag={tag:bits}
To: <{uri}>
Call-ID: {callPrefix}{call:bits}@{host}
CSeq: {sequence} MESSAGE
Accept-Contact: {accept}
P-Preferred-Identity: <{identity}>
{*lines}
{*extra}
{*credentials}
User-Agent: {agent}
Allow: {allow}
Supported: timer
Content-Type: {type}
Content-Length: {length}

`;
/** What a population shares; in order of the values, what a message has of its own. */
const SHARED = [
  "transport",
  "branchPrefix",
  "callPrefix",
  "host",
  "accept",
  "extra",
  "agent",
  "allow",
  "type",
];
const OWN = [
  "requestUri",
  "branch",
  "display",
  "from",
  "tag",
  "call",
  "sequence",
  "identity",
  "lines",
  "credentials",
  "length",
  "uri",
];
/** A message's own where clients of a population send from different sources; else shared. */
const SENT_BY = "sentBy";
const TEMPLATE = Template.compile(SOURCE, [...SHARED, ...OWN, SENT_BY]);

/** Requests kept for each transport: users of a population have names of a few lengths. */
const STAMPS = 8;
/** 64 bits that tell the Call-IDs of a population of this run from all others in the world. */
const CALL_PREFIX_DIGITS = 16;

/** What a pager request has of its own; its tag is 32 random bits (RFC 3261 §19.3), its call a number never used before. */
export interface PagerFields {
  /** Where it goes; another one after a redirection. */
  requestUri: Uint8Array;
  /** Who it is for. */
  to: Uint8Array;
  anonymous: boolean;
  /** The sender's address of record. */
  from: Uint8Array;
  identity: Uint8Array;
  tag: number;
  call: number;
  /** Number in CSeq. */
  cseq: number;
  /** Value of sent-by, where the sender has its own source. */
  sentBy: Uint8Array;
  /** Route and Privacy, as whole header lines. */
  lines: string;
  /** Credentials, as whole header lines. */
  credentials: string;
}

/** The form of one population on one endpoint, with the numbers of its counters. */
export class PagerForm {
  /** Messages of the population that have ended. */
  readonly spares: Spares<PagerMessage> = new Spares();
  /** Number of the counter of requests. */
  readonly requestsId: number;
  readonly #recorder: Recorder;
  readonly #random: Random;
  /** Octets of a request without content whose own values are empty; both transports have names of three letters. */
  readonly #bareSize: number;
  readonly #templates: Readonly<Record<TransportName, Template>>;
  /** By the length of the sender's address: with another length nearly all of a request stands elsewhere. */
  readonly #stamps: Readonly<Record<TransportName, Stamp[]>> = { udp: [], tcp: [] };
  /** Numbers of the counters of final responses, by status. */
  readonly #responseIds: number[] = [];
  /** In order of `OWN`, sent-by behind them where it is not shared; filled in for each request. */
  readonly #values: SlotValue[];
  readonly #hasSources: boolean;
  readonly #addresses = new OctetCache();
  /** The address asked for last, and its octets: a whole population may write to one. */
  #address = "";
  #octets: Uint8Array = NO_OCTETS;
  readonly #fields: PagerFields = {
    requestUri: NO_OCTETS,
    to: NO_OCTETS,
    anonymous: false,
    from: NO_OCTETS,
    identity: NO_OCTETS,
    tag: 0,
    call: 0,
    cseq: 1,
    sentBy: NO_OCTETS,
    lines: "",
    credentials: "",
  };
  #call: number;

  private constructor({ endpoint, profile, recorder, content, sources }: UserAgentSettings) {
    this.#hasSources = sources !== undefined;
    this.#values = (this.#hasSources ? [...OWN, SENT_BY] : OWN).map(() => "");
    this.#recorder = recorder;
    this.requestsId = recorder.counterId("requests.MESSAGE");
    this.#random = endpoint.random;
    this.#call = endpoint.random.bits();
    const shared = {
      branchPrefix: endpoint.transactions.branchPrefix,
      callPrefix: endpoint.random.hexadecimal(CALL_PREFIX_DIGITS),
      host: endpoint.local.host,
      accept: profile.acceptContactPager,
      extra: profile.extraPager.map(([name, value]) => `${name}: ${value}\r\n`).join(""),
      agent: profile.userAgent,
      allow: profile.allow,
      type: content === "binary" ? BINARY_KIND : TEXT_TYPE,
      ...(this.#hasSources ? {} : { sentBy: endpoint.sentBy() }),
    };
    this.#templates = {
      udp: TEMPLATE.with({ ...shared, transport: "UDP" }),
      tcp: TEMPLATE.with({ ...shared, transport: "TCP" }),
    };
    this.#bareSize = this.#templates.udp.size(this.#values);
  }

  /** The form of the population with these settings, made when it is first asked for. */
  static of(settings: UserAgentSettings): PagerForm {
    let form = FORMS.get(settings);
    if (form === undefined) FORMS.set(settings, form = new PagerForm(settings));
    return form;
  }

  /** What a new message of a client to `uri` has of its own; valid until the next time. */
  newFields(agent: UserAgent, uri: string, anonymous: boolean): PagerFields {
    const fields = this.#fields;
    this.#call = (this.#call + 1) | 0;
    const privacy = anonymous ? "Privacy: id\r\n" : "";
    fields.requestUri = fields.to = this.octetsOf(uri);
    fields.anonymous = anonymous;
    fields.from = agent.octets();
    fields.identity = agent.identity === agent.aor ? fields.from : this.octetsOf(agent.identity);
    fields.tag = this.#random.bits();
    fields.call = this.#call;
    fields.lines = agent.serviceRoute.length === 0 ? privacy : routeLines(agent.serviceRoute) + privacy;
    if (this.#hasSources) fields.sentBy = this.octetsOf(agent.sentBy());
    return fields;
  }

  /** The octets of an address. */
  octetsOf(address: string): Uint8Array {
    if (address !== this.#address) {
      this.#address = address;
      this.#octets = this.#addresses.octetsOf(address);
    }
    return this.#octets;
  }

  /** Octets of the whole request around a content of `length` octets; `further`: of credentials still to come. */
  size(fields: PagerFields, length: number, further = 0): number {
    const { anonymous, requestUri, to, from, identity, lines, credentials, cseq } = fields;
    const sender = anonymous ? ANONYMOUS.display.length + ANONYMOUS.uri.length : from.length;
    const addresses = requestUri.length + to.length + sender + identity.length;
    const optional = (lines === "" ? 0 : octetLength(lines)) + (credentials === "" ? 0 : octetLength(credentials));
    return this.#bareSize + addresses + optional + digitsOf(cseq) + digitsOf(length) + length + further;
  }

  /** The content size that makes the whole request exactly `total` octets; 0 when its header fields alone are longer. */
  contentSize(fields: PagerFields, total: number, further = 0): number {
    const bare = this.size(fields, 0, further);
    for (let digits = 1; digits <= 8; digits++) {
      const length = total - bare - (digits - 1);
      if (length < 0) return 0;
      if (String(length).length === digits) return length;
      // where one more digit overshoots (99 -> 100), the total cannot be met: one octet less is the nearest
      if (String(length).length < digits) return length;
    }
    return 0;
  }

  /** A writer that holds everything before the content; valid until the next time. */
  write(fields: PagerFields, transport: TransportName, branch: number, length: number): OctetWriter {
    const place = fields.from.length % STAMPS;
    const stamp = this.#stamps[transport][place] ??= new Stamp(this.#templates[transport]);
    return stamp.fill(this.#fill(fields, branch, length));
  }

  /** Counts a final response. */
  countResponse(status: number): void {
    const id = this.#responseIds[status] ??= this.#recorder.counterId(`responses.MESSAGE.${status}`);
    this.#recorder.countId(id);
  }

  #fill(fields: PagerFields, branch: number, length: number): readonly SlotValue[] {
    const values = this.#values;
    values[0] = fields.requestUri;
    values[1] = branch;
    values[2] = fields.anonymous ? ANONYMOUS.display : NO_OCTETS;
    values[3] = fields.anonymous ? ANONYMOUS.uri : fields.from;
    values[4] = fields.tag;
    values[5] = fields.call;
    values[6] = fields.cseq;
    values[7] = fields.identity;
    values[8] = fields.lines;
    values[9] = fields.credentials;
    values[10] = length;
    values[11] = fields.to;
    if (this.#hasSources) values[12] = fields.sentBy;
    return values;
  }
}

const FORMS: WeakMap<UserAgentSettings, PagerForm> = new WeakMap();

/** Route lines, one for each value. */
export function routeLines(routes: readonly string[]): string {
  return routes.map((route) => `Route: ${route}\r\n`).join("");
}

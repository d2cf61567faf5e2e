/** Offers and answers of one MSRP stream (RFC 4975 §8), and who opens its connection (RFC 6135 §4). */
import { detached } from "../bytes/text.ts";
import { TextCache } from "../bytes/text_cache.ts";
import {
  type Attribute,
  attributeOf,
  type Description,
  isOrigin,
  parseDescription,
  writeDescription,
} from "./description.ts";

/** Value of `a=setup` (RFC 4145 §4); `holdconn` is read as absent (RFC 6135 §4.2.1). */
export type Setup = "active" | "passive" | "actpass";

/** Which way SEND requests with user content go (RFC 4975 §8.9). */
export type Direction = "sendonly" | "recvonly" | "sendrecv" | "inactive";

/** One side's description of an MSRP stream. */
export interface MsrpMedia {
  /** Address of the `c=` line; the connection goes to the leftmost URI of `path`, not here. */
  readonly host: string;
  readonly port: number;
  /** MSRP URIs, the adjacent hop first, the endpoint last. */
  readonly path: readonly string[];
  /** `TCP/TLS/MSRP` instead of `TCP/MSRP`. */
  readonly tls: boolean;
  /** Media types or wildcards that may be sent to this side. */
  readonly acceptTypes: readonly string[];
  /** Media types accepted only inside a container. */
  readonly acceptWrappedTypes?: readonly string[];
  readonly setup?: Setup;
  readonly direction: Direction;
  /** Octets of the largest message that this side wishes to get. */
  readonly maxSize?: number;
  /** Value of the `o=` line; the same again in a refresh (RFC 4975 §8.4). */
  readonly origin: string;
}

/** Why a description offers no MSRP stream that can be used. */
export type SdpFault =
  | "bad_sdp"
  | "no_message_media"
  | "rejected"
  | "no_connection"
  | "no_path"
  | "bad_path"
  | "no_accept_types"
  | "bad_max_size";

const PROTOCOLS: ReadonlyMap<string, boolean> = new Map([["TCP/MSRP", false], ["TCP/TLS/MSRP", true]]);
const SETUPS: readonly string[] = ["active", "passive", "actpass"] satisfies Setup[];
const DIRECTIONS: readonly string[] = ["sendonly", "recvonly", "sendrecv", "inactive"] satisfies Direction[];
const MSRP_URI_REGEXP = /^msrps?:\/\/[^\s/;]+:\d{1,5}\/[^\s;]+;[a-z]\S*$/i;

/** Whether reading gave a fault. */
export function isSdpFault(value: MsrpMedia | SdpFault): value is SdpFault {
  return typeof value === "string";
}

/** The whole description of one MSRP stream, for offers and answers alike. */
export function writeMsrpOffer(media: MsrpMedia): string {
  const attributes: Attribute[] = [
    { name: "path", value: media.path.join(" ") },
    { name: "accept-types", value: media.acceptTypes.join(" ") },
  ];
  const add = (name: string, value: string | undefined): void => void attributes.push({ name, value });
  if (media.acceptWrappedTypes !== undefined) add("accept-wrapped-types", media.acceptWrappedTypes.join(" "));
  if (media.maxSize !== undefined) add("max-size", String(media.maxSize));
  if (media.setup !== undefined) add("setup", media.setup);
  add(media.direction, undefined);
  return writeDescription({
    origin: media.origin,
    sessionName: "-",
    connection: media.host,
    attributes: [],
    media: [{
      media: "message",
      port: media.port,
      protocol: media.tls ? "TCP/TLS/MSRP" : "TCP/MSRP",
      formats: ["*"],
      connection: undefined,
      attributes,
    }],
  });
}

const START = "v=0\r\no=";
const PATH_START = "\r\na=path:";
/** Stands for every origin in `ALIKE`. */
const SOME_ORIGIN = "- 0 0 IN IP4 127.0.0.1";
/** Stands for every path. */
const SOME_PATH = "msrp://127.0.0.1:9/a;tcp";
/** Descriptions beyond it are read each by itself, in octets about. */
const LONGEST_ALIKE = 1024;
/** Descriptions of one peer differ in origin and path only: the rest is read once. */
const ALIKE = new TextCache(readMedia);
/** The latest of them, whose parts are compared before they are put together. */
let latest: { between: string; after: string; media: MsrpMedia | SdpFault } | undefined;

/** Reads the first MSRP stream of an offer or answer; attributes it does not know are passed over. */
export function parseMsrpMedia(sdp: string): MsrpMedia | SdpFault {
  const pathFrom = sdp.indexOf(PATH_START) + PATH_START.length;
  const isUsual = sdp.startsWith(START) && pathFrom >= PATH_START.length && sdp.indexOf(PATH_START, pathFrom) < 0;
  if (!isUsual || sdp.length > LONGEST_ALIKE) return readMedia(sdp);
  const originTo = sdp.indexOf("\r\n", START.length);
  const pathTo = sdp.indexOf("\r\n", pathFrom);
  const origin = sdp.slice(START.length, originTo);
  const path = pathsOf(sdp.slice(pathFrom, pathTo));
  if (pathTo < 0 || path === undefined || !isOrigin(origin)) return readMedia(sdp);
  const [between, after] = [sdp.slice(originTo, pathFrom), sdp.slice(pathTo)];
  if (latest?.between !== between || latest.after !== after) {
    const media = ALIKE.of(START + SOME_ORIGIN + between + SOME_PATH + after);
    latest = { between: detached(between), after: detached(after), media };
  }
  const { media } = latest;
  return isSdpFault(media) ? media : { ...media, path, origin };
}

/** The URIs of a path; undefined where one is none. */
function pathsOf(value: string): readonly string[] | undefined {
  const uris = value.split(" ");
  return uris.every((uri) => MSRP_URI_REGEXP.test(uri)) ? uris : undefined;
}

function readMedia(sdp: string): MsrpMedia | SdpFault {
  const description = parseDescription(sdp);
  if (typeof description === "string") return "bad_sdp";
  const streams = description.media.filter(({ media, protocol }) => media === "message" && PROTOCOLS.has(protocol));
  const stream = streams.find(({ port }) => port !== 0) ?? streams[0];
  if (stream === undefined) return "no_message_media";
  if (stream.port === 0) return "rejected";
  const host = stream.connection ?? description.connection;
  if (host === undefined) return "no_connection";
  const pathValue = attributeOf(stream.attributes, "path");
  if (pathValue === undefined) return "no_path";
  const path = pathsOf(pathValue);
  if (path === undefined) return "bad_path";
  const acceptTypes = wordsOf(attributeOf(stream.attributes, "accept-types"));
  if (acceptTypes === undefined) return "no_accept_types";
  const acceptWrappedTypes = wordsOf(attributeOf(stream.attributes, "accept-wrapped-types"));
  const maxSize = attributeOf(stream.attributes, "max-size");
  if (maxSize !== undefined && !/^\d{1,15}$/.test(maxSize)) return "bad_max_size";
  const setup = setupOf(stream.attributes) ?? setupOf(description.attributes);
  return {
    host,
    port: stream.port,
    path,
    tls: PROTOCOLS.get(stream.protocol) ?? false,
    acceptTypes,
    ...(acceptWrappedTypes === undefined ? {} : { acceptWrappedTypes }),
    ...(setup === undefined ? {} : { setup }),
    direction: directionOf(stream.attributes) ?? directionOf(description.attributes) ?? "sendrecv",
    ...(maxSize === undefined ? {} : { maxSize: Number(maxSize) }),
    origin: description.origin,
  };
}

function wordsOf(value: string | undefined): readonly string[] | undefined {
  const words = value?.split(" ").filter((word) => word !== "") ?? [];
  return words.length === 0 ? undefined : words;
}

function setupOf(attributes: Description["attributes"]): Setup | undefined {
  const value = attributeOf(attributes, "setup");
  return value !== undefined && SETUPS.includes(value) ? value as Setup : undefined;
}

function directionOf(attributes: Description["attributes"]): Direction | undefined {
  return attributes.find(({ name, value }) => value === undefined && DIRECTIONS.includes(name))?.name as
    | Direction
    | undefined;
}

/**
 * Which side opens the connection (RFC 6135 §4.2, RFC 4975 §5.4).
 *
 * | offer   | answer          | connects |
 * | actpass | passive, absent | offerer  |
 * | actpass | active          | answerer |
 * | active  | any             | offerer  |
 * | absent  | passive, absent | offerer  |
 * | absent  | active          | answerer |
 */
export function connector(offerSetup: Setup | undefined, answerSetup: Setup | undefined): "offerer" | "answerer" {
  return answerSetup === "active" && offerSetup !== "active" ? "answerer" : "offerer";
}

/** What to answer to an offer; `policy` is our wish where the offer leaves the choice (RFC 6135 §4.2.2). */
export function answerSetup(offerSetup: Setup | undefined, policy: "passive" | "active"): "passive" | "active" {
  if (offerSetup === "actpass") return policy;
  // a passive offer is forbidden, yet only one answer to it gives a connection
  return offerSetup === "passive" ? "active" : "passive";
}

/** Whether a media type may be sent to this side (RFC 4975 §8.6); parameters of the type do not matter. */
export function acceptsType(media: Pick<MsrpMedia, "acceptTypes">, type: string): boolean {
  const bare = type.split(";")[0]!.trim().toLowerCase();
  const container = bare.slice(0, bare.indexOf("/") + 1);
  return media.acceptTypes.some((accepted) => {
    const entry = accepted.toLowerCase();
    return entry === "*" || entry === bare || entry === `${container}*`;
  });
}

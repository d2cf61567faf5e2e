/** Session descriptions (RFC 8866): the lines that an offer or answer of messages needs; others are passed over. */

/** One `a=` line; `value` is undefined for a property attribute such as `a=sendonly`. */
export interface Attribute {
  readonly name: string;
  readonly value: string | undefined;
}

/** One `m=` line with what stands below it. */
export interface MediaDescription {
  /** First word of the line, such as `message`. */
  readonly media: string;
  /** 0 when the stream is refused (RFC 3264 §6). */
  readonly port: number;
  /** Transport protocol, such as `TCP/MSRP`. */
  readonly protocol: string;
  readonly formats: readonly string[];
  /** Address of its own `c=` line. */
  readonly connection: string | undefined;
  readonly attributes: readonly Attribute[];
}

/** A whole description. */
export interface Description {
  /** Value of the `o=` line. */
  readonly origin: string;
  /** Value of the `s=` line. */
  readonly sessionName: string;
  /** Address of the `c=` line of the session. */
  readonly connection: string | undefined;
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaDescription[];
}

/** Why a text is no session description. */
export type DescriptionFault = "bad_line" | "bad_version" | "bad_origin" | "bad_connection" | "bad_media";

const ORIGIN_REGEXP = /^\S+ \d+ \d+ IN IP[46] \S+$/;
const CONNECTION_REGEXP = /^IN IP[46] ([^ /]+)(?:\/\d+){0,2}$/;
const MEDIA_REGEXP = /^([\w-]+) (\d{1,5})(?:\/\d+)? ([\w/-]+)((?: \S+)+)$/;
/** Type letters that may stand below `s=`; a description with another one is ignored as a whole (RFC 8866 §5). */
const LATER_TYPES = "iuepcbtrzkam";

/** What `c=` and `a=` lines are read into: the session, or its last medium. */
interface Section {
  connection: string | undefined;
  attributes: Attribute[];
}

type MediaSection = Section & Pick<MediaDescription, "media" | "port" | "protocol" | "formats">;

/** Whether a text can be the value of an `o=` line. */
export function isOrigin(text: string): boolean {
  return ORIGIN_REGEXP.test(text);
}

/** Reads a description; lines may end in CR LF or in LF alone (RFC 8866 §5). */
export function parseDescription(text: string): Description | DescriptionFault {
  const [version, origin, sessionName, ...lines] = text.split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  if (version !== "v=0") return "bad_version";
  if (origin === undefined || !origin.startsWith("o=") || !isOrigin(origin.slice(2))) return "bad_origin";
  if (sessionName === undefined || !sessionName.startsWith("s=")) return "bad_line";
  const session: Section = { connection: undefined, attributes: [] };
  const media: MediaSection[] = [];
  for (const line of lines) {
    const type = line[0];
    // read by hand: regular expressions for each line took most of the time
    if (type === undefined || line[1] !== "=" || !LATER_TYPES.includes(type)) return "bad_line";
    const value = line.slice(2);
    if (type === "m") {
      const section = parseMedia(value);
      if (section === undefined) return "bad_media";
      media.push(section);
    } else {
      const fault = readLine(type, value, media.at(-1) ?? session);
      if (fault !== undefined) return fault;
    }
  }
  return { origin: origin.slice(2), sessionName: sessionName.slice(2), ...session, media };
}

function readLine(type: string, value: string, section: Section): DescriptionFault | undefined {
  if (type === "c") {
    section.connection = CONNECTION_REGEXP.exec(value)?.[1];
    if (section.connection === undefined) return "bad_connection";
  } else if (type === "a") {
    const colon = value.indexOf(":");
    const name = colon < 0 ? value : value.slice(0, colon);
    if (name === "" || name.includes(" ")) return "bad_line";
    section.attributes.push({ name, value: colon < 0 ? undefined : value.slice(colon + 1) });
  }
  return undefined;
}

function parseMedia(value: string): MediaSection | undefined {
  const [, media, port, protocol, formats] = MEDIA_REGEXP.exec(value) ?? [];
  if (media === undefined || protocol === undefined || formats === undefined || Number(port) > 65535) return undefined;
  const words = formats.slice(1).split(" ");
  return { media, port: Number(port), protocol, formats: words, connection: undefined, attributes: [] };
}

/** The text of a description, every line with CR LF; a session that is not scheduled (`t=0 0`). */
export function writeDescription(description: Description): string {
  let text = `v=0\r\no=${description.origin}\r\ns=${description.sessionName}\r\n`;
  text += writeConnection(description.connection) + "t=0 0\r\n" + writeAttributes(description.attributes);
  for (const { media, port, protocol, formats, connection, attributes } of description.media) {
    text += `m=${media} ${port} ${protocol} ${formats.join(" ")}\r\n`;
    text += writeConnection(connection) + writeAttributes(attributes);
  }
  return text;
}

function writeConnection(host: string | undefined): string {
  if (host === undefined) return "";
  return `c=IN ${host.includes(":") ? "IP6" : "IP4"} ${host}\r\n`;
}

function writeAttributes(attributes: readonly Attribute[]): string {
  return attributes.map(({ name, value }) => value === undefined ? `a=${name}\r\n` : `a=${name}:${value}\r\n`).join("");
}

/** Value of the first attribute of that name; "" for a property attribute, undefined when there is none. */
export function attributeOf(attributes: readonly Attribute[], name: string): string | undefined {
  const found = attributes.find((attribute) => attribute.name === name);
  return found === undefined ? undefined : found.value ?? "";
}

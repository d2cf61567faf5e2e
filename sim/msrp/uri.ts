/** MSRP URIs (RFC 4975 §6). */

/** An MSRP URI in its parts. */
export interface MsrpUri {
  /** `msrps` means TLS. */
  readonly scheme: "msrp" | "msrps";
  /** Host in lower case, IPv6 without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** Undefined in the URI of a relay. */
  readonly sessionId: string | undefined;
  /** Transport in lower case, such as `tcp`. */
  readonly transport: string;
}

// MSRP-URI = scheme "://" [userinfo "@"] host [":" port] ["/" session-id] ";" transport *( ";" URI-parameter )
// session-id = 1*( unreserved / "+" / "=" / "/" )
const URI_REGEXP =
  /^(msrps?):\/\/(?:[^@/;\s]*@)?(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?(?:\/([a-z0-9\-._~+=/]+))?;([a-z0-9]+)(?:;[^\s;]+)*$/i;

/** Whether a text is an MSRP URI by its grammar. */
export function isMsrpUri(text: string): boolean {
  return URI_REGEXP.test(text);
}

/** Reads an MSRP URI; undefined when it is none. */
export function parseMsrpUri(text: string): MsrpUri | undefined {
  const [, scheme, host, port, sessionId, transport] = URI_REGEXP.exec(text) ?? [];
  if (scheme === undefined || host === undefined || transport === undefined || Number(port) > 65535) return undefined;
  return {
    scheme: scheme.length === 4 ? "msrp" : "msrps",
    host: host.replace(/[[\]]/g, "").toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    sessionId,
    transport: transport.toLowerCase(),
  };
}

/** One spelling for all URIs that are the same (RFC 4975 §6.1): user part and parameters left out; undefined when none. */
export function canonicalMsrpUri(text: string): string | undefined {
  const uri = parseMsrpUri(text);
  return uri === undefined ? undefined : writeMsrpUri(uri);
}

/** The text of an MSRP URI. */
export function writeMsrpUri({ scheme, host, port, sessionId, transport }: MsrpUri): string {
  const authority = (host.includes(":") ? `[${host}]` : host) + (port === undefined ? "" : `:${port}`);
  return `${scheme}://${authority}${sessionId === undefined ? "" : `/${sessionId}`};${transport}`;
}

/** Whether two URIs name the same session (RFC 4975 §6.1); a port that is given never equals one that is not. */
export function sameMsrpUri(a: string, b: string): boolean {
  const canonical = canonicalMsrpUri(a);
  return canonical !== undefined && canonical === canonicalMsrpUri(b);
}

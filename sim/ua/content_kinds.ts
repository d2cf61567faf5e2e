/** Media types of what our clients send and take (RFC 4975 §8.6); containers come with their issue. */
import type { UserAgentSettings } from "./settings.ts";

/** Of texts. */
export const TEXT_KIND = "text/plain";
/** Of contents of any octets. */
export const BINARY_KIND = "application/octet-stream";

const TEXTS_ONLY: readonly string[] = [TEXT_KIND];
const ALL_KINDS: readonly string[] = [TEXT_KIND, BINARY_KIND];

/** The media type of what clients with these settings send over MSRP. */
export function kindSent(settings: UserAgentSettings): string {
  return settings.content === "binary" ? BINARY_KIND : TEXT_KIND;
}

/** The media types that clients with these settings take. */
export function kindsTaken(settings: UserAgentSettings): readonly string[] {
  return settings.takesBinary === true ? ALL_KINDS : TEXTS_ONLY;
}

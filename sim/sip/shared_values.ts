/**
 * Lists and addresses of header fields (RFC 3261 §7.3.1) that many peers send alike: read once, in memory once for all
 * dialogs.
 */
import { TextCache } from "../bytes/text_cache.ts";
import type { HeaderName } from "./header_name.ts";
import { splitList } from "./header_value.ts";
import type { Message } from "./message.ts";
import { type NameAddr, parseNameAddr } from "./name_addr.ts";

const LISTS: TextCache<readonly string[]> = new TextCache(splitList);
const ADDRESSES = new TextCache((value) => parseNameAddr(splitList(value)[0] ?? ""));

/**
 * The elements of a header over all its lines, not to be changed: where one line has them all, equal lines give the
 * same array.
 */
export function sharedValues(message: Message, name: HeaderName): readonly string[] {
  const lines = message.headerLines(name);
  return lines.length > 1 ? lines.flatMap(splitList) : LISTS.of(lines[0] ?? "");
}

/** The first address in the lines of a header, the same object for equal ones; undefined when absent or malformed. */
export function sharedAddress(lines: readonly string[]): NameAddr | undefined {
  const [first] = lines;
  if (first === undefined) return undefined;
  // an empty line names nobody: the next one may
  return ADDRESSES.of(first) ?? (splitList(first).length === 0 ? sharedAddress(lines.slice(1)) : undefined);
}

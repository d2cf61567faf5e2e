/** Media types that a session accepts (RFC 4975 §8.6). */

/** Whether `type` is one of `acceptTypes` or falls under a wildcard; its parameters and its case do not matter. */
export function acceptsType(acceptTypes: readonly string[], type: string): boolean {
  const bare = type.split(";", 1)[0]!.trim().toLowerCase();
  const wildcard = `${bare.slice(0, bare.indexOf("/"))}/*`;
  for (const accepted of acceptTypes) {
    const entry = accepted.toLowerCase();
    if (entry === "*" || entry === bare || entry === wildcard) return true;
  }
  return false;
}

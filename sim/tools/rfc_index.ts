/**
 * Prints which line of the sources follows which clause of a specification; with `--check`, fails instead when a file
 * of a protocol does not say in its first comment which clause it follows.
 *
 * deno run -R sim/tools/rfc_index.ts [--check]
 */

/** One mention of a clause, such as `RFC 3261 §17.1.2.2`. */
export interface Citation {
  /** Name of the specification, such as `RFC 3261`. */
  readonly specification: string;
  /** Number of the clause, such as `17.1.2.2`. */
  readonly clause: string;
  /** Line of the mention, from 1. */
  readonly line: number;
}

/** Folders whose files follow a specification. */
const PROTOCOL_FOLDERS: readonly string[] = ["sip/", "msrp/"];

/** Files of these folders that only serve the others: no clause says how they work. */
export const WITHOUT_CLAUSE: ReadonlySet<string> = new Set([
  "sip/stamp.ts",
  "sip/template.ts",
  "sip/transaction/counters.ts",
  "sip/transaction/keeper.ts",
  "sip/transaction/roster.ts",
  "sip/transaction/slab.ts",
  "msrp/channel.ts",
  "msrp/counters.ts",
  "msrp/coverage.ts",
  "msrp/user.ts",
]);

// a specification and one clause or several: "RFC 4028 §7.3, §7.4", "RFC 6026 §7.1 and §8.5", "RFC 4028 §4 to §9"
const CITATION_REGEXP = /\b(RFC \d{3,5}|I585) (§[0-9A-Z][\w.]*(?:(?:,| and|, and| to) §[0-9A-Z][\w.]*)*)/g;
const CLAUSE_REGEXP = /§([0-9A-Z]\w*(?:\.\w+)*)/g;
const FIRST_COMMENT_REGEXP = /^\s*\/\*\*[^]*?\*\//;

/** Every mention of a clause in a text, in order. */
export function citationsIn(text: string): Citation[] {
  return text.split("\n").flatMap((line, index) =>
    [...line.matchAll(CITATION_REGEXP)].flatMap(([, specification, clauses]) =>
      [...clauses!.matchAll(CLAUSE_REGEXP)].map(([, clause]) => ({
        specification: specification!,
        clause: clause!,
        line: index + 1,
      }))
    )
  );
}

/** Whether the comment that a file begins with cites a clause. */
export function citesInFirstComment(text: string): boolean {
  return citationsIn(FIRST_COMMENT_REGEXP.exec(text)?.[0] ?? "").length > 0;
}

/** The table of clauses, one a line with its places, in the order of the specifications. `files`: text by path. */
export function clauseTable(files: ReadonlyMap<string, string>): string[] {
  const places = new Map<string, string[]>();
  for (const [path, text] of files) {
    for (const { specification, clause, line } of citationsIn(text)) {
      const key = `${specification} §${clause}`;
      const known = places.get(key);
      if (known === undefined) places.set(key, [`${path}:${line}`]);
      else known.push(`${path}:${line}`);
    }
  }
  const keys = [...places.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const width = Math.max(0, ...keys.map((key) => key.length));
  return keys.map((key) => `${key.padEnd(width)}  ${[...new Set(places.get(key))].join(" ")}`);
}

/**
 * What the check finds wrong: files of a protocol without a clause in their first comment, and entries of the list of
 * exceptions that are none. `files`: text by path below `sim/`.
 */
export function citationFaults(
  files: ReadonlyMap<string, string>,
  exceptions: ReadonlySet<string> = WITHOUT_CLAUSE,
): string[] {
  const faults: string[] = [];
  for (const [path, text] of files) {
    if (!PROTOCOL_FOLDERS.some((folder) => path.startsWith(folder)) || /_(test|bench)\.ts$/.test(path)) continue;
    const cites = citesInFirstComment(text);
    if (!cites && !exceptions.has(path)) faults.push(`${path}: the first comment cites no clause`);
    if (cites && exceptions.has(path)) faults.push(`${path}: cites a clause and is listed as one that need not`);
  }
  for (const path of exceptions) {
    if (!files.has(path)) faults.push(`${path}: is listed as a file without clause and does not exist`);
  }
  return faults;
}

/** The TypeScript files below a folder, text by path from there, in order of the path. */
export function readSources(folder: URL, prefix = ""): Map<string, string> {
  const files = new Map<string, string>();
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    if (isDirectory) {
      const below = readSources(new URL(`${name}/`, folder), `${prefix}${name}/`);
      for (const [path, text] of below) files.set(path, text);
    } else if (name.endsWith(".ts")) {
      files.set(prefix + name, Deno.readTextFileSync(new URL(name, folder)));
    }
  }
  return files;
}

/** Writes the lines of a report, all of them. */
function printLines(stream: { writeSync(octets: Uint8Array): number }, lines: readonly string[]): void {
  let rest = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}

if (import.meta.main) {
  const files = readSources(new URL("../", import.meta.url));
  if (Deno.args.includes("--check")) {
    const faults = citationFaults(files);
    printLines(Deno.stderr, faults);
    if (faults.length > 0) Deno.exitCode = 1;
  } else {
    // the samples in this folder's tests follow no specification
    printLines(Deno.stdout, clauseTable(new Map([...files].filter(([path]) => !path.startsWith("tools/")))));
  }
}

import { assert, assertEquals } from "@std/assert";
import { citationFaults, citationsIn, citesInFirstComment, clauseTable, readSources } from "./rfc_index.ts";

const SIM = new URL("../", import.meta.url);

function clausesIn(text: string): string[] {
  return citationsIn(text).map(({ specification, clause, line }) => `${line}: ${specification} §${clause}`);
}

Deno.test("citationsIn finds each clause with its line", () => {
  assertEquals(clausesIn("a\n// RFC 3261 §17.1.2.2 and RFC 4320 §4\n\n/** I585 §9.1.1 item 3. */"), [
    "2: RFC 3261 §17.1.2.2",
    "2: RFC 4320 §4",
    "4: I585 §9.1.1",
  ]);
});

Deno.test("citationsIn reads lists of clauses of one specification", () => {
  assertEquals(clausesIn("(RFC 4028 §7.3, §7.4, RFC 6026 §7.1 and §8.5; RFC 4028 §4 to §9.)"), [
    "1: RFC 4028 §7.3",
    "1: RFC 4028 §7.4",
    "1: RFC 6026 §7.1",
    "1: RFC 6026 §8.5",
    "1: RFC 4028 §4",
    "1: RFC 4028 §9",
  ]);
});

Deno.test("citationsIn leaves the full stop of a sentence and takes appendices", () => {
  assertEquals(clausesIn("See RFC 3261 §12. Then RFC 3261 §A.1."), ["1: RFC 3261 §12", "1: RFC 3261 §A.1"]);
});

Deno.test("citationsIn takes no other form", () => {
  for (const text of ["RFC 3261", "RFC3261 §17", "RFC 3261 17.1", "rfc 3261 §1", "RFC 3261  §1", "§7"]) {
    assertEquals(citationsIn(text), [], text);
  }
});

Deno.test("citesInFirstComment looks at the comment that a file begins with only", () => {
  assert(citesInFirstComment("/** Via (RFC 3261 §20.42). */\nexport const a = 1;"));
  assert(citesInFirstComment("/**\n * Via.\n *\n * As RFC 3261 §20.42 says.\n */\n"));
  assert(!citesInFirstComment('/** Via. */\nimport "b";\n/** RFC 3261 §20.42. */\n'));
  assert(!citesInFirstComment("// RFC 3261 §20.42\n/** Via (RFC 3261 §20.42). */\n"));
  assert(!citesInFirstComment(""));
});

Deno.test("clauseTable orders clauses by number and names each place once", () => {
  const files = new Map([
    ["sip/b.ts", "// RFC 3261 §17.1.10, RFC 3261 §17.1.10\n// RFC 3261 §17.1.2"],
    ["sip/a.ts", "\n// RFC 3261 §17.1.2; RFC 989 §1"],
  ]);
  assertEquals(clauseTable(files), [
    "RFC 989 §1         sip/a.ts:2",
    "RFC 3261 §17.1.2   sip/b.ts:2 sip/a.ts:2",
    "RFC 3261 §17.1.10  sip/b.ts:1",
  ]);
  assertEquals(clauseTable(new Map()), []);
});

Deno.test("citationFaults names protocol files without clause, and exceptions that are none", () => {
  const files = new Map([
    ["sip/good.ts", "/** RFC 3261 §1. */"],
    ["sip/bare.ts", "/** Nothing. */"],
    ["msrp/deep/none.ts", "export {};"],
    ["sip/bare_test.ts", ""],
    ["msrp/bare_bench.ts", ""],
    ["ua/bare.ts", ""],
    ["sip/served.ts", "/** Served. */"],
    ["sip/cited.ts", "/** RFC 3261 §2. */"],
  ]);
  assertEquals(citationFaults(files, new Set(["sip/served.ts", "sip/cited.ts", "sip/gone.ts"])), [
    "sip/bare.ts: the first comment cites no clause",
    "msrp/deep/none.ts: the first comment cites no clause",
    "sip/cited.ts: cites a clause and is listed as one that need not",
    "sip/gone.ts: is listed as a file without clause and does not exist",
  ]);
});

Deno.test("readSources gives the texts of a tree in order of their paths", () => {
  const paths = [...readSources(SIM).keys()];
  assert(paths.includes("sip/dialog/dialog.ts") && paths.includes("tools/rfc_index.ts"));
  assert(paths.every((path) => path.endsWith(".ts")));
});

Deno.test("Every file of sip/ and msrp/ says first which clause it follows", () => {
  assertEquals(citationFaults(readSources(SIM)), []);
});

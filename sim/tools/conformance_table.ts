/**
 * Writes `sim/e2e/conformance/README.md`: which test proves which clause, from the names of the tests. With `--check`,
 * fails when the file differs from the names; with `--junit=FILE`, takes the results of a run in.
 *
 * deno run -R -W sim/tools/conformance_table.ts [--check] [--junit=FILE]
 */

/** A test by its name. */
export interface NamedTest {
  /** Path below `sim/`. */
  readonly file: string;
  readonly name: string;
}

/** One line of the change request, or one case of ours: what must be proven, or why it is not. */
interface Demand {
  readonly id: string;
  /** For lines of the change request: what it says, with its strength. */
  readonly says?: string;
  /** Cases of ours whose unit tests prove this as well. */
  readonly as?: readonly string[];
  /** Why there is no test. */
  readonly open?: string;
  /** What the test leaves out. */
  readonly remark?: string;
}

const FILE = new URL("../e2e/conformance/README.md", import.meta.url);
const SIM = new URL("../", import.meta.url);
const SUITE = "e2e/conformance/";

/** Every SHALL and SHOULD of change request I585, in its order. */
const CHANGE_REQUEST: readonly Demand[] = [
  { id: "S9a", says: "SHALL: pager mode below 1300 octets", as: ["T1"] },
  { id: "S9b", says: "SHALL: pager mode above them on a path known to be connection-oriented", as: ["T3"] },
  { id: "S9c", says: "shall: otherwise a session for the large message", as: ["T2", "T3", "T4", "T5"] },
  { id: "Release", says: "shall: the session closed by itself once the message is delivered", as: ["T42"] },
  { id: "S9.1.1-0", says: "SHALL: an initial request by the rules of RFC 3261", as: ["T20"] },
  { id: "S9.1.1-1", says: "SHALL: Accept-Contact with the IM feature tag", as: ["T12"] },
  { id: "S9.1.1-2", says: "SHALL: User-Agent with the IM release", as: ["T13"] },
  { id: "S9.1.1-3", says: "SHOULD: Allow with all supported methods", as: ["T14"] },
  { id: "S9.1.1-4", says: "SHALL: the IM feature tag in Contact", as: ["T15"] },
  { id: "S9.1.1-5", says: "SHALL: Privacy: id where anonymity is requested", as: ["T16"] },
  { id: "S9.1.1-6", says: "SHALL: option tag timer in Supported", as: ["T18"] },
  { id: "S9.1.1-7", says: "SHOULD: Session-Expires with refresher uac", as: ["T19"] },
  { id: "R1", says: "SHALL: the methods of Allow of any response are stored", as: ["T21", "T22"] },
  { id: "R2", says: "SHALL: the Session Identity of Contact is stored", as: ["T23", "T24"] },
  { id: "R3", says: "SHALL: the session timer starts with the 200", as: ["T25", "T27", "T28"] },
  {
    id: "S9.1.1-IMS",
    says: "SHALL: session establishment of 3GPP IMS where the core is one",
    open: "of 3GPP TS 24.229, Service-Route and P-Associated-URI are followed (T56); preconditions, 100rel, security " +
      "agreement and AKA are not: an MSRP session needs no reserved resources",
  },
];

const REMARKS: Readonly<Record<string, string>> = {
  T17: "a rejection by its status: the group itself is the server's",
  T39: "5000 octets of text/plain: the wrapper of message/cpim is not written yet",
};

/** The sixty cases and the lines of the change request. */
export const DEMANDS: readonly Demand[] = [
  ...CHANGE_REQUEST,
  ...Array.from({ length: 60 }, (_, index) => {
    const id = `T${index + 1}`;
    return { id, ...(REMARKS[id] === undefined ? {} : { remark: REMARKS[id] }) };
  }),
];

const TEST_REGEXP = /Deno\.test\(\s*(?:\{\s*name:\s*)?(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;
const ID_REGEXP = /^(T\d{1,2}|R\d|S9[a-z]|S9\.1\.1-\w+|Release) (.*?)(?: \(([^()]*)\))?$/;
/** Cases that a unit test names, first in its parentheses: "(T21, T22, I585 §9.1.1)". */
const CASES_REGEXP = /\((T\d{1,2}(?:, T\d{1,2})*)(?:, [^()]*)?\)$/;

/** Names of the tests in a source; what a template fills in becomes "…". */
export function testsIn(file: string, source: string): NamedTest[] {
  return [...source.matchAll(TEST_REGEXP)].map(([, plain, template]) => ({
    file,
    name: plain?.replace(/\\(.)/g, "$1") ?? template!.replace(/\$\{[^}]*\}/g, "…"),
  }));
}

/** Id, statement and clauses of a test of the suite; undefined for a name that does not begin with an id. */
export function partsOf(name: string): { id: string; what: string; clauses: string[] } | undefined {
  const match = ID_REGEXP.exec(name);
  if (match === null) return undefined;
  return { id: match[1]!, what: match[2]!, clauses: splitClauses(match[3] ?? "") };
}

/** "RFC 4028 §7.4, §10, I585 §9" as clauses, each with its specification. */
function splitClauses(text: string): string[] {
  let specification = "";
  return text.split(", ").filter((part) => part !== "").map((part) => {
    specification = /^(.*?) ?§/.exec(part)?.[1] || specification;
    return part.startsWith("§") ? `${specification} ${part}` : part;
  });
}

/** Unit tests by case: files, in order. */
function unitFilesOf(tests: readonly NamedTest[]): Map<string, string[]> {
  const files: Map<string, Set<string>> = new Map();
  for (const { file, name } of tests) {
    for (const id of CASES_REGEXP.exec(name)?.[1]?.split(", ") ?? []) {
      files.set(id, (files.get(id) ?? new Set()).add(file));
    }
  }
  return new Map([...files].map(([id, set]) => [id, [...set].sort()]));
}

/** One row of the table. */
interface Row {
  readonly id: string;
  readonly cells: readonly string[];
}

function rowOf(demand: Demand, suite: readonly NamedTest[], units: Map<string, string[]>, result: string): Row {
  const { id, says, as = [id], open, remark } = demand;
  const tests = suite.map((test) => ({ file: test.file, parts: partsOf(test.name)! })).filter(({ parts }) =>
    parts.id === id
  );
  const clauses = distinct(tests.flatMap(({ parts }) => parts.clauses));
  const whats = distinct(tests.map(({ parts }) => parts.what));
  const files = distinct([
    ...tests.map(({ file }) => file.slice(SUITE.length)),
    ...as.flatMap((each) => units.get(each) ?? []).map((file) => `../../${file}`),
  ]);
  const what = open === undefined ? whats.join("; ") : `not covered: ${open}`;
  return {
    id,
    cells: [
      id,
      clauses.length > 0 ? clauses.join(", ") : "I585 §9.1.1",
      says === undefined ? what : `**${says}.** ${what}`,
      files.map((file) => `[${file.split("/").at(-1)!.replace("_test.ts", "")}](${file})`).join(", "),
      open === undefined ? result : "not covered",
    ].map((cell, index) => index === 2 && remark !== undefined ? `${cell} (${remark})` : cell),
  };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

const HEAD = ["id", "clause", "what is proven", "tests", "result"];

/** A table as `deno fmt` leaves it. */
function tableOf(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map((row) => row.cells.map((cell) => cell.replaceAll("|", "\\|")))];
  const widths = HEAD.map((_, column) => Math.max(3, ...cells.map((line) => [...line[column]!].length)));
  const lineOf = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell + " ".repeat(widths[column]! - [...cell].length)).join(" | ")} |`;
  return [lineOf(cells[0]!), lineOf(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(lineOf)].join(
    "\n",
  );
}

/** The whole file. `results`: what a run gave, by id. */
export function tableText(tests: readonly NamedTest[], results: ReadonlyMap<string, string>): string {
  const suite = tests.filter(({ file, name }) => file.startsWith(SUITE) && partsOf(name) !== undefined);
  const units = unitFilesOf(tests.filter(({ file }) => !file.startsWith(SUITE)));
  const rows = DEMANDS.map((demand) => rowOf(demand, suite, units, results.get(demand.id) ?? "not run"));
  const count = CHANGE_REQUEST.length;
  return `# Conformance

Which test proves which clause. Written by \`deno task docs\` from the names of the tests; the results are those of the
run whose JUnit file \`sim/tools/conformance_table.ts --junit=FILE\` was given last. The tests here face a peer of plain
text on real sockets, which shares no code with \`sim/sip\`, \`sim/msrp\` and \`sim/sdp\`; those of \`sim/\` beside them face a
simulated network. What the suite sends and receives is read by tshark in
[peers_conformance_test.ts](../peers_conformance_test.ts).

    deno task test sim/e2e/conformance

## Change request I585

${tableOf(rows.slice(0, count))}

## Cases

${tableOf(rows.slice(count))}
`;
}

/** What is missing or unknown: demands without test and without a reason, and tests of the suite without a demand. */
export function gapsIn(tests: readonly NamedTest[]): string[] {
  const suite = tests.filter(({ file }) => file.startsWith(SUITE));
  const ids = new Set(suite.map(({ name }) => partsOf(name)?.id));
  const gaps = DEMANDS.filter(({ id, open }) => !ids.has(id) && open === undefined).map(({ id }) => `${id}: no test`);
  const known = new Set(DEMANDS.map(({ id }) => id));
  for (const { file, name } of suite) {
    const parts = partsOf(name);
    if (parts === undefined || !known.has(parts.id)) gaps.push(`${file}: no case is named by: ${name}`);
    else if (parts.clauses.length === 0) gaps.push(`${file}: no clause is cited by: ${name}`);
  }
  return gaps;
}

/** Results by id in a table that was written before. */
export function resultsIn(text: string): Map<string, string> {
  const rows = [...text.matchAll(/^\| ([TRS][\w.-]*) .*\| ([a-z ]+?) *\|$/gm)];
  return new Map(rows.map(([, id, result]) => [id!, result!]));
}

/** Results by id in a JUnit file of `deno test`: passed when all tests of that id did. */
export function resultsInJunit(xml: string): Map<string, string> {
  const results: Map<string, string> = new Map();
  const cases = xml.matchAll(/<testcase name="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g);
  for (const [, name, file, body = ""] of cases) {
    const id = file!.includes(SUITE) ? ID_REGEXP.exec(name!)?.[1] : undefined;
    if (id === undefined) continue;
    const result = /<(failure|error)\b/.test(body) ? "failed" : body.includes("<skipped") ? "left out" : "passed";
    const before = results.get(id) ?? "passed";
    results.set(id, before === "passed" ? result : before);
  }
  return results;
}

/** Names of all tests below `sim/`, in order of their files. */
export function readTests(folder: URL = SIM, prefix = ""): NamedTest[] {
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return readTests(new URL(`${name}/`, folder), `${prefix}${name}/`);
    return name.endsWith("_test.ts") ? testsIn(prefix + name, Deno.readTextFileSync(new URL(name, folder))) : [];
  });
}

/** What is wrong with the file as it stands. */
export function faultsOf(tests: readonly NamedTest[], written: string): string[] {
  const gaps = gapsIn(tests);
  if (tableText(tests, resultsIn(written)) === written) return gaps;
  return [...gaps, "sim/e2e/conformance/README.md differs from the names of the tests: run deno task docs"];
}

function textOf(file: URL | string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

if (import.meta.main) {
  const tests = readTests();
  const junit = Deno.args.find((argument) => argument.startsWith("--junit="))?.slice("--junit=".length);
  if (Deno.args.includes("--check")) {
    const faults = faultsOf(tests, textOf(FILE));
    for (const fault of faults) Deno.stderr.writeSync(new TextEncoder().encode(`${fault}\n`));
    if (faults.length > 0) Deno.exitCode = 1;
  } else {
    const results = junit === undefined ? resultsIn(textOf(FILE)) : resultsInJunit(Deno.readTextFileSync(junit));
    Deno.writeTextFileSync(FILE, tableText(tests, results));
  }
}

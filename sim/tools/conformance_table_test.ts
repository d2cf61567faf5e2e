import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  DEMANDS,
  faultsOf,
  gapsIn,
  partsOf,
  readTests,
  resultsIn,
  resultsInJunit,
  tableText,
  testsIn,
} from "./conformance_table.ts";

Deno.test("testsIn finds plain names, templates and names in options", () => {
  const source = 'Deno.test("T1 a \\"b\\" (I585 §9)", () => {});\n' +
    'Deno.test(`T2 ${method} sent (RFC 3261 §17)`, fn);\nDeno.test({\n  name: "T3 c",\n  fn });\n';
  assertEquals(testsIn("a_test.ts", source).map(({ name }) => name), [
    'T1 a "b" (I585 §9)',
    "T2 … sent (RFC 3261 §17)",
    "T3 c",
  ]);
});

Deno.test("partsOf takes a name apart, and gives each clause its specification", () => {
  assertEquals(partsOf("T22 an Allow (a list) counts (I585 §9.1.1 item 3, RFC 4028 §7.4, §10)"), {
    id: "T22",
    what: "an Allow (a list) counts",
    clauses: ["I585 §9.1.1 item 3", "RFC 4028 §7.4", "RFC 4028 §10"],
  });
  assertEquals(partsOf("S9.1.1-7 x (I585 §9)")?.id, "S9.1.1-7");
  assertEquals(partsOf("Release x (I585 §9)")?.id, "Release");
  assertEquals(partsOf("Symbol does x (T22, RFC 4028 §7)"), undefined);
});

Deno.test("tableText has a row for every demand, with unit tests that name the case and the result of the run", () => {
  const tests = [
    { file: "e2e/conformance/decision_test.ts", name: "T1 small is pager (I585 §9)" },
    { file: "ua/pager_test.ts", name: "Pager is small (T1, T2, I585 §9)" },
    { file: "sip/timers_test.ts", name: "transactionTimeout is 32 s with T1 (RFC 3261 Appendix A)" },
  ];
  const text = tableText(tests, new Map([["T1", "passed"]]));
  const rows = text.split("\n").filter((line) => line.startsWith("| T1 "));
  assertEquals(rows.length, 1);
  assertMatch(
    rows[0]!,
    /I585 §9 .* small is pager .*\[decision\]\(decision_test\.ts\), \[pager\]\(\.\.\/\.\.\/ua\/pager_test\.ts\) .* passed/,
  );
  for (const { id } of DEMANDS) assert(text.includes(`\n| ${id} `), id);
  assertEquals(resultsIn(text).get("T1"), "passed");
  assertEquals([resultsIn(text).get("T2"), resultsIn(text).get("S9.1.1-IMS")], ["not run", "not covered"]);
  assertEquals(tableText(tests, resultsIn(text)), text);
});

Deno.test("gapsIn names a case without test, a test without case, and one without clause", () => {
  const gaps = gapsIn([
    { file: "e2e/conformance/a_test.ts", name: "T1 without clause" },
    { file: "e2e/conformance/a_test.ts", name: "Something else (I585 §9)" },
    { file: "e2e/conformance/a_test.ts", name: "T61 beyond (I585 §9)" },
  ]);
  assert(gaps.includes("T60: no test") && !gaps.includes("T1: no test") && !gaps.includes("S9.1.1-IMS: no test"));
  assertEquals(gaps.filter((gap) => gap.startsWith("e2e/")).length, 3);
});

Deno.test("resultsInJunit counts a case as passed when all of its tests are", () => {
  const xml = (name: string, inner: string): string =>
    `<testcase name="${name}" classname="./sim/e2e/conformance/a_test.ts" time="0.1">${inner}</testcase>\n`;
  const results = resultsInJunit(
    xml("T1 a (x)", "") + xml("T1 b (x)", "<failure/>") + xml("T2 a (x)", "") + xml("T3 a (x)", "<skipped/>") +
      '<testcase name="T4 a" classname="./sim/ua/a_test.ts" time="0.1"/>',
  );
  assertEquals([...results], [["T1", "failed"], ["T2", "passed"], ["T3", "left out"]]);
});

Deno.test("The committed table has a row for every clause and agrees with the names of the tests", () => {
  const tests = readTests();
  const written = Deno.readTextFileSync(new URL("../e2e/conformance/README.md", import.meta.url));
  assertEquals(faultsOf(tests, written), []);
  assertEquals(DEMANDS.length, 76);
});

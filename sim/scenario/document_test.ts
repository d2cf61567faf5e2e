import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import process from "node:process";
import { MAX_FILE_SIZE, parseSource, type SourceDocument } from "./document.ts";
import type { ScenarioFault } from "./fault.ts";

function faultsOf(text: string): ScenarioFault[] {
  const source = parseSource(text, "x.yaml");
  assert(Array.isArray(source), "expected faults");
  return source;
}

function sourceOf(text: string): SourceDocument {
  const source = parseSource(text, "x.yaml");
  assert(!Array.isArray(source));
  return source as SourceDocument;
}

Deno.test("placeOf finds values, names, list entries and what is around something missing", () => {
  const source = sourceOf("name: a\nphases:\n  - {rate: 5/s, duration: 1s}\n  - rate: 6/s\n");
  assertEquals(source.placeOf(["name"]), { line: 1, column: 7 });
  assertEquals(source.placeOf(["name"], true), { line: 1, column: 1 });
  assertEquals(source.placeOf(["phases", 0, "duration"]), { line: 3, column: 27 });
  assertEquals(source.placeOf(["phases", 1, "rate"]), { line: 4, column: 11 });
  assertEquals(source.placeOf(["phases", 1, "duration"]), { line: 4, column: 5 });
  assertEquals(source.placeOf(["phases", 7]), { line: 2, column: 1 });
  assertEquals(source.placeOf([]), { line: 1, column: 1 });
});

Deno.test("placeOf follows aliases to where the value is written", () => {
  const source = sourceOf("a: &x {size: 5}\nb: *x\n");
  assertEquals(source.placeOf(["b", "size"]), { line: 1, column: 14 });
});

Deno.test("parseSource gives every fault of the syntax with its place", () => {
  const faults = faultsOf('a: 1\na: 2\nb: "open\n');
  assertEquals(faults.length, 2);
  assertEquals(faults[0], { file: "x.yaml", line: 2, column: 1, path: "", what: "Map keys must be unique" });
  assertEquals(faults[1]?.line, 4);
});

Deno.test("parseSource refuses tabs, unknown tags, several documents and nothing at all", () => {
  assertStringIncludes(faultsOf("a:\n\tb: 1\n")[0]!.what, "Tabs");
  assertStringIncludes(faultsOf("a: !secret 1\n")[0]!.what, "tag");
  assertStringIncludes(faultsOf("a: 1\n---\nb: 2\n")[0]!.what, "multiple documents");
  assertEquals(faultsOf("# only a comment\n")[0]!.what, "is empty");
});

Deno.test("parseSource refuses a file that grows by its anchors", () => {
  let bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (let i = 1; i < 10; i++) bomb += `a${i}: &a${i} [${Array(9).fill(`*a${i - 1}`).join(", ")}]\n`;
  assertStringIncludes(faultsOf(bomb)[0]!.what, "repeats anchors too often");
});

Deno.test("parseSource refuses a file that is too large or too deep", () => {
  assertStringIncludes(faultsOf(`a: ${"x".repeat(MAX_FILE_SIZE)}`)[0]!.what, "larger than");
  assertStringIncludes(faultsOf("[".repeat(100) + "]".repeat(100))[0]!.what, "nested too deeply");
  assertStringIncludes(faultsOf("[".repeat(50_000) + "]".repeat(50_000))[0]!.what, "nested too deeply");
});

Deno.test("parseSource reads JSON", () => {
  assertEquals(sourceOf('{"name": "a", "phases": [1]}').value, { name: "a", phases: [1] });
});

Deno.test("parseSource never throws on any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab:-[]{}&*!#|>\"'\n\t ,?%@") }), (text) => {
      parseSource(text, "x.yaml");
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseSource writes no warning of its own about a name that is a list", () => {
  const emitWarning = process.emitWarning;
  const warnings: unknown[] = [];
  process.emitWarning = (warning: unknown): void => void warnings.push(warning);
  try {
    assertEquals(sourceOf("? [a, b]\n: 1\n").value, { "[ a, b ]": 1 });
  } finally {
    process.emitWarning = emitWarning;
  }
  assertEquals(warnings, []);
});

import { assertEquals, assertMatch } from "@std/assert";
import { formatFault, formatPath, ScenarioError, sortFaults } from "./fault.ts";

const FAULT = { file: "a.yaml", line: 3, column: 5, path: "phases[0].rate", what: "is required" };

Deno.test("formatFault leaves out what a fault does not have", () => {
  assertEquals(formatFault(FAULT), "a.yaml:3:5: phases[0].rate: is required");
  assertEquals(formatFault({ ...FAULT, path: "" }), "a.yaml:3:5: is required");
  assertEquals(formatFault({ ...FAULT, file: "--set x=1", line: 0 }), "--set x=1: phases[0].rate: is required");
  assertEquals(formatFault({ ...FAULT, file: "", line: 0 }), "phases[0].rate: is required");
});

Deno.test("formatPath writes fields and indices as people do", () => {
  assertEquals(formatPath(["populations", 0, "messages", "size", 1]), "populations[0].messages.size[1]");
  assertEquals(formatPath([]), "");
});

Deno.test("sortFaults goes by line and column, those without a line last", () => {
  const at = (line: number, column: number) => ({ ...FAULT, line, column });
  const sorted = sortFaults([at(0, 0), at(10, 1), at(2, 9), at(2, 3)]);
  assertEquals(sorted.map(({ line, column }) => [line, column]), [[2, 3], [2, 9], [10, 1], [0, 0]]);
});

Deno.test("ScenarioError has one fault a line", () => {
  const error = new ScenarioError([FAULT, { ...FAULT, line: 9 }]);
  assertEquals(error.message.split("\n").length, 2);
  assertMatch(error.message, /^a\.yaml:3:5: .*\na\.yaml:9:5: /);
});

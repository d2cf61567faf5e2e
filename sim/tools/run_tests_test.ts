import { assertEquals, assertThrows } from "@std/assert";
import { groupOf, parseSelection, readJunit, unexplained } from "./run_tests.ts";

const JUNIT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="1" errors="0" time="0.115">
    <testsuite name="./sim/sip/via_test.ts" tests="3" disabled="1" errors="0" failures="1">
        <testcase name="x &gt; y &amp; &quot;z&quot;" classname="./sim/sip/via_test.ts" time="0.002" line="1" col="6">
            <failure message="no">Error: no &lt;&amp;&gt;</failure>
        </testcase>
        <testcase name="fine" classname="./sim/sip/via_test.ts" time="0.000" line="2" col="6">
        </testcase>
        <testcase name="left" classname="./sim/sip/via_test.ts" time="0.000" line="2" col="6">
            <skipped/>
        </testcase>
    </testsuite>
    <testsuite name="./sim/sip/uri_test.ts" tests="1" disabled="0" errors="0" failures="0">
        <testcase name="also fine" classname="./sim/sip/uri_test.ts" time="0.000" line="2" col="6"/>
    </testsuite>
</testsuites>
`;
const FILES = ["sim/sip/uri_test.ts", "sim/sip/via_test.ts"];

Deno.test("readJunit counts what passed, failed and was ignored, and names what failed", () => {
  const { files, ...tally } = readJunit(JUNIT);
  assertEquals(tally, { passed: 2, ignored: 1, failures: ['sim/sip/via_test.ts: x > y & "z"'] });
  assertEquals([...files].sort(), FILES);
});

Deno.test("readJunit takes no step of a first try for a failure when the test passed when it was run again", () => {
  const retried = (test: string) =>
    `<testsuite name="./sim/e2e/run_test.ts"><testcase name="run &gt; begins" classname="./sim/e2e/run_test.ts">
    <failure message="no">no</failure></testcase><testcase name="run &gt; begins" classname="./sim/e2e/run_test.ts"/>
    <testcase name="run" classname="./sim/e2e/run_test.ts">${test}</testcase></testsuite>`;
  assertEquals(readJunit(retried("")).failures, []);
  assertEquals(readJunit(retried(`<failure message="no">no</failure>`)).failures, [
    "sim/e2e/run_test.ts: run > begins",
    "sim/e2e/run_test.ts: run",
  ]);
});

Deno.test("unexplained finds a file that failed before its first test: JUnit does not have it", () => {
  const seen = { ...readJunit(JUNIT), failures: [] };
  assertEquals(unexplained(1, [...FILES, "sim/sip/cseq_test.ts"], seen, false), [
    "sim/sip/cseq_test.ts: could not be run",
  ]);
});

Deno.test("unexplained says so when nothing ran, as after a type error, or when no test explains the end", () => {
  assertEquals(unexplained(1, FILES, readJunit(""), false), ["deno test ended with 1 before the first test"]);
  const seen = { ...readJunit(JUNIT), failures: [] };
  assertEquals(unexplained(143, FILES, seen, false), ["deno test ended with 143 although every test passed"]);
});

Deno.test("unexplained adds nothing when all is well, or a test explains the end", () => {
  assertEquals(unexplained(0, FILES, readJunit(""), true), []);
  assertEquals(unexplained(1, FILES, readJunit(JUNIT), false), []);
  assertEquals(unexplained(1, [...FILES, "sim/other_test.ts"], readJunit(JUNIT), true), []);
});

Deno.test("groupOf tells whole runs from units by their folder, and those against other programs by their name", () => {
  assertEquals(groupOf("sim/sip/via_test.ts"), "unit");
  assertEquals(groupOf("sim/e2e/peers/sipp_test.ts"), "unit");
  assertEquals(groupOf("sim/e2e/run_test.ts"), "e2e");
  assertEquals(groupOf("sim/e2e/conformance/decision_test.ts"), "e2e");
  assertEquals(groupOf("sim/e2e/peers_harness_test.ts"), "peers");
  assertEquals(groupOf("sim/e2e/k6/orchestrate_test.ts"), "k6");
});

Deno.test("parseSelection reads every option and parts of paths", () => {
  assertEquals(parseSelection([]), { peers: true, update: false, filter: undefined, pathParts: [] });
  assertEquals(parseSelection(["--peers=none", "sim/sip", "--update", "--filter=/Via/", "msrp"]), {
    peers: false,
    update: true,
    filter: "/Via/",
    pathParts: ["sim/sip", "msrp"],
  });
  assertThrows(() => parseSelection(["--quick"]), Error, "Cannot understand --quick");
});

/** What the scripts for k6 do without k6: their types, their settings, their summary. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { factorAt, readSettings } from "../k6/settings.js";
import { junitOf, textOf } from "../k6/summary.js";
import { toK6Thresholds } from "../report/k6_thresholds.ts";
import { runToEnd } from "./peers/child.ts";
import { ROOT } from "./program.ts";

const FILES: Record<string, string> = {
  token: " secret\n",
  "s.yaml": "name: x",
  "t.json": '{"im_reports":["count>0"]}',
};
const ENVIRONMENT = {
  IMSTORM_AGENTS: "http://127.0.0.1:7070/, https://agent-1:7070",
  IMSTORM_TOKEN_FILE: "token",
  IMSTORM_SCENARIO: "s.yaml",
  IMSTORM_THRESHOLDS: "t.json",
};

function settingsOf(more: Record<string, string>) {
  return readSettings({ ...ENVIRONMENT, ...more }, (path: string) => FILES[path] ?? "");
}

Deno.test("the scripts use k6 as @types/k6 says", async () => {
  const names = (await Array.fromAsync(Deno.readDir(`${ROOT}sim/k6`), ({ name }) => name)).filter((name) =>
    name.endsWith(".js")
  );
  const check = (files: string[]) =>
    runToEnd(Deno.execPath(), ["check", "--quiet", ...files], 120_000, { folder: ROOT });
  const { code, errors } = await check(names.map((name) => `sim/k6/${name}`));
  assertEquals([code, errors], [0, ""]);
  const wrong = `${ROOT}sim/k6/wrong_${crypto.randomUUID()}.js`;
  try {
    await Deno.writeTextFile(wrong, 'import { sleep } from "k6";\nsleep("1");\n');
    assertStringIncludes((await check([wrong])).errors, "TS2345");
  } finally {
    await Deno.remove(wrong);
  }
});

Deno.test("settings come from the environment, with defaults", () => {
  const { agents, token, thresholds, stages, seed, poll } = settingsOf({
    IMSTORM_STAGES: "30s:1,1.5m:2",
    IMSTORM_SEED: "7",
  });
  assertEquals(agents, ["http://127.0.0.1:7070", "https://agent-1:7070"]);
  assertEquals([token, thresholds, seed, poll], ["secret", { im_reports: ["count>0"] }, 7, 1]);
  assertEquals(stages, [{ duration: 30, target: 1 }, { duration: 90, target: 2 }]);
});

Deno.test("all faults of the environment are said at once", () => {
  const error = assertThrows(
    () =>
      settingsOf({
        IMSTORM_AGENTS: "127.0.0.1:7070",
        IMSTORM_SCENARIO: "",
        IMSTORM_STAGES: "30:1",
        IMSTORM_POLL_S: "0",
        IMSTORM_THRESHOLDS: "token",
      }),
    Error,
  );
  for (
    const part of ["127.0.0.1:7070", "IMSTORM_SCENARIO: missing", '"30:1"', "IMSTORM_POLL_S", "IMSTORM_THRESHOLDS"]
  ) {
    assertStringIncludes(error.message, part);
  }
});

Deno.test("stages are ramps from the factor before, as k6's are", () => {
  const stages = [{ duration: 10, target: 2 }, { duration: 0, target: 5 }, { duration: 10, target: 0 }];
  assertEquals([-1, 0, 5, 10, 15, 20, 99].map((elapsed) => factorAt(stages, elapsed)), [1, 1, 1.5, 5, 2.5, 0, 0]);
  assertEquals(factorAt([], 3), 1);
});

Deno.test("the summary shows failed gates first, and JUnit escapes them", () => {
  const metrics = {
    "im_messages": { values: { count: 9 } },
    "im_messages{outcome:lost}": { values: { count: 0 }, thresholds: { "count==0": { ok: true } } },
    "im_latency_ms{q:p99}": { values: { value: 61.25 }, thresholds: { "value<50": { ok: false } } },
  };
  const lines = textOf({ metrics }).trim().split("\n");
  assertEquals(lines.map((line: string) => line.trim().split(/\s+/)[0]), ["FAILED", "passed", "1"]);
  assertStringIncludes(lines[0]!, "61.25");
  const junit = junitOf({ metrics });
  assertStringIncludes(junit, 'tests="2" failures="1"');
  assertStringIncludes(junit, "value&lt;50");
});

Deno.test("scripts and thresholds have the same names of metrics", async () => {
  const script = await Deno.readTextFile(`${ROOT}sim/k6/measurements.js`);
  const gates = toK6Thresholds([
    "pager_accept.p99 < 1s",
    "messages.lost == 0",
    "sessions.leaked == 0",
    "pager.success_ratio > 1%",
  ]);
  for (const metric of Object.keys(gates)) assert(script.includes(`"${metric.replace(/\{.*/, "")}"`), metric);
});

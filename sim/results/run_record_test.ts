import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { scenarioSchema } from "../scenario/scenario.ts";
import { closeManifest, IMSTORM_VERSION, openManifest, RESULTS_FORMAT, scenarioHash } from "./run_record.ts";

const SCENARIO = scenarioSchema.parse({
  name: "trial",
  seed: 7,
  target: { uri: "embedded" },
  populations: [{ name: "phones", clients: 2, user: "user{n}" }],
  phases: [{ executor: "constant-arrival-rate", rate: "1/s", duration: "1s" }],
});
const STARTED = new Date("2026-03-01T04:05:06.789Z");

Deno.test("openManifest says what runs and where", () => {
  const manifest = openManifest({ scenario: SCENARIO, scenarioFile: "trial.yaml", workers: 2, startedAt: STARTED });
  assertEquals([manifest.format, manifest.seed, manifest.workers], [RESULTS_FORMAT, 7, 2]);
  assertEquals([manifest.outcome, manifest.started_at, manifest.ended_at], ["running", STARTED.toISOString(), null]);
  assertEquals(manifest.versions, { imstorm: IMSTORM_VERSION, deno: Deno.version.deno, v8: Deno.version.v8 });
  assert(manifest.machine.cpus >= 1);
  assertEquals(manifest.scenario_file, "trial.yaml");
});

Deno.test("openManifest survives JSON", () => {
  const manifest = openManifest({ scenario: SCENARIO, workers: 1, startedAt: STARTED });
  const read = JSON.parse(JSON.stringify(manifest));
  assertEquals(scenarioHash(read.scenario), manifest.scenario_sha256);
  assertEquals(read.scenario_file, null);
});

Deno.test("openManifest masks passwords, and two runs that differ in them have different hashes", () => {
  const withPassword = (password: string): typeof SCENARIO =>
    scenarioSchema.parse({
      name: "trial",
      target: { uri: "embedded" },
      populations: [{ name: "phones", clients: 2, user: "user{n}", auth: { username: "user{n}", password } }],
      phases: [{ executor: "constant-arrival-rate", rate: "1/s", duration: "1s" }],
    });
  const manifest = openManifest({ scenario: withPassword("hunter2"), workers: 1, startedAt: STARTED });
  assert(!JSON.stringify(manifest).includes("hunter2"));
  assertStringIncludes(JSON.stringify(manifest), '"password":"***"');
  assert(manifest.scenario_sha256 !== scenarioHash(withPassword("hunter3")));
});

Deno.test("closeManifest adds how it ended and keeps the rest", () => {
  const manifest = openManifest({ scenario: SCENARIO, workers: 1, startedAt: STARTED });
  const transport = { implementation: "batched", reason: "Linux with FFI" };
  const endedAt = new Date("2026-03-01T04:06:00Z");
  const found = { clock: { "offset_us": 3, "error_us": 40 }, notes: ["a note"] };
  const closed = closeManifest(manifest, { outcome: "completed", detail: "", transport, endedAt, ...found });
  assertEquals(closed, {
    ...manifest,
    outcome: "completed",
    detail: "",
    transport,
    ...found,
    ended_at: "2026-03-01T04:06:00.000Z",
  });
});

Deno.test("scenarioHash does not depend on the order of keys, and does on every value", () => {
  const reversed = Object.fromEntries(Object.entries(SCENARIO).toReversed()) as typeof SCENARIO;
  assertEquals(scenarioHash(reversed), scenarioHash(SCENARIO));
  assert(scenarioHash({ ...SCENARIO, seed: 8 }) !== scenarioHash(SCENARIO));
  assertMatch(scenarioHash(SCENARIO), /^[0-9a-f]{64}$/);
});

/** Writer and reader of a results folder together. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Evidence } from "../metrics/evidence.ts";
import { Recorder } from "../metrics/recorder.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import { scenarioSchema } from "../scenario/scenario.ts";
import { readRun } from "./reader.ts";
import { openManifest } from "./run_record.ts";
import { ResultsWriter } from "./writer.ts";

const SCENARIO = scenarioSchema.parse({
  name: "trial",
  target: { uri: "embedded" },
  populations: [{ name: "phones", clients: 2, user: "user{n}" }],
  phases: [{ executor: "constant-arrival-rate", rate: "1/s", duration: "1s" }],
});
const STARTED = new Date("2026-03-01T04:05:06Z");
const CLOSING = {
  outcome: "completed" as const,
  detail: "",
  transport: { implementation: "portable", reason: "asked for" },
  endedAt: new Date("2026-03-01T04:05:09Z"),
};
const EVIDENCE: Evidence = {
  at: 12.5,
  kind: "timed_out",
  sender: 0,
  receiver: 1,
  sequence: 3,
  mode: "pager",
  detail: "no final response",
  messages: [{ direction: "sent", at: 12, text: "MESSAGE sip:bob@ims.example SIP/2.0\r\n" }],
};

function snapshots(): Snapshot[] {
  const recorder = new Recorder(1);
  return [0, 1].map((index) => {
    recorder.count("messages.attempted", index + 1);
    recorder.latency("pager_accept", index + 1.5);
    recorder.gauge("sessions.open", 3);
    return recorder.take(index, 1000.25 * (index + 1));
  });
}

function inTempFolder(act: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    act(`${folder}/run`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function written(folder: string): ResultsWriter {
  const writer = ResultsWriter.create(folder, openManifest({ scenario: SCENARIO, workers: 1, startedAt: STARTED }));
  snapshots().forEach((each) => writer.append(each));
  writer.evidence(EVIDENCE);
  return writer;
}

Deno.test("readRun gives back what ResultsWriter was given", () => {
  inTempFolder((folder) => {
    const manifest = written(folder).finish(CLOSING);
    const run = readRun(folder);
    assertEquals(run.snapshots, snapshots());
    assertEquals(run.evidence, [EVIDENCE]);
    assertEquals(run.manifest, JSON.parse(JSON.stringify(manifest)));
    assertEquals([run.complete, run.faults, run.manifest.outcome], [true, [], "completed"]);
  });
});

Deno.test("readRun reads a run that was killed: everything that was appended, and the fault", () => {
  inTempFolder((folder) => {
    const writer = written(folder);
    const run = readRun(folder);
    writer.abandon();
    assertEquals(run.snapshots.length, 2);
    assertEquals(run.evidence.length, 1);
    assertEquals([run.complete, run.manifest.outcome, run.manifest.ended_at], [false, "running", null]);
    assertStringIncludes(run.faults.join("\n"), "series.msgpack: there is no footer");
  });
});

Deno.test("readRun reads a file that was cut off inside a record", () => {
  inTempFolder((folder) => {
    written(folder).abandon();
    const path = `${folder}/series.msgpack`;
    Deno.truncateSync(path, Deno.statSync(path).size - 5);
    const run = readRun(folder);
    assertEquals(run.snapshots.length, 1);
    assertStringIncludes(run.faults.join("\n"), "series.msgpack: the last record is cut off");
  });
});

Deno.test("readRun reports a missing file, records of another kind and another format", () => {
  inTempFolder((folder) => {
    const writer = written(folder);
    writer.append({ strange: true } as unknown as Snapshot);
    const manifest = writer.finish(CLOSING);
    Deno.removeSync(`${folder}/evidence.msgpack`);
    Deno.writeTextFileSync(`${folder}/run.json`, JSON.stringify({ ...manifest, format: 2 }));
    const { faults, snapshots } = readRun(folder);
    assertEquals(snapshots.length, 2);
    assertStringIncludes(faults[0]!, "format 2");
    assertStringIncludes(faults[1]!, "1 of 3 records are of another kind");
    assertStringIncludes(faults[2]!, "evidence.msgpack");
  });
});

Deno.test("readRun refuses a folder without a manifest", () => {
  inTempFolder((folder) => {
    assertThrows(() => readRun(folder), Error, "Cannot read run");
    Deno.mkdirSync(folder);
    Deno.writeTextFileSync(`${folder}/run.json`, "[1]");
    assertThrows(() => readRun(folder), Error, "is no manifest");
  });
});

Deno.test("ResultsWriter refuses a folder that has a run", () => {
  inTempFolder((folder) => {
    written(folder).finish(CLOSING);
    assertThrows(() => written(folder), Error, "not empty");
  });
});

Deno.test("ResultsWriter writes reports beside the series", () => {
  inTempFolder((folder) => {
    const writer = written(folder);
    writer.finish(CLOSING);
    writer.report("summary", "{}\n");
    assertEquals(Deno.readTextFileSync(`${folder}/summary.json`), "{}\n");
    assert(readRun(folder).complete);
  });
});

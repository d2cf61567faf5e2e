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
  const recorder = new Recorder(0);
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

/** Where the footer starts. */
function recordsEnd(octets: Uint8Array): number {
  const footer = new TextEncoder().encode("footer");
  return octets.findIndex((_, at) => footer.every((octet, i) => octets[at + i] === octet)) - 2;
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

Deno.test("readRun notes that an older version, whose runs have no identifier, counted less", () => {
  inTempFolder((folder) => {
    written(folder).finish(CLOSING);
    const path = `${folder}/run.json`;
    const { run_id: _, ...older } = JSON.parse(Deno.readTextFileSync(path));
    assertEquals(readRun(folder).manifest.notes ?? [], []);
    Deno.writeTextFileSync(path, JSON.stringify(older));
    assertStringIncludes(readRun(folder).manifest.notes!.join(), "an older version wrote this run");
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
    assertStringIncludes(run.faults.join("\n"), "what is left ends with second 1 of the run");
    assertEquals(run.notes, [], "reports are not missed before the end");
  });
});

Deno.test("readRun gives the whole seconds of a series that was cut at any octet, and never calls the run complete", () => {
  inTempFolder((folder) => {
    written(folder).finish(CLOSING);
    const path = `${folder}/series.msgpack`;
    const octets = Deno.readFileSync(path);
    const all = snapshots();
    for (let size = 0; size < octets.length; size++) {
      Deno.writeFileSync(path, octets.subarray(0, size));
      const run = readRun(folder);
      assertEquals(run.snapshots, all.slice(0, run.snapshots.length), `cut at ${size}`);
      // completed, says run.json, but the end is not there
      assertEquals([run.complete, run.manifest.outcome], [false, "running"], `cut at ${size}`);
      assertStringIncludes(run.faults.join("\n"), "series.msgpack: ");
    }
  });
});

Deno.test("readRun leaves records of another run out, wherever they come from", () => {
  inTempFolder((folder) => {
    written(folder).finish(CLOSING);
    const path = `${folder}/series.msgpack`;
    const own = Deno.readFileSync(path);
    const other = `${folder}-other`;
    written(other).finish(CLOSING);
    Deno.copyFileSync(`${other}/series.msgpack`, path);
    Deno.copyFileSync(`${other}/evidence.msgpack`, `${folder}/evidence.msgpack`);
    const swapped = readRun(folder);
    assertEquals([swapped.snapshots, swapped.evidence, swapped.complete], [[], [], false]);
    assertStringIncludes(swapped.faults[0]!, "2 of 2 records belong to another run");
    // one file after the other, the footer between them and without it
    const foreign = Deno.readFileSync(`${other}/series.msgpack`);
    Deno.writeFileSync(path, new Uint8Array([...own, ...foreign]));
    assertEquals(readRun(folder).snapshots, snapshots());
    Deno.writeFileSync(path, new Uint8Array([...own.subarray(0, recordsEnd(own)), ...foreign]));
    assertEquals([readRun(folder).snapshots, readRun(folder).manifest.outcome], [snapshots(), "running"]);
  });
});

Deno.test("readRun counts a second once that is there twice", () => {
  inTempFolder((folder) => {
    const writer = written(folder);
    snapshots().forEach((each) => writer.append(each));
    writer.finish(CLOSING);
    const { snapshots: read, faults } = readRun(folder);
    assertEquals(read, snapshots());
    assertStringIncludes(faults[0]!, "2 of 4 records are there twice");
  });
});

Deno.test("readRun reports a missing file, records of another kind, and seconds that are not there", () => {
  inTempFolder((folder) => {
    const writer = written(folder);
    const [first] = snapshots();
    for (const strange of [{ strange: true }, { ...first!, index: 3, counters: { "messages.lost": -1 } }]) {
      writer.append(strange as unknown as Snapshot);
    }
    writer.append({ ...first!, index: 4, at: 5000 });
    writer.finish(CLOSING);
    Deno.removeSync(`${folder}/evidence.msgpack`);
    const { faults, snapshots: read } = readRun(folder);
    assertEquals(read.length, 3);
    assertEquals(faults, [
      "series.msgpack: 2 of 5 records are of another kind",
      "series.msgpack: what is left ends with second 4 of the run; later ones are missing",
      "series.msgpack: worker 0 lacks seconds 2 to 3",
      "evidence.msgpack: the file is missing",
    ]);
  });
});

Deno.test("readRun notes missing reports without calling the run incomplete", () => {
  inTempFolder((folder) => {
    written(folder).finish(CLOSING);
    const { complete, notes } = readRun(folder);
    assertEquals([complete, notes.length], [true, 2]);
    assertStringIncludes(notes[0]!, "summary.json is missing");
  });
});

Deno.test("readRun notices a scenario that was changed after the run", () => {
  inTempFolder((folder) => {
    const manifest = written(folder).finish(CLOSING);
    const scenario = { ...manifest.scenario, description: "another one" };
    Deno.writeTextFileSync(`${folder}/run.json`, JSON.stringify({ ...manifest, scenario }));
    assertStringIncludes(readRun(folder).faults[0]!, "not the one of its hash");
  });
});

Deno.test("readRun refuses another format, whose figures could mean something else", () => {
  inTempFolder((folder) => {
    const manifest = written(folder).finish(CLOSING);
    Deno.writeTextFileSync(`${folder}/run.json`, JSON.stringify({ ...manifest, format: 2 }));
    assertThrows(() => readRun(folder), Error, "has format 2, this imstorm reads format 1");
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
    assertEquals(readRun(folder).notes, ["junit.xml is missing; every report is made again from the series"]);
  });
});

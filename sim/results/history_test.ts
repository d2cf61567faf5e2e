import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { sampleManifest, sampleScenario } from "../testing/sample_run.ts";
import { historyIn, surplusRuns } from "./history.ts";
import type { Manifest } from "./run_record.ts";

function inResults(act: (folder: string, store: (name: string, change?: Partial<Manifest>) => void) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    act(folder, (name, change = {}) => {
      Deno.mkdirSync(`${folder}/${name}`);
      Deno.writeTextFileSync(`${folder}/${name}/run.json`, JSON.stringify(sampleManifest(change)));
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function nameOf(day: number, scenario = "office-hours"): string {
  return `2026-03-0${day}T02-00-00Z-${scenario}`;
}

function startOf(day: number): Partial<Manifest> {
  return { "started_at": `2026-03-0${day}T02:00:00.000Z` };
}

Deno.test("historyIn gives the runs of a folder by their start, with summaries and reports where they are", () => {
  inResults((folder, store) => {
    store(nameOf(2), startOf(2));
    store("baseline", startOf(1));
    Deno.writeTextFileSync(`${folder}/baseline/summary.json`, '{"format": 1}');
    Deno.writeTextFileSync(`${folder}/${nameOf(2)}/summary.json`, "cut o");
    Deno.mkdirSync(`${folder}/notes`);
    Deno.writeTextFileSync(`${folder}/README.md`, "mine");
    const { runs, faults } = historyIn(folder);
    assertEquals(runs.map(({ name }) => name), ["baseline", nameOf(2)]);
    assertEquals(runs.map(({ summary }) => summary), [{ format: 1 }, undefined]);
    assertEquals([runs[0]!.reports, faults], [["summary.json"], []]);
  });
});

Deno.test("historyIn names runs that it cannot read, and goes on", () => {
  inResults((folder, store) => {
    store(nameOf(1), startOf(1));
    store(nameOf(2), { format: 2 });
    const { runs, faults } = historyIn(folder);
    assertEquals(runs.length, 1);
    assertStringIncludes(faults[0]!, "has format 2");
    assertThrows(() => historyIn(`${folder}/none`), Deno.errors.NotFound);
  });
});

Deno.test("surplusRuns are the earliest of a scenario, never others, those with a name of their own, or running ones", () => {
  inResults((folder, store) => {
    for (const day of [1, 2, 3, 4, 5]) store(nameOf(day), startOf(day));
    store("office-hours-before-the-upgrade", startOf(1));
    store(nameOf(6), { ...startOf(1), outcome: "running" });
    store(nameOf(1, "other"), { ...startOf(1), scenario: { ...sampleScenario(), name: "other" } });
    // looks like one of ours, and is a run of another scenario
    store(nameOf(7), { ...startOf(1), scenario: { ...sampleScenario(), name: "other" } });
    const { runs } = historyIn(folder);
    const surplus = (keep: number, spared: string[] = []): string[] =>
      surplusRuns(runs, "office-hours", keep, spared).map(({ name }) => name);
    assertEquals(surplus(3), [nameOf(1), nameOf(2)]);
    assertEquals(surplus(3, [`${folder}/./${nameOf(1)}/`]), [nameOf(2)]);
    assertEquals(surplus(5), []);
    assertEquals(surplus(1).length, 4);
  });
});

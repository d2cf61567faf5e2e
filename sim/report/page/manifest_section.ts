/** What was run, exactly: enough to run it again. */
import type { Manifest, ManifestAgent } from "../../results/run_record.ts";
import { showOctets } from "../units.ts";
import { type Insertion, type Markup, markup } from "./markup.ts";
import { section, tableOf } from "./tables.ts";

/** The manifest as a table, and the scenario as it was resolved. */
export function manifestSection(manifest: Manifest, faults: readonly string[]): Markup {
  const { machine, versions, transport } = manifest;
  const memory = machine.memory_bytes === null ? "" : `, ${showOctets(machine.memory_bytes)} of memory`;
  const rows: Insertion[][] = [
    ["scenario", manifest.scenario_file ?? "from a program"],
    ["SHA-256 of the scenario", markup`<code class="long">${manifest.scenario_sha256}</code>`],
    ["seed", String(manifest.seed)],
    ["workers", String(manifest.workers)],
    ["started", manifest.started_at],
    ["ended", manifest.ended_at ?? "not recorded: the run was killed or still runs"],
    ["outcome", manifest.detail === "" ? manifest.outcome : `${manifest.outcome}: ${manifest.detail}`],
    ["UDP", transport === null ? "not recorded" : `${transport.implementation}: ${transport.reason}`],
    [
      "machine",
      `${machine.hostname ?? ""} ${machine.os} ${machine.architecture}, ${machine.cpus} processors${memory}`.trim(),
    ],
    ["kernel", machine.kernel ?? "not permitted to know"],
    ["versions", `imstorm ${versions.imstorm}, Deno ${versions.deno}, V8 ${versions.v8}`],
    ...(manifest.agents ?? []).map((agent): Insertion[] => [`agent ${agent.index}`, agentText(agent)]),
    ["format of the results", String(manifest.format)],
  ];
  return section("manifest", "What was run", undefined, [
    faults.length === 0
      ? markup`<p class="muted">The results folder is complete.</p>`
      : markup`<p>The results folder is not complete:</p><ul>${faults.map((fault) => markup`<li>${fault}</li>`)}</ul>`,
    tableOf({ caption: "Manifest", head: ["", "value"], rows, texts: [1], isQuiet: true }),
    markup`<details><summary>The scenario with every default filled in</summary><pre>${
      JSON.stringify(manifest.scenario, null, 2)
    }</pre></details>`,
  ]);
}

function agentText({ url, lost, clock_offset_us: offset, clock_error_us: error }: ManifestAgent): string {
  const clock = offset === null || error === null
    ? "clock not compared"
    : `clock ${offset} µs from the lead's, ± ${error} µs`;
  return `${url ?? "the lead"}, ${clock}${lost === null ? "" : `; lost: ${lost}`}`;
}

/** Histogram logs, read by HdrHistogram's own tool. */
import { assert, assertEquals } from "@std/assert";
import type { Summary } from "../report/summary.ts";
import { processTag } from "./peers/hdr_processor.ts";
import { runProgram } from "./program.ts";
import { Folder, SHARED_MACHINE } from "./scenario_run.ts";

/** Two workers, both modes. */
const SCENARIO = `
name: logged
target: { uri: embedded }
populations:
  - name: phones
    clients: 20
    register: { rate: 200/s }
    messages: { size: [{ weight: 3, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 150/s, duration: 3s }
`;

Deno.test("HdrHistogram's own tool reads the log of a run and finds the figures of its summary", async () => {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", SCENARIO);
  const [out, live, rebuilt] = ["out", "live.hlog", "rebuilt.hlog"].map((name) => `${folder.path}/${name}`);
  const end = await runProgram(["run", file, "--out", out!, "--workers", "2", "--hdr-log", live!, ...SHARED_MACHINE]);
  assertEquals(end.code, 0, end.stderr);
  const report = await runProgram(["report", out!, "--format", "hdr-log"]);
  await Deno.writeTextFile(rebuilt!, report.stdout);
  const { latency_us: whole, latency_parts_us: parts }: Summary = JSON.parse(
    await Deno.readTextFile(`${out}/summary.json`),
  );
  const sources = [
    [live, "pager_accept", whole.pager_accept],
    [live, "large_phase{phase=setup}", parts["large_phase{phase=setup}"]!],
    [rebuilt, "pager_accept", whole.pager_accept],
  ] as const;
  for (const [log, tag, summary] of sources) {
    const { count, p50, p99, p999, max } = await processTag(log!, tag, `${folder.path}/processed`);
    assertEquals({ count, p50, p99, p999, max }, {
      count: summary.count,
      p50: summary.p50!,
      p99: summary.p99!,
      p999: summary.p999!,
      max: summary.max!,
    }, `${tag} of ${log}`);
    assert(count > 50, tag);
  }
});

import { assert, assertEquals } from "@std/assert";
import { LARGE_PHASES } from "../metrics/dimensions.ts";
import { Recorder } from "../metrics/recorder.ts";
import { sampleManifest } from "../testing/sample_run.ts";
import { summarise, type Summary } from "./summary.ts";
import { partRows, phaseLines } from "./text_parts.ts";

function summaryWith(fill: (recorder: Recorder) => void): Summary {
  const recorder = new Recorder();
  fill(recorder);
  return summarise(sampleManifest({ workers: 1 }), [recorder.take(0, 1000)]);
}

Deno.test("partRows shows parts where a latency has more than one, and leaves sizes to the page", () => {
  const summary = summaryWith((recorder) => {
    for (const size of ["b1024", "b64", "b128"]) recorder.latencyBy("pager_accept", "size", size, 3);
    for (const response of ["2xx", "4xx"]) recorder.latencyBy("pager_response", "response", response, 3);
    recorder.latencyBy("pager_accept", "transport", "udp", 4);
  });
  const rows = partRows(summary).slice(1).map((line) => line.trim().split(/\s+/)[0]);
  assertEquals(rows, ["pager_response{response=2xx}", "pager_response{response=4xx}"]);
  const sizes = Object.keys(summary.latency_parts_us).filter((name) => name.includes("size="));
  assertEquals(sizes, ["pager_accept{size=b64}", "pager_accept{size=b128}", "pager_accept{size=b1024}"]);
  assertEquals(partRows(summaryWith(() => {})), []);
});

Deno.test("phaseLines adds the phases up to the whole, those that took nothing left out", () => {
  const summary = summaryWith((recorder) => {
    for (const phase of LARGE_PHASES.slice(0, 3)) {
      recorder.latencyOfId(recorder.latencyId(`large_phase{phase=${phase}}`), 2);
    }
    recorder.latency("large_whole", 6);
  });
  const text = phaseLines(summary).join(" ").replaceAll(/\s+/g, " ");
  assert(/setup 2(\.\d+)? ms \+ connect .* \+ first octet .* = 6(\.\d+)? ms on average/.test(text), text);
  assertEquals(phaseLines(summaryWith(() => {})), []);
});

import { assert, assertEquals } from "@std/assert";
import { sampleManifest, sampleSnapshots } from "../testing/sample_run.ts";
import { toOpenMetrics } from "./run_metrics.ts";
import { summarise } from "./summary.ts";

Deno.test("toOpenMetrics has what ran, how it ended, its thresholds and its figures, and the end mark", () => {
  const manifest = sampleManifest();
  const snapshots = sampleSnapshots();
  const summary = summarise(manifest, snapshots);
  const text = toOpenMetrics({ manifest, snapshots }, summary);
  const lines = new Set(text.split("\n"));
  for (
    const line of [
      'imstorm_run_info{version="0.1.0",scenario="office-hours",target="sip:127.0.0.1:5060;transport=udp",seed="42",' +
      'workers="2"} 1',
      'imstorm_run_state{state="completed"} 1',
      'imstorm_run_state{state="interrupted"} 0',
      'imstorm_measurement_validity{validity="valid"} 1',
      'imstorm_threshold_passed{expression="messages.lost == 0"} 0',
      `imstorm_messages_attempted_total{mode="pager"} ${summary.messages.pager.attempted}`,
      `imstorm_message_accept_seconds_count{mode="pager"} ${summary.latency_us.pager_accept.count}`,
    ]
  ) assert(lines.has(line), `${line}\n${text.slice(0, 3000)}`);
  assertEquals(text.slice(-6), "# EOF\n");
});

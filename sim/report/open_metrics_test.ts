import { assert, assertEquals } from "@std/assert";
import { type MetricFamily, metricsFormatFor, writeMetrics } from "./open_metrics.ts";

const FAMILIES: readonly MetricFamily[] = [
  {
    name: "x_messages",
    kind: "counter",
    help: 'What "they"\nsaid\\.',
    samples: [{ labels: { mode: 'a"b\\c\nd' }, value: 7 }, { labels: { mode: "large" }, value: 0.5 }],
  },
  { name: "x_run", kind: "info", help: "Which.", samples: [{ labels: { version: "1" }, value: 1 }] },
  { name: "x_memory_bytes", kind: "gauge", unit: "bytes", help: "How much.", samples: [{ labels: {}, value: -1 }] },
  {
    name: "x_wait_seconds",
    kind: "histogram",
    unit: "seconds",
    help: "How long.",
    samples: [{ labels: { mode: "pager" }, buckets: [[0.001, 2], [1, 3]], count: 4, sum: 5.25 }],
  },
  { name: "x_nothing", kind: "gauge", help: "Without samples.", samples: [] },
];

Deno.test("writeMetrics writes OpenMetrics 1.0 with units and its end mark", () => {
  assertEquals(
    writeMetrics(FAMILIES, "openmetrics"),
    String.raw`# TYPE x_messages counter
# HELP x_messages What \"they\"\nsaid\\.
x_messages_total{mode="a\"b\\c\nd"} 7
x_messages_total{mode="large"} 0.5
# TYPE x_run info
# HELP x_run Which.
x_run_info{version="1"} 1
# TYPE x_memory_bytes gauge
# UNIT x_memory_bytes bytes
# HELP x_memory_bytes How much.
x_memory_bytes -1
# TYPE x_wait_seconds histogram
# UNIT x_wait_seconds seconds
# HELP x_wait_seconds How long.
x_wait_seconds_bucket{mode="pager",le="0.001"} 2
x_wait_seconds_bucket{mode="pager",le="1.0"} 3
x_wait_seconds_bucket{mode="pager",le="+Inf"} 4
x_wait_seconds_sum{mode="pager"} 5.25
x_wait_seconds_count{mode="pager"} 4
# EOF
`,
  );
});

Deno.test("writeMetrics writes the text format 0.0.4: families named as their samples, no units, no end mark", () => {
  const text = writeMetrics(FAMILIES, "prometheus");
  assertEquals(
    text.split("\n").filter((line) => line.startsWith("# ") && !line.startsWith("# HELP")),
    [
      "# TYPE x_messages_total counter",
      "# TYPE x_run_info gauge",
      "# TYPE x_memory_bytes gauge",
      "# TYPE x_wait_seconds histogram",
    ],
  );
  assert(text.includes(String.raw`# HELP x_messages_total What "they"\nsaid\\.`), text);
  assert(text.includes('x_wait_seconds_bucket{mode="pager",le="+Inf"} 4\n'), text);
});

Deno.test("metricsFormatFor takes OpenMetrics only where it is asked for", () => {
  const prometheus = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
  assertEquals([prometheus, "text/html", null].map(metricsFormatFor), ["openmetrics", "prometheus", "prometheus"]);
});

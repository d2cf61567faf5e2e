/** Figures of a run by OpenTelemetry, through Deno's own exporter, at a small collector. */
import { assert, assertEquals } from "@std/assert";
import { runProgram } from "./program.ts";
import { Folder, SHARED_MACHINE } from "./scenario_run.ts";

const SCENARIO = `
name: told
target: { uri: embedded }
populations:
  - name: phones
    clients: 10
    register: { rate: 200/s }
    messages: { size: [{ weight: 3, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 40/s, duration: 2s }
`;

interface Point {
  readonly attributes?: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly asDouble?: number;
  readonly asInt?: string;
}
interface Metric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: { readonly dataPoints: readonly Point[]; readonly isMonotonic: boolean };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
}
interface Export {
  readonly resourceMetrics: readonly { readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[] }[];
}

/** Runs the scenario with a collector; the last of each of our metrics, by name. */
async function collect(folder: Folder, env: Readonly<Record<string, string>>): Promise<Map<string, Metric>> {
  const metrics = new Map<string, Metric>();
  const collector = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const body = await request.json();
    if (new URL(request.url).pathname === "/v1/metrics") {
      const found = (body as Export).resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((each) => each.metrics).filter(({ name }) => name.startsWith("imstorm."));
      for (const metric of found) metrics.set(metric.name, metric);
    }
    return Response.json({});
  });
  try {
    const file = await folder.write("scenario.yaml", SCENARIO);
    const { code, stderr } = await runProgram(["run", file, "--out", `${folder.path}/out`, ...SHARED_MACHINE], {
      env: {
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
        ...env,
      },
    });
    assertEquals(code, 0, stderr);
  } finally {
    await collector.shutdown();
  }
  return metrics;
}

function valueOf(metric: Metric | undefined, attributes: Readonly<Record<string, string>>): number {
  const points = metric?.sum?.dataPoints ?? metric?.gauge?.dataPoints ?? [];
  const point = points.find((each) =>
    Object.entries(attributes).every(([key, value]) =>
      each.attributes?.some((attribute) => attribute.key === key && attribute.value.stringValue === value)
    )
  );
  return Number(point?.asDouble ?? point?.asInt);
}

Deno.test("with OTEL_DENO=true a collector gets what the summary says, also of a run shorter than the export interval", async () => {
  await using folder = await Folder.make();
  const metrics = await collect(folder, { OTEL_DENO: "true" });
  const { messages, latency_us: latency } = JSON.parse(await Deno.readTextFile(`${folder.path}/out/summary.json`));
  const attempted = metrics.get("imstorm.messages_attempted");
  for (const mode of ["pager", "large"]) assertEquals(valueOf(attempted, { mode }), messages[mode].attempted, mode);
  assertEquals(attempted?.sum?.isMonotonic, true);
  const delivered = { mode: "pager", arrival: "delivered" };
  assertEquals(valueOf(metrics.get("imstorm.messages_by_arrival"), delivered), messages.pager.delivered);
  const p99 = metrics.get("imstorm.message_accept_seconds.quantile");
  assertEquals(p99?.unit, "s");
  assertEquals(valueOf(p99, { mode: "pager", quantile: "0.99" }), latency.pager_accept.p99 / 1e6);
  assert(valueOf(metrics.get("imstorm.generator_memory_bytes"), {}) > 1e6);
});

Deno.test("without OTEL_DENO nothing is told to anybody", async () => {
  await using folder = await Folder.make();
  assertEquals((await collect(folder, {})).size, 0);
});

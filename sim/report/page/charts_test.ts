/** The drawings that are made here: each shows what it was given, and says nothing where there is nothing. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Histogram } from "../../metrics/histogram.ts";
import { evenTicks, logAxis, roundedDown, roundedUp } from "./axis.ts";
import { clockTime } from "./clock_time.ts";
import { heatMapSvg, shadeOf } from "./heat_map.ts";
import { bandChart, rateChart } from "./line_charts.ts";
import { curvePoints, percentileCurveSvg } from "./percentile_curve.ts";
import { sizeChartSvg, sizeClassesOf, sizeTable } from "./size_chart.ts";
import { timelineOf } from "./timeline.ts";
import { phasesOf, waterfallSvg, waterfallTable } from "./waterfall.ts";

function histogramOf(...millis: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of millis) histogram.record(value);
  return histogram;
}

Deno.test("logAxis maps its ends to its positions and has round ticks", () => {
  const axis = logAxis(3, 700, 100, 0);
  assertEquals([2, 1000, 0.1, 1e9].map((value) => Math.round(axis.at(value))), [100, 0, 100, 0]);
  assertEquals(axis.ticks, [3, 10, 30, 100, 300, 1000]);
  assertEquals(logAxis(40, 90, 0, 1).ticks, [20, 50, 100]);
  assertEquals([roundedDown(3), roundedUp(3), roundedDown(5), roundedUp(5)], [2, 5, 5, 5]);
  assertEquals(evenTicks(9), [0, 2, 4, 6, 8]);
});

Deno.test("clockTime is minutes and seconds, and hours from an hour on", () => {
  assertEquals([5, 65, 3600, 3725].map((second) => clockTime(second)), ["0:05", "1:05", "1:00:00", "1:02:05"]);
  assertEquals(clockTime(7200, 60), "2 h 00");
});

Deno.test("shadeOf doubles from shade to shade and gives the rarest sample one", () => {
  assertEquals([100, 51, 50, 25, 1].map((samples) => shadeOf(samples, 100)), [7, 7, 6, 5, 1]);
  assertEquals(shadeOf(1, 1e6), 1);
});

Deno.test("heatMapSvg has a cell for each bin of each interval, and is nothing without samples", () => {
  const map = { id: "a", role: "pager", title: "T", starts: [0, 1], step: 1 } as const;
  const { text } = heatMapSvg({ ...map, bins: [new Map([[30, 5], [33, 5]]), new Map([[31, 1]])] })!;
  assertEquals(text.match(/M[\d.]+ [\d.]+h/g)?.length, 3);
  assertEquals(heatMapSvg({ ...map, bins: [new Map(), new Map()] }), undefined);
});

Deno.test("curvePoints run from the least to the largest sample, up to the last percentile they can tell", () => {
  const points = curvePoints(histogramOf(...Array.from({ length: 1000 }, (_, i) => i + 1)));
  assertEquals([points[0]![0], points.at(-1)![0]], [1, 1000]);
  assertEquals(Math.round(points.at(-1)![1] / 1000), 1000);
  const p90 = points.find(([inverse]) => inverse >= 10)![1];
  assert(Math.abs(p90 - 900_000) < 15_000, String(p90));
  assert(points.every(([, micros], i) => i === 0 || micros >= points[i - 1]![1]), "never falls");
  assertEquals(percentileCurveSvg([]), undefined);
});

Deno.test("sizeClassesOf reads the dimension size, ascending, and the chart draws the line between modes", () => {
  const latencies = new Map([
    ["pager_accept", histogramOf(1)],
    ["large_delivery{size=b4096}", histogramOf(9, 30)],
    ["pager_accept{size=b1024}", histogramOf(2)],
    ["pager_accept{size=b0}", histogramOf(1)],
    ["pager_accept{transport=udp}", histogramOf(1)],
  ]);
  const classes = sizeClassesOf(latencies);
  assertEquals(classes.map(({ mode, least }) => [mode, least]), [["pager", 0], ["pager", 1024], ["large", 4096]]);
  const { text } = sizeChartSvg(classes, 1300);
  assertStringIncludes(text, "1,300 bytes");
  assertEquals([text.match(/<circle /g)?.length, text.match(/<rect /g)?.length], [2, 1]);
  assert(!sizeChartSvg(classes, 1_000_000).text.includes("bytes"), "a threshold beyond all classes is not drawn");
  assertStringIncludes(sizeTable(classes).text, "1 KiB to 2 KiB");
  assertEquals(sizeClassesOf(new Map([["pager_accept", histogramOf(1)]])), []);
});

Deno.test("waterfall follows the phases of a message, and leaves out how long the scenario held it", () => {
  const phases = phasesOf(
    new Map([
      ["large_phase{phase=release}", histogramOf(1)],
      ["large_phase{phase=hold}", histogramOf(5000)],
      ["large_phase{phase=report}", histogramOf(0)],
      ["large_phase{phase=setup}", histogramOf(3)],
    ]),
  );
  assertEquals(phases.map(({ name }) => name), ["setup", "hold", "release"]);
  assertEquals(waterfallSvg(phases).text.match(/<rect /g)?.length, 2);
  const table = waterfallTable(phases).text;
  for (const text of ["75 %", "25 %", "5 s"]) assertStringIncludes(table, text);
});

Deno.test("rateChart leaves gaps where nothing was written and shows failures only when there are some", () => {
  const snapshot = (index: number, counters: Record<string, number>) => ({
    worker: 0,
    index,
    at: 0,
    counters,
    gauges: {},
    histograms: {},
  });
  const wish = { latencies: [], bins: [], points: 100 };
  const fine = rateChart(timelineOf([snapshot(0, { "messages.delivered": 7 }), snapshot(2, {})], wish));
  assertEquals(fine.series.map(({ label }) => label), ["offered: became due", "achieved: delivered"]);
  assertEquals(fine.series[1]!.values, [7, null, 0]);
  const bad = rateChart(timelineOf([snapshot(0, { "messages.lost": 1, "generator.dropped_arrivals": 2 })], wish));
  assertEquals(bad.series.slice(2).map(({ label, values }) => [label, values]), [
    ["not started", [2]],
    ["rejected, failed, timed out or lost", [1]],
  ]);
  assertEquals(bandChart("x", "pager", [null, null]), undefined);
});

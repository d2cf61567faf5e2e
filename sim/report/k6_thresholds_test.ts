import { assertEquals, assertThrows } from "@std/assert";
import { LATENCIES } from "../metrics/catalogue.ts";
import { thresholdNames } from "../metrics/threshold.ts";
import { tagsOfLatency, toK6Thresholds } from "./k6_thresholds.ts";

Deno.test("a latency becomes a Gauge in milliseconds, and a Counter that fails without data", () => {
  assertEquals(toK6Thresholds(["pager_accept.p99 < 50ms", "large_delivery.max <= 1.5s", "register.p99.9 < 300us"]), {
    "im_latency_ms{mode:pager,leg:accept,q:p99,scope:total}": ["value<50"],
    "im_samples{mode:pager,leg:accept}": ["count>=1"],
    "im_latency_ms{mode:large,leg:delivery,q:max,scope:total}": ["value<=1500"],
    "im_samples{mode:large,leg:delivery}": ["count>=1"],
    "im_latency_ms{mode:client,leg:register,q:p999,scope:total}": ["value<0.3"],
    "im_samples{mode:client,leg:register}": ["count>=1"],
  });
});

Deno.test("a counter becomes a Counter, and one of what it could have counted", () => {
  assertEquals(toK6Thresholds(["messages.lost == 0", "messages.pager.corrupted == 0", "sessions.leaked == 0"]), {
    "im_messages{outcome:lost}": ["count==0"],
    "im_messages{outcome:attempted}": ["count>=1"],
    "im_messages{mode:pager,outcome:corrupted}": ["count==0"],
    "im_messages{mode:pager,outcome:attempted}": ["count>=1"],
    "im_count{name:sessions.leaked}": ["count==0"],
    "im_count{name:sessions.invited}": ["count>=1"],
  });
});

Deno.test("what agents tell at the end only becomes the value of a gate", () => {
  assertEquals(
    toK6Thresholds(["pager.success_ratio >= 99%", "pager_accept.mean < 5ms", "messages.attempted.rate > 10/s"]),
    {
      "im_gate_value{gate:0-pager.success_ratio}": ["value>=0.99"],
      "im_gate_samples{gate:0-pager.success_ratio}": ["count>=1"],
      "im_gate_value{gate:1-pager_accept.mean}": ["value<5"],
      "im_gate_samples{gate:1-pager_accept.mean}": ["count>=1"],
      "im_gate_value{gate:2-messages.attempted.rate}": ["value>10"],
      "im_gate_samples{gate:2-messages.attempted.rate}": ["count>=1"],
    },
  );
  assertEquals(
    Object.keys(toK6Thresholds(["responses.MESSAGE.5xx == 0"]))[0],
    "im_gate_value{gate:0-responses.MESSAGE.5xx}",
  );
});

Deno.test("what a threshold says besides its condition is kept, or left to the agents", () => {
  assertEquals(
    toK6Thresholds([
      "pager_accept.p99 < 50ms with 100 samples",
      "pager_accept.p99 < 80ms over 10s",
      "pager_accept{transport=udp}.p99 < 80ms",
      "messages.lost == 0 waived until 2026-12-31 because the server is known to lose some",
    ]),
    {
      "im_latency_ms{mode:pager,leg:accept,q:p99,scope:total}": ["value<50"],
      "im_samples{mode:pager,leg:accept}": ["count>=100"],
      "im_gate_value{gate:1-pager_accept.p99}": ["value<80"],
      "im_gate_samples{gate:1-pager_accept.p99}": ["count>=1"],
      "im_gate_value{gate:2-pager_accept_transport_udp_.p99}": ["value<80"],
      "im_gate_samples{gate:2-pager_accept_transport_udp_.p99}": ["count>=1"],
    },
  );
});

Deno.test("gates over one metric stand together, each once", () => {
  assertEquals(toK6Thresholds(["refresh.count >= 10", "refresh.count < 90", "refresh.count >= 10"]), {
    "im_samples{mode:client,leg:refresh}": ["count>=10", "count>=1", "count<90"],
  });
});

Deno.test("latencies may end the run by their last window", () => {
  assertEquals(toK6Thresholds(["pager_accept.p99 < 50ms", "messages.lost == 0"], { abortAfter: "30s" }), {
    "im_latency_ms{mode:pager,leg:accept,q:p99,scope:total}": ["value<50"],
    "im_latency_ms{mode:pager,leg:accept,q:p99,scope:window}": [
      { threshold: "value<50", abortOnFail: true, delayAbortEval: "30s" },
    ],
    "im_samples{mode:pager,leg:accept}": ["count>=1"],
    "im_messages{outcome:lost}": ["count==0"],
    "im_messages{outcome:attempted}": ["count>=1"],
  });
});

Deno.test("every metric that a threshold may name has a gate that fails without data", () => {
  for (const name of thresholdNames()) {
    const gates = toK6Thresholds([`${name} > 0${/[._]p99$|_delay$/.test(name) ? "ms" : ""}`]);
    const failsEmpty = Object.entries(gates).some(([metric, each]) =>
      /^im_(samples|messages|count|gate_samples)\{/.test(metric) && each.includes("count>=1")
    );
    assertEquals(failsEmpty, true, name);
  }
});

Deno.test("no two latencies have the same tags", () => {
  assertEquals(new Set(LATENCIES.map(({ name }) => tagsOfLatency(name))).size, LATENCIES.length);
});

Deno.test("an expression that cannot be read throws", () => {
  assertThrows(() => toK6Thresholds(["pager_accept < 1ms"]), SyntaxError, "expected a statistic");
});

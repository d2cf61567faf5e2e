import { assert, assertEquals, assertThrows } from "@std/assert";
import { listenAddress, MetricsEndpoint } from "./metrics_endpoint.ts";

Deno.test("listenAddress is on loopback unless told otherwise", () => {
  assertEquals(
    ["9464", ":9464", "0.0.0.0:0", "[::1]:80", "host.example:1"].map((text) => listenAddress(text)),
    [
      { hostname: "127.0.0.1", port: 9464 },
      { hostname: "127.0.0.1", port: 9464 },
      { hostname: "0.0.0.0", port: 0 },
      { hostname: "::1", port: 80 },
      { hostname: "host.example", port: 1 },
    ],
  );
  assertEquals(["", "host", "1.2.3.4:65536", "::1:80", "a b:1"].map(listenAddress), Array(5).fill(undefined));
});

Deno.test("MetricsEndpoint answers in the format asked for, and nothing else than GET of /metrics", async () => {
  const endpoint = new MetricsEndpoint("0");
  try {
    assert(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/.test(endpoint.url), endpoint.url);
    const ask = async (url: string, init: RequestInit = {}): Promise<[number, string | null, string]> => {
      const response = await fetch(url, init);
      return [response.status, response.headers.get("content-type"), await response.text()];
    };
    assertEquals(await ask(endpoint.url), [200, "text/plain; version=0.0.4; charset=utf-8", ""]);
    endpoint.serve(() => [{ name: "x", kind: "gauge", help: "X.", samples: [{ labels: {}, value: 1 }] }]);
    assertEquals((await ask(endpoint.url))[2], "# TYPE x gauge\n# HELP x X.\nx 1\n");
    const [, type, text] = await ask(endpoint.url, { headers: { accept: "application/openmetrics-text" } });
    assertEquals(type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert(text.endsWith("x 1\n# EOF\n"));
    assertEquals((await ask(endpoint.url, { method: "POST" }))[0], 405);
    assertEquals(await ask(endpoint.url.replace("/metrics", "/")), [
      404,
      "text/plain;charset=UTF-8",
      "metrics are at /metrics\n",
    ]);
    assertThrows(() => new MetricsEndpoint(new URL(endpoint.url).host), Error, "Cannot serve metrics on 127.0.0.1");
  } finally {
    await endpoint.close();
  }
});

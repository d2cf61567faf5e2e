import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatFault, ScenarioError } from "./fault.ts";
import { defineScenario, isFaults, parseScenario, readScenario } from "./read.ts";
import type { Scenario, ScenarioInput } from "./scenario.ts";

const LEAST = `name: least
target: {uri: embedded}
populations:
  - {name: phones, clients: 100, messages: {size: 200}}
phases:
  - {executor: constant-arrival-rate, rate: 10/s, duration: 5s}
`;

function parsed(text: string, options = {}): Scenario {
  const scenario = parseScenario(text, "x.yaml", options);
  assert(!isFaults(scenario), isFaults(scenario) ? scenario.map(formatFault).join("\n") : "");
  return scenario;
}

function faults(text: string, options = {}): string[] {
  const scenario = parseScenario(text, "x.yaml", options);
  assert(isFaults(scenario), "expected faults");
  return scenario.map(formatFault);
}

/** The faults of the least scenario with one part replaced. */
function faultsWith(from: string, to: string): string[] {
  assertStringIncludes(LEAST, from);
  return faults(LEAST.replace(from, to));
}

Deno.test("a scenario needs few fields; the documented defaults fill in the rest", () => {
  const { populations, ...scenario } = parsed(LEAST);
  assertEquals(scenario, {
    name: "least",
    description: "",
    seed: 1,
    target: {
      uri: "embedded",
      domain: "ims.example",
      hosts: [],
      embedded: { challengeRequests: false, minSe: 90_000, loss: 0, delay: 0, duplicate: 0, corrupt: 0 },
    },
    profile: "seed",
    phases: [{
      executor: "constant-arrival-rate",
      rate: 10,
      duration: 5000,
      arrivals: "uniform",
      burst: { size: 1, by: "any" },
      warmup: 0,
      stir: false,
    }],
    thresholds: [],
    limits: {
      scheduleLagP99: 50,
      cpuShare: 0.9,
      inFlight: 100_000,
      inFlightPolicy: "drop",
      lostGrace: 5000,
      drain: 40_000,
      validity: {
        loopDelay: 500,
        socketDrops: 0,
        sendBufferFull: 0,
        descriptors: 0.9,
        steal: 0.1,
        clockOffset: 5,
        expectsLimit: false,
      },
    },
    timers: {},
  });
  assertEquals(populations, [{
    name: "phones",
    clients: 100,
    users: { pattern: "phones{n:06}", first: 0 },
    transport: "udp",
    keepAlive: true,
    honourRetryAfter: false,
    auth: undefined,
    register: { expires: 3_600_000, rate: 50, refresh: true, refreshSpread: 0 },
    unregister: true,
    mode: { threshold: 1300, boundary: "literal", sizeBasis: "request", endToEndReliable: false, force: "auto" },
    anonymous: 0,
    session: {
      expires: 1_800_000,
      refresher: "uac",
      refreshMethod: "auto",
      refreshAfter: 0.5,
      refresh: true,
      soloRefresh: true,
      hold: 0,
    },
    msrp: {
      chunking: "single",
      successReport: false,
      failureReport: "yes",
      connections: "per-session",
      setup: "actpass",
    },
    messages: {
      size: [{ kind: "constant", size: 200, weight: 1, min: 0, max: 67_108_864 }],
      to: { population: "phones", pick: "random" },
      content: "text",
    },
    actions: [{ action: "auto", weight: 1 }],
  }]);
});

Deno.test("the rate of registrations follows the clients, from 50/s to 500/s", () => {
  const rate = (clients: number) => {
    const { register } = parsed(LEAST.replace("clients: 100", `clients: ${clients}`)).populations[0]!;
    return register === false ? 0 : register.rate;
  };
  assertEquals([2, 500, 1000, 5000, 100_000].map(rate), [50, 50, 100, 500, 500]);
});

Deno.test("clients that do not register have nothing to remove", () => {
  const { register, unregister } = parsed(LEAST.replace("clients: 100", "clients: 100, register: false"))
    .populations[0]!;
  assertEquals([register, unregister], [false, false]);
});

Deno.test("the transport is the client's, else the target's, else UDP", () => {
  const transport = (uri: string, own: string) =>
    parsed(LEAST.replace("{uri: embedded}", `{uri: "${uri}"}`).replace("clients: 100", `clients: 100${own}`))
      .populations[0]!.transport;
  assertEquals(transport("sip:127.0.0.1;transport=tcp", ""), "tcp");
  assertEquals(transport("sip:127.0.0.1;transport=tcp", ", transport: udp"), "udp");
  assertEquals(transport("sip:127.0.0.1", ""), "udp");
});

Deno.test("the domain is the one given, else the host of the target", () => {
  const domain = (target: string) => parsed(LEAST.replace("uri: embedded", target)).target.domain;
  assertEquals(domain('uri: "sip:proxy@10.0.0.1:5080;lr", domain: ims.test'), "ims.test");
  assertEquals(domain('uri: "sip:10.0.0.1:5080"'), "10.0.0.1");
  assertEquals(domain('uri: "sip:[::1]:5080"'), "[::1]");
});

Deno.test("sizes may be one size, one part or a mixture", () => {
  const sizes = (text: string) => parsed(LEAST.replace("size: 200", `size: ${text}`)).populations[0]!.messages!.size;
  assertEquals(sizes("4KiB")[0], { kind: "constant", size: 4096, weight: 1, min: 0, max: 67_108_864 });
  assertEquals(sizes("{normal: {mean: 300, deviation: 50}, max: 1kB}"), [
    { kind: "normal", mean: 300, deviation: 50, weight: 1, min: 1, max: 1000 },
  ]);
  assertEquals(sizes("[{weight: 2, total: [1299, 1300]}, {uniform: [1, 2KiB]}]"), [
    { kind: "total", sizes: [1299, 1300], weight: 2, min: 1, max: 67_108_864 },
    { kind: "uniform", least: 1, most: 2048, weight: 1, min: 1, max: 67_108_864 },
  ]);
});

Deno.test("all faults come at once, in the order of lines, also contradictions beside faults of fields", () => {
  const text = `name: many
target: {uri: embedded}
populations:
  - name: a
    clients: 1.5
    trnsport: udp
    messages: {size: 5, to: {population: c}}
  - name: b
    clients: 1
    session: {expires: 60s, hold: -1s}
    messages: {size: -5}
phases:
  - {executor: constant-vus, rate: 5/s}
  - {executor: constant-arrival-rate, rate: 200, duration: 1s}
thresholds:
  - pager_acept.p99 < 50ms
`;
  assertEquals(faults(text), [
    "x.yaml:5:14: populations[0].clients: must be a whole number: 1.5",
    'x.yaml:6:5: populations[0].trnsport: is no field here; did you mean "transport"?',
    'x.yaml:7:42: populations[0].messages.to.population: is no population: "c"',
    "x.yaml:10:24: populations[1].session.expires: must be at least 90s (RFC 4028 §4)",
    'x.yaml:10:35: populations[1].session.hold: must not be negative: "-1s"',
    "x.yaml:11:22: populations[1].messages.size: must not be negative: -5",
    "x.yaml:13:5: phases[0].duration: is required",
    "x.yaml:13:30: phases[0].rate: is a field of another form than this one",
    "x.yaml:14:45: phases[1].rate: needs a unit, such as 200/s (/s, /m, /h): 200",
    'x.yaml:16:5: thresholds[0]: Cannot find metric "pager_acept.p99": did you mean "pager_accept.p99"?',
  ]);
});

Deno.test("missing, empty and mistyped fields are told apart", () => {
  assertEquals(faultsWith("name: least\n", ""), ["x.yaml:1:1: name: is required"]);
  assertEquals(faultsWith("rate: 10/s", "rate: "), ["x.yaml:6:45: phases[0].rate: is empty"]);
  assertEquals(faultsWith("rate: 10/s", "rate: fast"), [
    'x.yaml:6:45: phases[0].rate: is no rate, such as 200/s (/s, /m, /h): "fast"',
  ]);
  assertEquals(faultsWith("name: least", "name: least\nseed: -1"), ["x.yaml:2:7: seed: must be at least 0: -1"]);
  assertEquals(faultsWith("name: least", "name: least\nprofile: sead"), [
    'x.yaml:2:10: profile: must be one of seed, oma-v1, cpm: "sead"; did you mean "seed"?',
  ]);
  assertEquals(faults("- a\n"), ['x.yaml:1:1: must be a map: ["a"]']);
});

Deno.test("transports to come are named as such", () => {
  assertEquals(faultsWith("clients: 100", "clients: 100, transport: wss"), [
    "x.yaml:4:45: populations[0].transport: transport wss is not available yet: udp, tcp",
  ]);
  assertEquals(faultsWith("uri: embedded", 'uri: "sip:h;transport=tls"'), [
    "x.yaml:2:15: target.uri: transport tls is not available yet: udp, tcp",
  ]);
  assertStringIncludes(faultsWith("uri: embedded", 'uri: "sips:h"')[0]!, "sips is not available yet");
});

Deno.test("the embedded target's settings need the embedded target", () => {
  assertEquals(faultsWith("{uri: embedded}", '{uri: "sip:h", embedded: {loss: 5%}}'), [
    "x.yaml:2:34: target.embedded: is allowed only with uri: embedded",
  ]);
  assertStringIncludes(
    faultsWith("{uri: embedded}", "{uri: embedded, embedded: {loss: 2}}")[0]!,
    "share between 0 and 1",
  );
});

Deno.test("parts of a mixture have exactly one distribution that makes sense", () => {
  const fault = (size: string) => faultsWith("size: 200", `size: ${size}`)[0]!;
  assertStringIncludes(fault("[{weight: 3}]"), "messages.size[0]: needs exactly one of");
  assertStringIncludes(fault("[{constant: 1, total: [5]}]"), "found constant and total");
  assertStringIncludes(fault("{uniform: [5, 4]}"), "messages.size.uniform: must go upwards");
  assertStringIncludes(
    fault("{lognormal: {median: 100, p99: 50}}"),
    "size.lognormal.p99: must not be below the median",
  );
  assertStringIncludes(fault("{constant: 5, min: 9, max: 8}"), "size.min: must not be above max");
  assertStringIncludes(fault("{total: [1300], max: 1200}"), "size.max: cannot cut total");
  assertStringIncludes(fault("[]"), "must have at least 1 entry");
  assertStringIncludes(fault("100GiB"), "is no size");
  assertStringIncludes(fault("100MiB"), "at most");
});

Deno.test("phases must take time and warm up within it", () => {
  assertStringIncludes(faultsWith("duration: 5s", "duration: 5s, warmup: 5s")[0]!, "phases[0].warmup: must be shorter");
  assertStringIncludes(faultsWith("duration: 5s", "duration: 0s")[0]!, "phases[0].duration: must be longer than 0s");
  const ramp = "{executor: ramping-arrival-rate, stages: [{target: 5/s, duration: 0s}]}";
  const fault = faults(LEAST.replace(/\{executor.*\}/, ramp));
  assertStringIncludes(fault[0]!, "phases[0].stages: must take longer than 0s together");
});

Deno.test("options of the command line replace what the file says, and their faults name them", () => {
  const scenario = parsed(LEAST, { target: "sip:10.0.0.1", seed: 5, set: ["populations.phones.clients=7"] });
  assertEquals([scenario.target.uri, scenario.seed, scenario.populations[0]!.clients], ["sip:10.0.0.1", 5, 7]);
  assertEquals(scenario.target.embedded, undefined);
  assertEquals(faults(LEAST, { set: ["populations.0.clients=x", "limits.drian=5s"] }), [
    '--set limits.drian=5s: limits.drian: is no field here; did you mean "drain"?',
    '--set populations.0.clients=x: populations[0].clients: must be a number: "x"',
  ]);
});

Deno.test("readScenario throws every fault of a file, and says when it cannot be read", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const file = `${folder}/bad.yaml`;
    Deno.writeTextFileSync(file, LEAST.replace("100", "0").replace("5s", "5x"));
    const { faults } = assertThrows(() => readScenario(file), ScenarioError, `${file}:4:29: populations[0].clients`);
    assertEquals(faults.length, 2);
    assertThrows(() => readScenario(`${folder}/none.yaml`), ScenarioError, "cannot be read: ");
    assertThrows(() => readScenario(folder), ScenarioError, "is a folder");
    Deno.writeTextFileSync(file, `# ${"x".repeat(1_048_576)}`);
    assertThrows(() => readScenario(file), ScenarioError, "larger than 1048576 bytes");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("defineScenario takes the same fields from a program, with the same checks", () => {
  const input: ScenarioInput = {
    name: "typed",
    target: { uri: "embedded" },
    populations: [{ name: "a", clients: 2, messages: { size: [{ lognormal: { median: 140, p99: "1KiB" } }] } }],
    phases: [{ executor: "ramping-arrival-rate", stages: [{ target: "5/s", duration: "1s" }] }],
  };
  const scenario = defineScenario(input);
  assertEquals(scenario.populations[0]!.messages!.size[0]!.kind, "lognormal");
  input.populations[0]!.clients = 1;
  const error = assertThrows(() => defineScenario(input), ScenarioError);
  assertEquals(error.message, "populations[0].messages.to.population: has one client only, the sender itself");
});

Deno.test("parseScenario never throws on any value in any field", () => {
  const value: ScenarioInput = {
    name: "x",
    target: { uri: "embedded", embedded: { refuse: { share: 1 } } },
    populations: [{
      name: "a",
      clients: 2,
      register: {},
      messages: { size: [{ total: [5] }], to: { population: "a" } },
    }],
    phases: [{ executor: "constant-arrival-rate", rate: "1/s", duration: "1s" }],
    thresholds: ["messages.lost == 0"],
  };
  const paths: string[][] = [];
  const walk = (inner: unknown, path: string[]): void => {
    paths.push(path);
    if (typeof inner !== "object" || inner === null) return;
    for (const [key, next] of Object.entries(inner)) walk(next, [...path, key]);
  };
  walk(value, []);
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, strange) => {
      const copy: unknown = path.length === 0 ? strange : JSON.parse(JSON.stringify(value));
      if (path.length > 0) {
        let around = copy as Record<string, unknown>;
        for (const part of path.slice(0, -1)) around = around[part] as Record<string, unknown>;
        around[path.at(-1)!] = strange;
      }
      const result = parseScenario(JSON.stringify(copy), "x.json");
      if (isFaults(result)) {
        for (const fault of result) assert(fault.what !== "" && fault.line > 0, JSON.stringify(fault));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("a histogram of sizes is read from beside the scenario, and its faults have places in both files", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const file = `${folder}/x.yaml`;
    Deno.writeTextFileSync(file, LEAST.replace("size: 200", "size: [{csv: sizes.csv}, {constant: 5}]"));
    Deno.writeTextFileSync(`${folder}/sizes.csv`, "size,count\n100,3\n");
    const [part] = readScenario(file).populations[0]!.messages!.size;
    assertEquals(part!.kind === "csv" && part!.bins, [{ least: 100, most: 100, weight: 3 }]);
    Deno.writeTextFileSync(`${folder}/sizes.csv`, "size,count\n100,3\n200,many\n");
    const error = assertThrows(() => readScenario(file), ScenarioError);
    assertEquals(
      error.message,
      `${file}:4:58: populations[0].messages.size[0].csv: is no histogram: ${folder}/sizes.csv:3:5: is no count: "many"`,
    );
    Deno.removeSync(`${folder}/sizes.csv`);
    assertStringIncludes(assertThrows(() => readScenario(file), ScenarioError).message, "cannot be read: No such file");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

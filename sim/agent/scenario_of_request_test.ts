import { assert, assertEquals } from "@std/assert";
import { runRequestSchema } from "./protocol.ts";
import { Refusal } from "./refusal.ts";
import { scenarioOf } from "./scenario_of_request.ts";

const TEXT = `name: trial
target: { uri: embedded }
populations:
  - { name: a, clients: 4, user: "u{n}", messages: { size: { constant: 9 } } }
phases:
  - { executor: constant-arrival-rate, rate: 1/s, duration: 1s }
`;

function read(request: Record<string, unknown>): ReturnType<typeof scenarioOf> {
  return scenarioOf(runRequestSchema.parse({ scenario: TEXT, ...request }));
}

function faults(request: Record<string, unknown>): Refusal["faults"] {
  const refusal = read(request);
  assert(refusal instanceof Refusal);
  return refusal.faults;
}

Deno.test("scenarioOf changes what a request asks to change", () => {
  const overrides = { "populations.a.clients": 7, "thresholds": ["messages.lost == 0"], "limits.cpu_share": 1 };
  const scenario = read({ seed: 9, target: "sip:127.0.0.1:5070", overrides });
  assert(!(scenario instanceof Refusal));
  assertEquals([scenario.seed, scenario.target.uri], [9, "sip:127.0.0.1:5070"]);
  assertEquals([scenario.populations[0]!.clients, scenario.thresholds.length, scenario.limits.cpuShare], [7, 1, 1]);
});

Deno.test("scenarioOf places faults in texts, and names fields of objects and overrides", () => {
  assertEquals(faults({ scenario: TEXT.replace("clients: 4", "clients: none") })[0], {
    path: "populations[0].clients",
    what: faults({ scenario: TEXT.replace("clients: 4", "clients: none") })[0]!.what,
    line: 4,
    column: 25,
  });
  const [first] = faults({ scenario: { name: "trial" } });
  assertEquals([first!.path, first!.line], ["phases", undefined]);
  const [override] = faults({ overrides: { "populations.a.clients": 0 } });
  assert(override!.path.includes("populations.a.clients=0"), override!.path);
});

Deno.test("scenarioOf reads no file of the agent's machine, whoever names it", () => {
  const csv = { csv: "/etc/passwd" };
  const named = faults({ scenario: TEXT.replace('user: "u{n}"', 'users: { csv: "/etc/passwd" }') });
  assertEquals(named.map(({ path }) => path), ["populations[0].users.csv"]);
  assertEquals(faults({ overrides: { "populations.0.users": csv } }).map(({ path }) => path), [
    "populations[0].users.csv",
  ]);
});

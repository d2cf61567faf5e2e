import { assert, assertEquals } from "@std/assert";
import { defineScenario } from "../scenario/read.ts";
import { AllowedTargets } from "./allowed_targets.ts";

function allowed(...options: string[]): AllowedTargets {
  const targets = AllowedTargets.of(options);
  assert(typeof targets !== "string", `${targets}`);
  return targets;
}

Deno.test("AllowedTargets lets scenarios reach this machine, and further hosts only when they are named", () => {
  const none = allowed();
  assertEquals(["127.0.0.1", "127.9.9.9", "::1"].map((host) => none.allows(host, 5060)), [true, true, true]);
  assertEquals(["10.0.0.9", "localhost", "127.0.0.1.example", "::2"].map((host) => none.allows(host, 5060)), [
    false,
    false,
    false,
    false,
  ]);
  assert(allowed("10.0.0.9").allows("10.0.0.9", 1));
  assert(allowed("SIP.example").allows("sip.EXAMPLE", 1));
  assert(allowed("[2001:db8::1]").allows("2001:DB8::1", 1));
});

Deno.test("AllowedTargets with a port allows that port alone", () => {
  const one = allowed("10.0.0.9:5060");
  assertEquals([one.allows("10.0.0.9", 5060), one.allows("10.0.0.9", 5061), one.allows("10.0.0.9", undefined)], [
    true,
    false,
    false,
  ]);
});

Deno.test("AllowedTargets refuses options that are no HOST[:PORT]", () => {
  for (const option of ["", "http://x", "a:0", "a:70000", "a b", "[::1"]) {
    assert(typeof AllowedTargets.of([option]) === "string", option);
  }
});

Deno.test("AllowedTargets finds every host of a scenario that is not allowed", () => {
  const scenario = defineScenario({
    name: "trial",
    target: { uri: "sip:10.0.0.9", hosts: ["10.0.0.8", "127.0.0.2"] },
    populations: [{ name: "a", clients: 2, user: "u{n}", messages: { size: { constant: 9 } } }],
    phases: [{ executor: "constant-arrival-rate", rate: "1/s", duration: "1s" }],
  });
  const faults = allowed().faultsOf(scenario, "10.0.0.9", { host: "10.0.0.9", port: 5060 });
  assertEquals(faults.map(({ path }) => path), ["target.uri", "target.hosts[0]"]);
  assertEquals(
    allowed("10.0.0.9:5060", "10.0.0.8").faultsOf(scenario, "10.0.0.9", { host: "10.0.0.9", port: 5060 }),
    [],
  );
});

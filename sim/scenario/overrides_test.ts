import { assertEquals } from "@std/assert";
import { applyOptions } from "./overrides.ts";

function root(): Record<string, unknown> {
  return {
    target: { uri: "embedded", embedded: { loss: 0.1 } },
    populations: [{ name: "phones", clients: 5 }, { name: "desks", clients: 6 }],
  };
}

Deno.test("applyOptions sets fields by index, by bracket and by name", () => {
  const value = root();
  const { overrides, faults } = applyOptions(value, {
    set: ["populations.0.clients=50", "populations[1].clients=60", "populations.desks.messages.size=2KiB"],
  });
  assertEquals(faults, []);
  assertEquals(value.populations, [
    { name: "phones", clients: 50 },
    { name: "desks", clients: 60, messages: { size: "2KiB" } },
  ]);
  assertEquals(overrides.map(({ path }) => path), [
    ["populations", 0, "clients"],
    ["populations", 1, "clients"],
    ["populations", 1, "messages", "size"],
  ]);
});

Deno.test("applyOptions reads values as YAML", () => {
  const value = root();
  applyOptions(value, { set: ["phases=[{rate: 5/s}]", "name=a=b", "empty="] });
  assertEquals(value.phases, [{ rate: "5/s" }]);
  assertEquals(value.name, "a=b");
  assertEquals(value.empty, null);
});

Deno.test("applyOptions says what it cannot set", () => {
  const set = [
    "nothing",
    "populations.7.clients=1",
    "populations.cars.clients=1",
    "target.uri.x=1",
    "__proto__.x=1",
    "a=[b",
  ];
  const { faults, overrides } = applyOptions(root(), { set });
  assertEquals(overrides, []);
  assertEquals(
    faults.map(({ file, path, what }) => [file, path, what]),
    [
      ["--set nothing", "", "is no path=value"],
      ["--set a=[b", "", "is no path=value"],
      ["--set populations.7.clients=1", "populations.7.clients", "does not exist"],
      ["--set populations.cars.clients=1", "populations.cars.clients", "does not exist"],
      ["--set target.uri.x=1", "target.uri.x", "does not exist"],
      ["--set __proto__.x=1", "__proto__.x", "does not exist"],
    ].toSorted((a, b) => set.indexOf(a[0]!.slice(6)) - set.indexOf(b[0]!.slice(6))),
  );
});

Deno.test("a target of its own takes the settings of the embedded one away", () => {
  const value = root();
  applyOptions(value, { target: "sip:127.0.0.1", seed: 9 });
  assertEquals(value.target, { uri: "sip:127.0.0.1" });
  assertEquals(value.seed, 9);
  const embedded = root();
  applyOptions(embedded, { target: "embedded" });
  assertEquals(embedded.target, { uri: "embedded", embedded: { loss: 0.1 } });
});

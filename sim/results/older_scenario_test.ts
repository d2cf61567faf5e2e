import { assertEquals } from "@std/assert";
import { sampleScenario } from "../testing/sample_run.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { withLaterFields } from "./older_scenario.ts";

const SCENARIO = sampleScenario({ limits: { cpu_share: 0.5 } });

Deno.test("withLaterFields changes nothing of a scenario that has every field", () => {
  assertEquals(withLaterFields(SCENARIO), SCENARIO);
});

Deno.test("withLaterFields gives fields that an older version did not know their defaults", () => {
  const older = structuredClone(SCENARIO) as unknown as Record<string, Record<string, unknown>>;
  const { validity, ...limits } = SCENARIO.limits;
  older.limits = limits;
  const [{ mode: _, ...population }] = SCENARIO.populations as unknown as [Record<string, unknown>];
  const [{ arrivals: __, ...phase }] = SCENARIO.phases as unknown as [Record<string, unknown>];
  const read = withLaterFields({ ...older, populations: [population], phases: [phase] } as unknown as Scenario);
  assertEquals(read.limits, { ...limits, validity });
  assertEquals([read.populations, read.phases], [SCENARIO.populations, SCENARIO.phases]);
});

const SENDING = sampleScenario({
  populations: [{ name: "phones", clients: 2, messages: { size: "1KiB", to: { uri: "sip:bob@ims.example" } } }, {
    name: "desks",
    clients: 2,
  }],
});

Deno.test("withLaterFields changes nothing of those who only receive, or write to a receiver that is not ours", () => {
  assertEquals(withLaterFields(SENDING), SENDING);
});

Deno.test("withLaterFields gives senders of an older version what they do and write: the same scenario compares as such", () => {
  const [{ actions: _, messages, ...sender }, { actions: __, ...receiver }] = SENDING.populations as unknown as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  const { content: ___, ...older } = messages as Record<string, unknown>;
  const populations = [{ ...sender, messages: older }, receiver];
  assertEquals(withLaterFields({ ...SENDING, populations } as unknown as Scenario), SENDING);
});

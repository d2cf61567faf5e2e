/** Scenarios in the manifests of older versions: fields that came later have their defaults, which change nothing. */
import { type Scenario, scenarioSchema } from "../scenario/scenario.ts";

const PHASES = [
  { executor: "constant-arrival-rate", rate: "1/s", duration: "1s" },
  { executor: "ramping-arrival-rate", stages: [{ target: "1/s", duration: "1s" }] },
] as const;

const RECEIVES = { name: "receives", clients: 1 } as const;
const SENDS = { name: "sends", clients: 1, messages: { size: 1, to: { population: "receives" } } } as const;

/** A resolved scenario with every field that this version knows; what it has stays as it is. */
export function withLaterFields(scenario: Scenario): Scenario {
  const { populations: [sends, receives], phases, target: _, ...defaults } = scenarioSchema.parse({
    name: "defaults",
    target: { uri: "embedded" },
    populations: [SENDS, RECEIVES],
    phases: PHASES,
  });
  // who receives has no default, and its fields depend on who that is
  const { to: __, ...messages } = sends!.messages!;
  const sender = { ...sends, messages };
  return {
    ...completed(scenario, defaults),
    populations: scenario.populations.map((each) => completed(each, each.messages === undefined ? receives : sender)),
    phases: scenario.phases.map((each) => completed(each, phases.find(({ executor }) => executor === each.executor))),
  };
}

/** `value` with what it lacks of `defaults`; lists are taken whole. */
function completed<T>(value: T, defaults: unknown): T {
  if (!isFields(value) || !isFields(defaults)) return value;
  const fields: Record<string, unknown> = { ...value };
  for (const [key, each] of Object.entries(defaults)) {
    if (each !== undefined) fields[key] = key in value ? completed(value[key], each) : each;
  }
  return fields as T;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

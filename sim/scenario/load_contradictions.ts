/** Checks of phases and actions against populations: loads that cannot be. */
import { hint } from "../bytes/nearest.ts";
import { isMessageAction } from "./action.ts";
import type { FieldFault } from "./fault.ts";
import { DEFAULT_MAX_DURATION, isOpen, isSilent, mostVus, type Phase } from "./phase.ts";
import type { PopulationDraft } from "./population.ts";
import type { ReadableParts } from "./readable.ts";

/** Every contradiction between the load and those who make it. */
export function loadContradictionsOf(parts: ReadableParts): FieldFault[] {
  const faults = silence(parts);
  for (const [index, population] of parts.populations.entries()) {
    if (population !== undefined) faults.push(...actionFaults(population, index));
  }
  for (const [index, phase] of parts.phases.entries()) {
    if (phase !== undefined) faults.push(...phaseFaults(phase, index, parts));
  }
  return faults;
}

function silence({ phases, populations }: ReadableParts): FieldFault[] {
  const faults: FieldFault[] = [];
  if (phases.length > 0 && phases.every((phase) => phase !== undefined && isSilent(phase))) {
    faults.push({ path: ["phases"], what: "have a rate of 0/s everywhere: nothing would be sent" });
  } else if (phases.length > 0 && phases.every((phase) => phase?.stir === true)) {
    faults.push({ path: ["phases"], what: "are all stir: nothing would count" });
  }
  if (populations.length > 0 && populations.every((one) => one !== undefined && one.actions.length === 0)) {
    faults.push({ path: ["populations"], what: "have no messages: nothing would be sent" });
  }
  return faults;
}

function actionFaults({ actions, messages, register }: PopulationDraft, population: number): FieldFault[] {
  return actions.flatMap((action, index): FieldFault[] => {
    const path = ["populations", population, "actions", index, "action"];
    if (isMessageAction(action) && messages === undefined) {
      return [{ path, what: `sends messages, but the population has no messages: ${action.action}` }];
    }
    const isBinding = action.action === "reregister" || action.action === "deregister";
    if (isBinding && register === false) return [{ path, what: `needs clients that register: ${action.action}` }];
    return [];
  });
}

function phaseFaults(phase: Phase, index: number, { names, populations, phases }: ReadableParts): FieldFault[] {
  const faults: FieldFault[] = [];
  const known = names.filter((name) => name !== undefined);
  for (const [place, name] of (phase.populations ?? []).entries()) {
    const path = ["phases", index, "populations", place];
    const population = populations[names.indexOf(name)];
    if (!known.includes(name)) {
      faults.push({ path, what: `is no population: ${JSON.stringify(name)}${hint(name, known)}` });
    } else if (phase.populations!.indexOf(name) < place) {
      faults.push({ path, what: `is there twice: ${JSON.stringify(name)}` });
    } else if (population?.actions.length === 0) {
      faults.push({ path, what: `has neither messages nor actions: ${JSON.stringify(name)}` });
    }
  }
  if (faults.length > 0 || populations.some((population) => population === undefined)) return faults;
  const acting = populations.filter((population) =>
    population!.actions.length > 0 && (phase.populations?.includes(population!.name) ?? true)
  ) as PopulationDraft[];
  return [...vuFaults(phase, index, acting, phases), ...rateFaults(phase, index, acting)];
}

function vuFaults(
  phase: Phase,
  index: number,
  acting: readonly PopulationDraft[],
  phases: ReadableParts["phases"],
): FieldFault[] {
  if (isOpen(phase)) return [];
  const clients = acting.reduce((sum, population) => sum + population.clients, 0);
  const most = mostVus(phase);
  if (most > clients) {
    const field = phase.executor === "ramping-vus" ? "stages" : "vus";
    return [{ path: ["phases", index, field], what: `needs ${most} clients that act; there are ${clients}` }];
  }
  const isEndless = (phase.executor === "per-vu-iterations" || phase.executor === "shared-iterations") &&
    phase.maxDuration === undefined;
  const next = phases[index + 1];
  if (!isEndless || next === undefined || next.startTime !== undefined) return [];
  const path = ["phases", index, "executor"];
  const minutes = DEFAULT_MAX_DURATION / 60_000;
  return [{ path, what: `would keep the next phase waiting for ${minutes}m: give max_duration, or start_time there` }];
}

/** A rate counts messages: clients without any have nothing to be in proportion to. */
function rateFaults(phase: Phase, index: number, acting: readonly PopulationDraft[]): FieldFault[] {
  if (!isOpen(phase)) return [];
  const silent = acting.filter(({ actions }) => !actions.some(isMessageAction));
  if (silent.length === 0 || silent.length === acting.length) return [];
  const what = `counts messages, and ${silent.map(({ name }) => name).join(", ")} has none beside others that do: ` +
    "name populations in a phase for each";
  return [{ path: ["phases", index, "executor"], what }];
}

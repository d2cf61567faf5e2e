/** Checks of one part of a scenario against another: combinations that cannot be. */
import { hint } from "../bytes/nearest.ts";
import { isThresholdFault, parseThreshold } from "../metrics/threshold.ts";
import type { FieldFault } from "./fault.ts";
import { loadContradictionsOf } from "./load_contradictions.ts";
import type { PopulationDraft } from "./population.ts";
import type { ReadableParts } from "./readable.ts";
import { sourceObstacle } from "./source.ts";
import { numericHostOf, type Target, targetTransport } from "./target.ts";
import { parseUsers, type UserRow } from "./users.ts";

/** Gives the text of a file, or what is wrong with it. */
export type FileText = (path: string) => string | { readonly fault: string };

/** Every contradiction among the readable parts. */
export function contradictionsOf(parts: ReadableParts, fileText: FileText): FieldFault[] {
  const faults = [...duplicateNames(parts), ...loadContradictionsOf(parts), ...thresholdFaults(parts)];
  for (const [index, population] of parts.drafts.entries()) {
    if (population === undefined) continue;
    faults.push(
      ...receiverFaults(population, index, parts),
      ...sharedUsers(population, index, parts),
      ...userFaults(population, index, parts.target, fileText),
      ...sourceFaults(population, index, parts.target),
    );
  }
  return faults;
}

function duplicateNames({ names }: ReadableParts): FieldFault[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    return [{
      path: ["populations", index, "name"],
      what: `is taken by populations[${first}]: ${JSON.stringify(name)}`,
    }];
  });
}

function thresholdFaults({ thresholds }: ReadableParts): FieldFault[] {
  return thresholds.flatMap((threshold, index) => {
    if (threshold === undefined) return [];
    const parsed = parseThreshold(threshold.text);
    return isThresholdFault(parsed) ? [{ path: ["thresholds", index, ...threshold.at], what: parsed.fault }] : [];
  });
}

function receiverFaults(
  population: PopulationDraft,
  index: number,
  { names, populations }: ReadableParts,
): FieldFault[] {
  const to = population.messages?.to;
  if (to === undefined || "uri" in to) return [];
  const path = ["populations", index, "messages", "to", "population"];
  if (!names.includes(to.population)) {
    const known = names.filter((name) => name !== undefined);
    return [{ path, what: `is no population: ${JSON.stringify(to.population)}${hint(to.population, known)}` }];
  }
  if (populations[index] !== undefined && to.population === population.name && population.clients === 1) {
    return [{ path, what: "has one client only, the sender itself" }];
  }
  return [];
}

function sharedUsers(population: PopulationDraft, index: number, { drafts }: ReadableParts): FieldFault[] {
  const { users, clients } = population;
  for (const [earlier, other] of drafts.slice(0, index).entries()) {
    if (other === undefined || other.name === population.name) continue;
    if ("csv" in users && "csv" in other.users && users.csv === other.users.csv) {
      return [{
        path: ["populations", index, "users", "csv"],
        what: `is the file of populations[${earlier}]: same users`,
      }];
    }
    if ("csv" in users || "csv" in other.users || users.pattern !== other.users.pattern) continue;
    const from = other.users.first;
    if (users.first >= from + other.clients || users.first + clients <= from) continue;
    const what = `gives users of populations[${earlier}] again; first_user: ${from + other.clients} would not`;
    return [{ path: ["populations", index, "user"], what }];
  }
  return [];
}

function userFaults(
  population: PopulationDraft,
  index: number,
  target: Target | undefined,
  fileText: FileText,
): FieldFault[] {
  const { users, auth, clients, name } = population;
  const path = ["populations", index, "users", "csv"];
  let rows: UserRow[] | undefined;
  if ("csv" in users) {
    const text = fileText(users.csv);
    if (typeof text !== "string") return [{ path, what: `cannot be read: ${text.fault}` }];
    const found = parseUsers(text);
    if (!Array.isArray(found)) return [{ path, what: `${found.fault} (${users.csv})` }];
    if (found.length < clients) {
      return [{ path, what: `has ${found.length} users, fewer than the ${clients} clients (${users.csv})` }];
    }
    rows = found;
  }
  const digest = target?.embedded?.digest;
  const isChallenged = population.register !== false || target?.embedded?.challengeRequests === true;
  if (digest === undefined || !isChallenged || auth !== undefined || rows?.[0]?.password !== undefined) return [];
  return [{ path: ["target", "embedded", "digest"], what: `challenges clients of ${name}, which have no auth` }];
}

function sourceFaults(
  { source, transport }: PopulationDraft,
  index: number,
  target: Target | undefined,
): FieldFault[] {
  if (source === undefined) return [];
  const path = ["populations", index, "source"];
  if ((transport ?? targetTransport(target?.uri ?? "")) === "tcp") {
    return [{ path, what: "needs transport: udp; connections leave from the address and port that the system takes" }];
  }
  const host = numericHostOf(target?.uri ?? "");
  const what = host === undefined ? undefined : sourceObstacle(source, host);
  return what === undefined ? [] : [{ path: [...path, "addresses"], what }];
}

/** How many workers each agent of a run has. */
import { type WorkerChoice, workersFor } from "../load/worker_count.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { isLoopback } from "./allowed_targets.ts";
import type { RunRequest } from "./protocol.ts";

/** A request whose workers are settled. */
export type SettledRequest = RunRequest & { readonly chosen: WorkerChoice };

/**
 * Settles the workers of a request. The lead chooses for all, since shares are dealt by one number of workers, and takes
 * the machines of the others to be like its own; agents on one machine share its cores.
 */
export function settled(request: RunRequest, scenario: Scenario): SettledRequest {
  const { workers, led, lead, share } = request;
  if (led) return { ...request, chosen: { count: workers ?? 1, reason: "as the lead says" } };
  const here = 1 + (lead?.agents ?? []).filter(({ url }) => isHere(new URL(url).hostname)).length;
  const chosen = workersFor(scenario, workers, { agents: share.count, here });
  return { ...request, workers: chosen.count, chosen };
}

function isHere(hostname: string): boolean {
  return hostname === "localhost" || isLoopback(hostname.replace(/^\[|\]$/g, ""));
}

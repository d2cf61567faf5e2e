/** What this machine must have for a run, looked at before anything is sent. */
import type { FieldFault } from "../scenario/fault.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { sourceObstacle } from "../scenario/source.ts";
import { descriptorLimitOf } from "./host_health.ts";
import { Proc } from "./proc.ts";
import { countOfSources, sourceHosts } from "./sources.ts";

/** Descriptors of a worker besides those of its clients: sockets of SIP and MSRP, epoll, and what its thread needs. */
const PER_WORKER = 8;

/** Why an address cannot be sent from; undefined where it can. */
export function obstacleToLocal(host: string): string | undefined {
  try {
    Deno.listenDatagram({ transport: "udp", hostname: host, port: 0 }).close();
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return `the permission set does not allow ${host}`;
    // what is exhausted is no fault of the address
    if (!(error instanceof Deno.errors.AddrNotAvailable)) return undefined;
    return `${host} is no address of this machine`;
  }
}

/** Sources of a scenario that this machine does not have, or that do not reach the target's numeric address. */
export function sourceFaults(scenario: Scenario, target: string | undefined): FieldFault[] {
  return scenario.populations.flatMap((population, index): FieldFault[] => {
    const { source } = population;
    if (source?.addresses === undefined) return [];
    const path = ["populations", index, "source", "addresses"];
    const unreached = target === undefined ? undefined : sourceObstacle(source, target);
    if (unreached !== undefined) return [{ path, what: unreached }];
    for (const host of sourceHosts({ populations: [population] })) {
      const obstacle = obstacleToLocal(host);
      if (obstacle !== undefined) return [{ path, what: `cannot be sent from: ${obstacle}` }];
    }
    return [];
  });
}

/** Why this process may not open the sockets of all clients; undefined where it may, or nothing is known. */
export function descriptorShortage(scenario: Scenario, workers: number): string | undefined {
  const proc = new Proc();
  const limit = descriptorLimitOf(proc.text("/proc/self/limits") ?? "");
  const open = proc.entries("/proc/self/fd") ?? 0;
  proc.close();
  return limit === undefined ? undefined : shortageOf(countOfSources(scenario, workers), workers, open, limit);
}

/** The same by numbers: each source is a UDP socket and a listening one for TCP. */
export function shortageOf(sources: number, workers: number, open: number, limit: number): string | undefined {
  const needed = open + 2 * sources + PER_WORKER * workers;
  if (needed <= limit) return undefined;
  const reason = sources === 0 ? `${workers} workers` : `${sources} sources, two for each,`;
  return `${reason} need about ${needed} file descriptors, and this process may open ${limit} (ulimit -n)`;
}

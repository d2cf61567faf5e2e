/**
 * A million registered clients in one process, against `imstorm target` in another: registered at a steady rate, and
 * each binding refreshed half-way, the first time at a random moment so that they are refreshed evenly.
 */
import type { ScenarioInput } from "../scenario/scenario.ts";
import { runAgainstTarget, type UdpImplementation } from "./imstorm.ts";
import { peakOf, type RegisteredMemory, restOf } from "./memory.ts";

/** What a million clients cost, and whether they did what they should. */
export interface ManyRegistered extends RegisteredMemory {
  /** Registrations a second, as planned. */
  readonly rate: number;
  /** Registrations in each second but the first and the last of them. */
  readonly registrations: readonly number[];
  /** Refreshes in each second at rest, the last one left out. */
  readonly refreshes: readonly number[];
  /** Bindings that were not refreshed in time. */
  readonly lapsed: number;
  /** REGISTER requests that were sent again. */
  readonly retransmissions: number;
}

/** Seconds between two refreshes of a client: half of what it asks for, which is less than 1200 s. */
const REFRESH_EVERY = 300;
const REST_SECONDS = 60;
const DOMAIN = "ims.test";
/** Octets that both processes may need, with what V8 has not collected. */
const NEEDED = 6 * 1024 ** 3;

/** Why this machine cannot hold so many on both sides; undefined when it can. */
export function tooSmallFor(clients: number): string | undefined {
  const { available } = Deno.systemMemoryInfo();
  const needed = NEEDED * (clients / 1_000_000);
  if (available >= needed) return undefined;
  return `${Math.round(available / 1024 ** 2)} MiB of memory available, ${Math.round(needed / 1024 ** 2)} needed`;
}

/** Clients that register at a rate and are left alone; the last phase tells the rest from the end of the run. */
export function manyScenario(target: string, clients: number, rate: number): ScenarioInput {
  return {
    name: "many-registered",
    target: { uri: `sip:${target};transport=udp`, domain: DOMAIN },
    populations: [
      {
        name: "clients",
        clients,
        user: "user{n}",
        register: { rate: `${rate}/s`, expires: `${REFRESH_EVERY * 2}s`, refresh_spread: 1 },
        unregister: false,
        messages: { size: 140, to: { population: "receivers" } },
      },
      { name: "receivers", clients: 1, user: "receiver", unregister: false },
    ],
    phases: [
      { executor: "constant-arrival-rate", rate: "100/s", duration: "10s" },
      { executor: "constant-arrival-rate", rate: "0/s", duration: `${REST_SECONDS}s` },
      { executor: "constant-arrival-rate", rate: "1/s", duration: "1s" },
    ],
  };
}

/** Refreshes a second that are expected when all are registered. */
export function refreshesExpected(clients: number): number {
  return clients / REFRESH_EVERY;
}

/** Measures so many clients; `restOfOne`: octets with one. */
export async function measureMany(
  clients: number,
  rate: number,
  restOfOne: number,
  implementation: UdpImplementation,
): Promise<ManyRegistered> {
  const { summary, snapshots } = await runAgainstTarget(
    (target) => manyScenario(target, clients, rate),
    implementation,
  );
  const { registered } = summary.clients;
  if (registered !== clients + 1) throw new Error(`Cannot measure: ${registered} of ${clients + 1} clients registered`);
  const each = (name: string): number[] => snapshots.map(({ counters }) => counters[name] ?? 0);
  const sum = (name: string): number => each(name).reduce((all, count) => all + count, 0);
  const atRest = snapshots.filter(({ gauges }) => gauges["load.phase"] === 1);
  return {
    clients,
    rate,
    peak: peakOf(snapshots, 1, 0),
    peakOfOne: restOfOne,
    rest: restOf(snapshots, 1),
    restOfOne,
    registrations: each("clients.registered").filter((count) => count > 0).slice(1, -1),
    refreshes: atRest.slice(0, -1).map(({ counters }) => counters["clients.refreshed"] ?? 0),
    lapsed: sum("clients.lapsed"),
    retransmissions: sum("retransmissions.REGISTER"),
  };
}

/** The embedded target in a thread of its own, so that it does not share an event loop with the clients. */
import type { Scenario } from "../scenario/scenario.ts";
import { userAt } from "../scenario/users.ts";
import { intervalsOf } from "../target/every_nth.ts";
import type { PlainTargetOptions, TargetNotice, TargetOrder } from "../target/worker.ts";
import type { Address } from "../transport/flow.ts";
import { sourceHosts } from "./sources.ts";

/** A running embedded target. */
export interface EmbeddedTarget {
  /** Where it listens, UDP and TCP alike. */
  readonly address: Address;
  /** What it counted, for comparison with the clients' side. */
  counters(): Promise<Record<string, number>>;
  /** Stops it. */
  close(): Promise<void>;
}

/**
 * Starts the embedded target that a scenario describes, on a free port of the loopback interface. `onFailure` is called
 * when its thread dies.
 */
export async function startEmbeddedTarget(
  scenario: Scenario,
  onFailure: (error: Error) => void,
): Promise<EmbeddedTarget> {
  const worker = new Worker(new URL("../target/worker.ts", import.meta.url).href, {
    type: "module",
    name: "imstorm target",
    deno: {
      permissions: {
        net: ["127.0.0.1", ...sourceHosts(scenario)],
        env: Deno.permissions.querySync({ name: "env", variable: "SIM_UDP" }).state === "granted" ? ["SIM_UDP"] : false,
        ffi: Deno.permissions.querySync({ name: "ffi" }).state === "granted",
        read: false,
        write: false,
        run: false,
        sys: false,
      },
    },
  });
  const waiting: ((notice: TargetNotice) => void)[] = [];
  const next = (): Promise<TargetNotice> => new Promise((resolve) => waiting.push(resolve));
  worker.onmessage = ({ data }: MessageEvent<TargetNotice>) => waiting.shift()?.(data);
  let failure: string | undefined;
  worker.onerror = (event) => {
    event.preventDefault();
    failure = event.message;
    for (const answer of waiting.splice(0)) answer({ kind: "failed", error: event.message });
    onFailure(new Error(`the embedded target failed: ${event.message}`));
  };
  const tell = (order: TargetOrder): Promise<TargetNotice> => {
    if (failure !== undefined) return Promise.resolve({ kind: "failed", error: failure });
    const answer = next();
    worker.postMessage(order);
    return answer;
  };
  const started = await tell({ kind: "start", options: targetOptions(scenario) });
  if (started.kind !== "started") {
    throw new Error(`Cannot start the embedded target: ${started.kind === "failed" ? started.error : started.kind}`);
  }
  return {
    address: started.address,
    async counters() {
      const notice = await tell({ kind: "counters" });
      return notice.kind === "counters" ? notice.counters : {};
    },
    async close() {
      await tell({ kind: "close" });
      worker.terminate();
    },
  };
}

/** What the scenario says of the embedded target, for its thread. */
function targetOptions(scenario: Scenario): PlainTargetOptions {
  const { embedded, domain } = scenario.target;
  if (embedded === undefined) throw new Error("Cannot start the embedded target: the scenario names another one");
  const address = { host: "127.0.0.1", port: 0 };
  return {
    listen: [{ transport: "udp", address }, { transport: "tcp", address }],
    domain: [domain],
    ...(embedded.digest === undefined
      ? {}
      : { digest: { realm: domain, algorithm: embedded.digest, passwords: passwordsOf(scenario) } }),
    challengeRequests: embedded.challengeRequests,
    minSe: Math.round(embedded.minSe / 1000),
    ...(embedded.maxMessage === undefined ? {} : { maxMessage: embedded.maxMessage }),
    loss: embedded.loss,
    delay: embedded.delay,
    ...(embedded.stall === undefined ? {} : { stall: embedded.stall }),
    duplicate: embedded.duplicate,
    corrupt: embedded.corrupt,
    every: intervalsOf(embedded),
    ...(embedded.refuse === undefined ? {} : { refuse: embedded.refuse }),
    seed: scenario.seed,
  };
}

/** Passwords by user name, for the target's digest. */
function passwordsOf(scenario: Scenario): Record<string, string> {
  const passwords: Record<string, string> = {};
  for (const population of scenario.populations) {
    for (let k = 0; k < population.clients; k++) {
      const { username, password } = userAt(population, k);
      if (password !== undefined) passwords[username] = password;
    }
  }
  return passwords;
}

/** The embedded target in a thread of its own, so that it does not share an event loop with the clients. */
import type { Address } from "../transport/flow.ts";
import type { TargetNotice, TargetOrder } from "../target/worker.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { userAt } from "../scenario/users.ts";

/** A running embedded target. */
export interface EmbeddedTarget {
  /** Where it listens, UDP and TCP alike. */
  readonly address: Address;
  /** What it counted, for comparison with the clients' side. */
  counters(): Promise<Record<string, number>>;
  /** Stops it. */
  close(): Promise<void>;
}

/** Starts the embedded target that a scenario describes, on a free port of the loopback interface. */
export async function startEmbeddedTarget(scenario: Scenario): Promise<EmbeddedTarget> {
  const worker = new Worker(new URL("../target/worker.ts", import.meta.url).href, {
    type: "module",
    name: "imstorm target",
    deno: { permissions: { net: ["127.0.0.1"], read: false, write: false, env: false, run: false, sys: false } },
  });
  const waiting: ((notice: TargetNotice) => void)[] = [];
  const next = (): Promise<TargetNotice> => new Promise((resolve) => waiting.push(resolve));
  worker.onmessage = ({ data }: MessageEvent<TargetNotice>) => waiting.shift()?.(data);
  worker.onerror = (event) => {
    event.preventDefault();
    waiting.shift()?.({ kind: "failed", error: event.message });
  };
  const tell = (order: TargetOrder): Promise<TargetNotice> => {
    const answer = next();
    worker.postMessage(order);
    return answer;
  };
  const { embedded } = scenario.target;
  const passwords = embedded.digest === undefined ? undefined : passwordsOf(scenario);
  const started = await tell({ kind: "start", embedded, passwords, seed: scenario.seed });
  if (started.kind !== "started") throw new Error(`Cannot start the embedded target: ${JSON.stringify(started)}`);
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

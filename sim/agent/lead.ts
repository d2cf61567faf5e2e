/** Leads the other agents of a run: makes their parts, tells them what to do, and brings together what they have. */
import type { Millis } from "../clock/clock.ts";
import type { ForeignDelivery, RunOrder } from "../load/order.ts";
import { IMSTORM_VERSION } from "../results/run_record.ts";
import type { AgentRun } from "./agent_run.ts";
import { Follower } from "./follower.ts";
import type { Others } from "./part.ts";
import type { AgentOfRun, RunRequest, RunRequestInput } from "./protocol.ts";
import { Refusal } from "./refusal.ts";
import { RemoteAgent } from "./remote_agent.ts";

/** Milliseconds between two questions to one agent. */
const ASK_EVERY: Millis = 100;
/** Milliseconds between two tries of a question that got no answer. */
const AGAIN_AFTER: Millis = 200;
/** Milliseconds without an answer after which an agent counts as lost. */
const PATIENCE: Millis = 5000;
/** Latencies from one agent to another. */
const ONE_WAY = ["pager_delivery", "large_delivery"];

/** An agent, and how it is asked. */
interface Led {
  readonly remote: RemoteAgent;
  readonly follower: Follower;
  /** Ends the wait before the next question. */
  wake: () => void;
}

/** All agents but the lead itself. */
export class Lead implements Others {
  readonly #run: AgentRun;
  readonly #led: readonly Led[];
  readonly #now: () => Millis;
  readonly #closing: AbortController;
  /** Milliseconds by which clocks may differ. */
  readonly #maxError: Millis;
  /** The worst error of a latency that was given so far, and between whom. */
  #worst: { readonly error: Millis; readonly between: string } = { error: 0, between: "" };

  private constructor(run: AgentRun, remotes: readonly RemoteAgent[], closing: AbortController, now: () => Millis) {
    this.#run = run;
    this.#now = now;
    this.#closing = closing;
    this.#maxError = run.request.lead?.max_clock_error_ms ?? 0;
    this.#led = remotes.map((remote, position) => {
      const index = position + 1;
      const follower = new Follower(index, remote.url, () => run.epoch(), {
        onReady: (unreachable) => run.ensemble.ready(index, unreachable),
        onQuiet: () => run.ensemble.quiet(index),
        onEnded: (failure) => {
          if (failure !== undefined) run.faults.push(`agent ${index} (${remote.url}) failed: ${failure}`);
          run.ensemble.ended(index);
        },
        onLost: (why) => run.otherIsLost(index, why),
        onDropped: (count) => run.faults.push(`agent ${index} (${remote.url}) could not hand over ${count} records`),
        onSnapshot: (snapshot) => run.add(snapshot),
        onEvidence: (entries) => run.addEvidence(entries),
        onDeliveries: (owner, deliveries) => this.#relay(index, owner, deliveries),
      });
      return { remote, follower, wake: () => {} };
    });
  }

  /** Makes the run on the other agents; none of them keeps it when one refuses. */
  static async make(run: AgentRun, request: RunRequest, now: () => Millis): Promise<Lead | Refusal> {
    const closing = new AbortController();
    const remotes = (request.lead?.agents ?? []).map(({ url, token }) => new RemoteAgent(url, token, closing.signal));
    const failures = await Promise.all(
      remotes.map((remote, position) => remote.make(partOf(request, run.id, position + 1))),
    );
    const lead = new Lead(run, remotes, closing, now);
    const faults = failures.flatMap((failure, position) =>
      failure === undefined
        ? []
        : [{ path: `lead.agents[${position}]`, what: `${remotes[position]!.url}: ${failure.why}` }]
    );
    if (faults.length === 0) return lead;
    await lead.#dismiss((position) => failures[position] === undefined);
    const what = `${faults.length} of ${remotes.length} other agents cannot take part`;
    return new Refusal("agents_unreachable", `${what}: ${faults.map((fault) => fault.what).join("; ")}`, faults);
  }

  /** Begins to ask. */
  attend(): void {
    for (const led of this.#led) {
      this.#converse(led).catch((error) => led.follower.lose(`imstorm failed: ${error?.stack ?? error}`));
    }
  }

  begin(at: Millis): void {
    this.#tell({ kind: "begin", at });
  }

  order(order: RunOrder | { readonly kind: "finish" } | { readonly kind: "stop" }): void {
    this.#tell(order);
  }

  deliver(owner: number, deliveries: readonly ForeignDelivery[]): void {
    this.#relay(0, owner, deliveries);
  }

  agents(now: Millis): AgentOfRun[] {
    return this.#led.map(({ follower }) => follower.describe(now));
  }

  orderDelay(): Millis {
    return this.#led.length === 0 ? 0 : 2 * ASK_EVERY;
  }

  refused(): Readonly<Record<string, string>> {
    const { error, between } = this.#worst;
    if (error <= this.#maxError) return {};
    const why =
      `the clocks of ${between} may differ by ${error === Infinity ? "any time" : `${error.toFixed(2)} ms`}, ` +
      `limit ${this.#maxError} ms: no latency from one agent to another`;
    return Object.fromEntries(ONE_WAY.map((name) => [name, why]));
  }

  close(): void {
    this.#closing.abort();
    for (const { wake } of this.#led) wake();
  }

  #tell(order: Parameters<Follower["order"]>[0]): void {
    for (const { follower, wake } of this.#led) {
      follower.order(order);
      wake();
    }
  }

  /** Messages of the share `owner` arrived at agent `from`. */
  #relay(from: number, owner: number, deliveries: readonly ForeignDelivery[]): void {
    const to = owner % (this.#led.length + 1);
    const error = this.#errorOf(from) + this.#errorOf(to);
    if (error > this.#worst.error) this.#worst = { error, between: `agents ${from} and ${to}` };
    if (to === 0) this.#run.deliver(owner, deliveries);
    else this.#led[to - 1]!.follower.deliver(owner, deliveries);
  }

  #errorOf(agent: number): Millis {
    return agent === 0 ? 0 : this.#led[agent - 1]!.follower.clock.error(this.#now());
  }

  /** Asks one agent until it is over or lost. */
  async #converse(led: Led): Promise<void> {
    const { follower } = led;
    while (!follower.isOver() && !this.#closing.signal.aborted) {
      const isAnswered = await this.#ask(led);
      const wait = !isAnswered ? AGAIN_AFTER : follower.hasNews() ? 0 : ASK_EVERY;
      if (wait === 0) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        led.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #ask({ remote, follower }: Led): Promise<boolean> {
    const question = follower.question();
    const sent = this.#now();
    const answer = await remote.exchange(this.#run.id, question);
    const received = this.#now();
    if (this.#closing.signal.aborted) return false;
    if ("number" in answer) {
      follower.take(answer, sent, received);
      return true;
    }
    if (answer.isFinal) follower.lose(answer.why);
    else follower.failed(answer.why, received, PATIENCE);
    return false;
  }

  /** Stops what was made, where the rest could not be. */
  async #dismiss(isMade: (position: number) => boolean): Promise<void> {
    await Promise.all(
      this.#led.filter((_, position) => isMade(position)).map((led) => {
        led.follower.order({ kind: "stop" });
        return led.remote.exchange(this.#run.id, led.follower.question());
      }),
    );
    this.#closing.abort();
  }
}

/** The request for the part of another agent. */
function partOf(request: RunRequest, id: string, index: number): RunRequestInput {
  const { lead: _, share, scenario, workers, seed, target, overrides, lease_s } = request;
  return {
    id,
    version: IMSTORM_VERSION,
    scenario,
    share: { index, count: share.count },
    ...(workers === undefined ? {} : { workers }),
    ...(seed === undefined ? {} : { seed }),
    ...(target === undefined ? {} : { target }),
    overrides,
    led: true,
    lease_s,
  };
}

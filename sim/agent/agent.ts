/** The agent: makes runs as it is asked, one at a time. */
import { hashText } from "../bytes/hash.ts";
import type { Millis } from "../clock/clock.ts";
import { newRunNumber, sharedNow, startRun } from "../load/coordinator.ts";
import { type EmbeddedTarget, startEmbeddedTarget } from "../load/embedded_target.ts";
import { hostOf, localHostFor, resolveTarget } from "../load/target_address.ts";
import { parseUri } from "../sip/uri.ts";
import { describeMachine, IMSTORM_VERSION, scenarioHash } from "../results/run_record.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Address } from "../transport/flow.ts";
import { AgentRun } from "./agent_run.ts";
import { type AllowedTargets, isLoopback } from "./allowed_targets.ts";
import { runAnswer } from "./answers.ts";
import type { Part, PartListener } from "./part.ts";
import type { AgentAnswer, RunRequest } from "./protocol.ts";
import { unpack } from "./deliveries.ts";
import { readRequest, writeExchange } from "./exchange.ts";
import { Lead } from "./lead.ts";
import { Outbox } from "./outbox.ts";
import { RunRecord } from "./record.ts";
import { Refusal } from "./refusal.ts";
import { scenarioOf } from "./scenario_of_request.ts";
import { settled } from "./workers_of_request.ts";

/** What its operator said. */
export interface AgentOptions {
  readonly allowed: AllowedTargets;
  /** Folder below which results folders are made. */
  readonly results: string;
  /** Address its clients listen on; the one that reaches the target when absent. */
  readonly local?: string;
}

/** A target as it will be used. */
interface Reached {
  readonly address: Address;
  readonly embedded: EmbeddedTarget | undefined;
}

/** Makes runs and knows the present one. */
export class Agent {
  readonly #options: AgentOptions;
  #run: AgentRun | undefined;
  /** What the present run has for its lead, where it is led. */
  #outbox: Outbox | undefined;
  /** A run is being made: two controllers at once get one. */
  #isMaking = false;
  #isClosing = false;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** What it is and does. */
  describe(): AgentAnswer {
    const run = this.#run;
    return {
      version: IMSTORM_VERSION,
      state: this.#isBusy() ? "busy" : "idle",
      ...(run === undefined ? {} : { run: runAnswer(run, sharedNow()) }),
      now_us: Math.round(sharedNow() * 1000),
      machine: { ...describeMachine() },
    };
  }

  /** The run of that name, or why there is none. */
  find(id: string): AgentRun | Refusal {
    if (this.#run?.id === id) return this.#run;
    return new Refusal("not_found", `There is no run ${id}${this.#run === undefined ? "" : `, but ${this.#run.id}`}`);
  }

  /** Makes a run; gives the present one when it is the same. */
  async create(asked: RunRequest): Promise<AgentRun | Refusal> {
    const whole = withoutLeadItself(asked);
    const refusal = faultOf(whole);
    if (refusal !== undefined) return refusal;
    const alone = scenarioOf(whole);
    if (alone instanceof Refusal) return alone;
    const hosts = await hostsOfAgents(whole, alone, this.#options);
    const request = hosts.length === 0 ? whole : withHosts(whole, [...alone.target.hosts, ...hosts]);
    const scenario = hosts.length === 0 ? alone : scenarioOf(request);
    if (scenario instanceof Refusal) return scenario;
    const present = this.#run;
    if (present !== undefined && isSame(present, request, scenario)) return present;
    if (this.#isBusy() || this.#isClosing) {
      return new Refusal("busy", `The agent has a run: ${present?.id ?? "one that is being made"}`);
    }
    this.#isMaking = true;
    try {
      const made = await this.#make(request, scenario);
      if (made instanceof AgentRun) this.#run = made;
      return made;
    } finally {
      this.#isMaking = false;
    }
  }

  /** Takes the lead's question and answers it; `receivedAt` by the clock of starts. */
  exchange(id: string, octets: Uint8Array, receivedAt: Millis): Uint8Array<ArrayBuffer> | Refusal {
    const run = this.find(id);
    if (run instanceof Refusal) return run;
    const outbox = this.#outbox;
    if (outbox === undefined) return new Refusal("wrong_state", "Cannot exchange: the run has no lead");
    const request = readRequest(octets);
    if (request instanceof Refusal) return request;
    run.lease.renew(receivedAt);
    const standing = { epoch: run.epoch(), state: run.state(), reason: run.life.reason ?? "" };
    const { answer, isNew } = outbox.answer(request, receivedAt, standing);
    if (isNew) {
      for (const order of request.orders) run.obey(order);
      for (const packed of request.deliveries) run.deliver(packed.owner, unpack(packed, 0));
    }
    return writeExchange(answer);
  }

  /** Whether there is a run that is not over, or one whose lead does not have everything yet. */
  #isBusy(): boolean {
    const run = this.#run;
    if (this.#isMaking) return true;
    if (run === undefined) return false;
    const hasNews = this.#outbox?.isTaken() === false && run.life.startsAt() !== undefined;
    const isAwaited = hasNews && !run.lease.isOver(sharedNow());
    return !run.life.isOver() || isAwaited;
  }

  /** Ends the present run cleanly and waits for its end; makes no other. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#run?.life.because("the agent was interrupted");
    this.#run?.order("stop", { kind: "stop" });
    await this.#run?.over;
  }

  /** Ends the present run where it stands. */
  halt(): void {
    this.#run?.halt();
  }

  async #make(asked: RunRequest, scenario: Scenario): Promise<AgentRun | Refusal> {
    const address = await this.#check(scenario, asked);
    if (address instanceof Refusal) return address;
    const id = asked.id ?? crypto.randomUUID();
    const request = settled({ ...asked, id }, scenario);
    let record: RunRecord | undefined;
    try {
      if (!request.led) {
        record = RunRecord.open(this.#options.results, scenario, request, new Date());
      }
    } catch (error) {
      return new Refusal("cannot_write", error instanceof Error ? error.message : String(error));
    }
    const outbox = request.led ? new Outbox() : undefined;
    const run = new AgentRun({
      id,
      request,
      scenario,
      now: sharedNow,
      ...(record === undefined ? {} : { record }),
      ...(outbox === undefined ? {} : { upward: outbox }),
    });
    const lead = request.lead === undefined ? undefined : await Lead.make(run, request, sharedNow);
    if (lead instanceof Refusal) {
      record?.discard();
      return lead;
    }
    const reached = address ?? await openEmbedded(scenario, run);
    this.#outbox = outbox;
    run.begin((listener) => startPart(run, reached, this.#options.local, listener), lead);
    lead?.attend();
    return run;
  }

  /** The address of the target; undefined for the embedded one. */
  async #check(scenario: Scenario, request: RunRequest): Promise<Reached | undefined | Refusal> {
    const { uri } = scenario.target;
    if (uri === "embedded") {
      return request.share.count === 1 ? undefined : new Refusal(
        "invalid_scenario",
        "An embedded target is inside one agent: several agents need one of their own, such as `imstorm target`",
        [{ path: "target.uri", what: "is embedded, with several agents" }],
      );
    }
    const address = await resolveTarget(uri);
    const name = parseUri(uri)?.host ?? uri;
    if (address === undefined) return new Refusal("target_unknown", `Cannot find ${name}: its host is not known`);
    const faults = this.#options.allowed.faultsOf(scenario, name, address);
    if (faults.length > 0) return new Refusal("target_not_allowed", faults[0]!.what, faults);
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    const { state } = await Deno.permissions.query({ name: "net", host });
    if (state === "granted") return { address, embedded: undefined };
    return new Refusal("target_not_allowed", `The permission set of the agent does not allow ${address.host}`);
  }
}

/** Where the clients of all agents are, as far as this agent may talk to them: large messages go from client to client. */
async function hostsOfAgents({ lead }: RunRequest, scenario: Scenario, options: AgentOptions): Promise<string[]> {
  const target = lead === undefined ? undefined : await resolveTarget(scenario.target.uri);
  if (lead === undefined || target === undefined) return [];
  const named = lead.agents.map(({ url }) => new URL(url).hostname.replace(/^\[|\]$/g, ""));
  const others = await Promise.all(named.map(hostOf));
  const hosts = new Set([options.local ?? localHostFor(target), ...others.filter((host) => host !== undefined)]);
  return [...hosts].filter((host) => !isLoopback(host) && options.allowed.allows(host, undefined));
}

function withHosts(request: RunRequest, hosts: readonly string[]): RunRequest {
  return { ...request, overrides: { ...request.overrides, "target.hosts": [...new Set(hosts)] } };
}

async function openEmbedded(scenario: Scenario, run: AgentRun): Promise<Reached> {
  const embedded = await startEmbeddedTarget(scenario, () => run.halt());
  return { address: embedded.address, embedded };
}

function startPart(
  run: AgentRun,
  { address, embedded }: Reached,
  local: string | undefined,
  listener: PartListener,
): Part {
  const { scenario, request } = run;
  const interrupt = new AbortController();
  const halt = new AbortController();
  const control = startRun({
    scenario,
    workers: request.chosen.count,
    target: address,
    domain: scenario.target.domain,
    local: { host: local ?? localHostFor(address), port: 0 },
    onSnapshot: listener.onSnapshot,
    onEvidence: listener.onEvidence,
    onState: listener.onState,
    interrupt: interrupt.signal,
    halt: halt.signal,
    conductor: {
      share: request.share,
      run: runNumberOf(request),
      newsDelay: request.share.count === 1 ? 0 : NEWS_DELAY,
      onReady: listener.onReady,
      onQuiet: listener.onQuiet,
      onForeign: listener.onForeign,
    },
  });
  return {
    control,
    interrupt: () => interrupt.abort(),
    halt: () => halt.abort(),
    close: async () => await embedded?.close(),
  };
}

/** Milliseconds that deliveries from other agents may be late: the lead asks ten times a second, and may hang. */
const NEWS_DELAY: Millis = 1500;

/** What is wrong with a request besides its fields. */
function faultOf({ share, lead, led, version }: RunRequest): Refusal | undefined {
  if (version !== undefined && version !== IMSTORM_VERSION) {
    return new Refusal("version_mismatch", `The agent is imstorm ${IMSTORM_VERSION}, not ${version}`);
  }
  const out = (path: string, what: string) => new Refusal("share_out_of_range", `${path} ${what}`, [{ path, what }]);
  if (share.index >= share.count) return out("share.index", `is ${share.index}, of ${share.count} agents from 0`);
  if (lead !== undefined && led) return out("led", "and lead are not both possible");
  if (lead !== undefined && (share.index !== 0 || lead.agents.length !== share.count - 1)) {
    return out("lead.agents", `must be the ${share.count - 1} other agents, with share.index 0`);
  }
  if (share.count > 1 && lead === undefined && !led) {
    return out("share.count", `is ${share.count}: several agents need a lead, or nobody notices what they deliver`);
  }
  return undefined;
}

/** A list of all agents is one of the others after the lead itself. */
function withoutLeadItself(request: RunRequest): RunRequest {
  const { lead, share } = request;
  if (lead === undefined || lead.agents.length !== share.count) return request;
  return { ...request, lead: { ...lead, agents: lead.agents.slice(1) } };
}

function isSame(run: AgentRun, request: RunRequest, scenario: Scenario): boolean {
  return run.id === request.id && run.request.share.index === request.share.index &&
    run.request.share.count === request.share.count && scenarioHash(run.scenario) === scenarioHash(scenario);
}

/** Agents of one run mark their messages by the same number, made of its name. */
function runNumberOf({ id, share }: RunRequest): number {
  if (id === undefined || share.count === 1) return newRunNumber();
  return hashText(id) & 0x3fff_ffff;
}

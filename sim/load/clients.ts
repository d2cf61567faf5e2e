/** The simulated clients of one worker: its share of every population. */
import type { Clock } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import type { Endpoint, EndpointCore } from "../endpoint/endpoint.ts";
import { profileOf } from "../im/profile.ts";
import type { EvidenceRing, Transcript } from "../metrics/evidence.ts";
import type { Ledger } from "../metrics/ledger.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { Population } from "../scenario/population.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { indexOfUser, userAt } from "../scenario/users.ts";
import { SMALLEST_SESSION_INTERVAL } from "../sip/session_timer.ts";
import { parseUri } from "../sip/uri.ts";
import type { Message } from "../sip/message.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import { formatAddress } from "../transport/address.ts";
import type { Address, Flow } from "../transport/flow.ts";
import { addressOfRecord } from "../ua/account.ts";
import type { DeliveryListener, UserAgentSettings, Warmup } from "../ua/settings.ts";
import { UnderWay } from "../ua/under_way.ts";
import { UserAgent } from "../ua/user_agent.ts";
import { Recovery } from "./recovery.ts";
import type { WorkerSources } from "./sources.ts";
import { UserIndex } from "./user_index.ts";

/** One worker's part of a whole: client `k` belongs to worker `k mod count`. */
export interface Share {
  readonly index: number;
  readonly count: number;
}

/** What clients need besides their scenario. */
export interface ClientsParts {
  readonly scenario: Scenario;
  readonly share: Share;
  /** By number of the population; undefined: all clients send from the endpoint's own address. */
  readonly sources?: WorkerSources["populations"];
  readonly target: Address;
  readonly domain: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly evidence: EvidenceRing;
  readonly transcript?: Transcript;
  readonly onDelivery: DeliveryListener;
}

/** Stream numbers of the scenario's seed that are not the load model's. */
const REFRESH_STREAM = 1000;

/** All clients of one worker, findable by number and by the user part of a Request-URI. */
export class Clients implements EndpointCore {
  /** The clients of this worker's share, in order of their number. */
  readonly all: readonly UserAgent[];
  /** Set by the load, for what only the moment of its arrival can tell. */
  readonly warmup: Warmup = { on: false };
  /** Counts what all of them have under way. */
  readonly underWay: UnderWay = new UnderWay();
  /** Brings those back whose connection was lost. */
  readonly recovery: Recovery;
  readonly #parts: ClientsParts;
  readonly #byUser: UserIndex<UserAgent>;
  readonly #firstIndex: number[] = [];

  /** Makes the clients; `endpoint` must deliver to this object as its core. */
  constructor(parts: ClientsParts, endpoint: Endpoint) {
    this.#parts = parts;
    const all: UserAgent[] = [];
    let first = 0;
    for (const [number, population] of parts.scenario.populations.entries()) {
      this.#firstIndex.push(first);
      const settings = this.#settings(population, endpoint, number, first);
      for (let k = 0; k < population.clients; k++) {
        if ((first + k) % parts.share.count !== parts.share.index) continue;
        all.push(new UserAgent(first + k, userAt(population, k).user, settings));
      }
      first += population.clients;
    }
    this.all = all;
    this.#byUser = new UserIndex(all);
    const { recorder, target, scenario } = parts;
    this.recovery = new Recovery({
      endpoint,
      recorder,
      clients: all,
      rateOf: (agent) => this.registrationRateOf(agent),
    });
    if (scenario.populations.some(({ transport, keepAlive }) => transport === "tcp" && keepAlive)) {
      endpoint.keepAlive(target);
    }
  }

  /** Registrations a second of a client's population in this worker. */
  registrationRateOf(agent: UserAgent): number {
    const { register } = this.populationOf(agent.index);
    return (register === false ? 100 : register.rate) / this.#parts.share.count;
  }

  /** The client with that number in the whole run, undefined when another worker has it. */
  at(index: number): UserAgent | undefined {
    const { share } = this.#parts;
    return index % share.count === share.index ? this.all[(index - share.index) / share.count] : undefined;
  }

  /** The population of a client by its number in the whole run. */
  populationOf(index: number): Population {
    let number = this.#firstIndex.length - 1;
    while (this.#firstIndex[number]! > index) number--;
    return this.#parts.scenario.populations[number]!;
  }

  /** The address of record of any client of the run. */
  addressOf(index: number): string {
    const own = this.at(index);
    if (own !== undefined) return own.aor;
    const population = this.populationOf(index);
    const number = this.#parts.scenario.populations.indexOf(population);
    return addressOfRecord(userAt(population, index - this.#firstIndex[number]!).user, this.#parts.domain);
  }

  /** The number in the whole run of the client with that address of record, of any worker; -1: none of ours. */
  numberOf(addressOfRecordText: string): number {
    const own = this.indexOf(addressOfRecordText);
    if (own >= 0 || this.#parts.share.count === 1) return own;
    const user = parseUri(addressOfRecordText)?.user ?? "";
    for (const [number, population] of this.#parts.scenario.populations.entries()) {
      const found = indexOfUser(population, user);
      if (found >= 0 && found < population.clients) return this.#firstIndex[number]! + found;
    }
    return -1;
  }

  /** Whether an address is one of our domain. */
  isOfOurDomain(addressOfRecordText: string): boolean {
    return addressOfRecordText.endsWith(`@${this.#parts.domain}`);
  }

  /** The number of the client with that address of record, -1 when this worker has none. */
  indexOf(addressOfRecordText: string): number {
    const user = parseUri(addressOfRecordText)?.user;
    return user === undefined ? -1 : this.#byUser.find(user)?.index ?? -1;
  }

  /** From the endpoint: a request outside every dialog. */
  onRequest(message: Message, transaction: ServerTransaction, at: number): void {
    const agent = this.#agentAt(message.requestUri());
    if (agent !== undefined && isAt(agent, transaction.flow)) {
      agent.onRequest(message, transaction, at);
      return;
    }
    if (!this.warmup.on) this.#parts.recorder.count("failures.request_to_unknown_client");
    this.all[0]?.settings.endpoint.respond(transaction, message, 404, { toTag: "unknown" });
  }

  /** By the user part of a SIP URI, without parsing the rest. */
  #agentAt(uri: string): UserAgent | undefined {
    const from = uri.indexOf(":") + 1;
    const to = uri.indexOf("@", from);
    return to < 0 ? undefined : this.#byUser.find(uri, from, to);
  }

  #settings(population: Population, endpoint: Endpoint, number: number, first: number): UserAgentSettings {
    const { scenario, target, domain, recorder, ledger, evidence, transcript, onDelivery, share } = this.#parts;
    const sources = this.#parts.sources?.[number];
    const { session, register } = population;
    return {
      endpoint,
      ...(sources !== undefined && { sources }),
      transport: population.transport,
      target,
      domain,
      credentialsOf: (index) => {
        const { username, password } = userAt(population, index - first);
        return password === undefined ? undefined : { username, password };
      },
      profile: profileOf(scenario.profile),
      mode: population.mode,
      session: {
        expires: Math.round(session.expires / 1000),
        minSe: SMALLEST_SESSION_INTERVAL,
        offeredMinSe: session.minSe === undefined ? undefined : Math.round(session.minSe / 1000),
        refresher: session.refresher,
        refreshMethod: session.refreshMethod,
        refreshAfter: session.refreshAfter,
        refresh: session.refresh,
        hold: session.hold,
        soloRefresh: session.soloRefresh,
      },
      msrp: population.msrp,
      furtherHosts: scenario.target.hosts,
      honourRetryAfter: population.honourRetryAfter,
      registerExpires: register === false ? undefined : Math.round(register.expires / 1000),
      registerRefresh: register !== false && register.refresh,
      refreshSpread: register === false ? 0 : register.refreshSpread,
      content: population.messages?.content ?? "text",
      takesBinary: scenario.populations.some(({ messages }) => messages?.content === "binary"),
      random: new Random(scenario.seed, REFRESH_STREAM + number * 64 + share.index),
      underWay: this.underWay,
      warmup: this.warmup,
      recorder,
      ledger,
      evidence,
      ...(transcript !== undefined && { transcript }),
      onDelivery,
    };
  }
}

/** Whether a client is at our end of a flow: over UDP it listens at its own source only, to connections at any. */
function isAt(agent: UserAgent, { reliable, local }: Flow): boolean {
  return agent.settings.sources === undefined || reliable || formatAddress(local) === agent.sentBy();
}

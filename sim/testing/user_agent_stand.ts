/** User agents in a simulated network: two facing each other, or one facing a scripted peer. */
import type { Millis } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Endpoint, type EndpointCore } from "../endpoint/endpoint.ts";
import { readContent } from "../im/body.ts";
import { type Evidence, EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { Totals } from "../metrics/snapshot.ts";
import type { Message } from "../sip/message.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import type { Address, TransportName } from "../transport/flow.ts";
import type { RegistrationOutcome } from "../ua/registration.ts";
import { type BehaviourChanges, behaviourWith, type Warmup } from "../ua/settings.ts";
import { UnderWay } from "../ua/under_way.ts";
import { UserAgent } from "../ua/user_agent.ts";
import type { MessageOrder } from "../ua/message_order.ts";
import { assertEquals } from "./assert.ts";
import { messageOrder } from "./message_orders.ts";
import { ScriptedPeer } from "./scripted_peer.ts";
import type { Conditions } from "./simnet.ts";
import { SimNetwork, SimTransports } from "./sim_transports.ts";

/** Where alice is. */
export const ALICE: Address = { host: "10.0.0.1", port: 5070 };
/** Where bob is, be it a user agent or a scripted peer. */
export const BOB: Address = { host: "10.0.0.2", port: 5071 };
/** Another host that alice may reach. */
export const CAROL: Address = { host: "10.0.0.3", port: 5072 };
/** Bob's address of record. */
export const BOB_URI = "sip:bob@ims.example";

/** Longer than any transaction lasts: 64*T1 and T4 (RFC 3261 §17). */
const AFTER_TRANSACTIONS: Millis = 40_000;

/** What a test wants of a user agent. */
export interface PartyOptions extends BehaviourChanges {
  readonly transport?: TransportName;
  readonly password?: string;
  /** Whether it hides who sends what it sends. */
  readonly anonymous?: boolean;
  readonly registerExpires?: number;
  readonly registerRefresh?: boolean;
  readonly refreshSpread?: number;
  readonly honourRetryAfter?: boolean;
}

/** One user agent with its endpoint. */
export class Party implements EndpointCore {
  readonly endpoint: Endpoint;
  readonly transports: SimTransports;
  readonly agent: UserAgent;
  /** Contents that arrived. */
  readonly received: string[] = [];
  /** What its registrations ended in. */
  readonly registrations: RegistrationOutcome[] = [];

  /** Made by `UserAgentStand`. */
  constructor(stand: UserAgentStand, index: number, user: string, target: Address, options: PartyOptions) {
    const { network } = stand;
    const local = index === 0 ? ALICE : BOB;
    let transports!: SimTransports;
    this.endpoint = new Endpoint({
      clock: network.clock,
      wheel: network.wheel,
      random: new Random(100 + index),
      core: this,
      transports: (receivers) => transports = new SimTransports(network, local, receivers),
    });
    this.transports = transports;
    const { password } = options;
    this.agent = new UserAgent(index, user, {
      endpoint: this.endpoint,
      transport: options.transport ?? "udp",
      target,
      domain: "ims.example",
      credentialsOf: () => password === undefined ? undefined : { username: user, password },
      ...behaviourWith(options),
      furtherHosts: [CAROL.host],
      honourRetryAfter: options.honourRetryAfter ?? false,
      registerExpires: options.registerExpires ?? 3600,
      registerRefresh: options.registerRefresh ?? true,
      refreshSpread: options.refreshSpread ?? 0,
      random: new Random(200 + index),
      underWay: new UnderWay(),
      warmup: stand.warmup,
      recorder: stand.recorder,
      ledger: stand.ledger,
      evidence: stand.evidence,
      onDelivery: ({ receiver, content, at }) => {
        this.received.push(new TextDecoder().decode(content));
        const mark = readContent(content);
        if (mark.kind === "marked") stand.ledger.deliver(mark.sequence, receiver, mark.intact, at);
        else stand.ledger.deliverUnmarked(1 - receiver, receiver, content.length, at);
      },
    });
  }

  /** As `EndpointCore`. */
  onRequest(message: Message, transaction: ServerTransaction, at: Millis): void {
    this.agent.onRequest(message, transaction, at);
  }

  /** Registers now, and notes how it ends. */
  register(): void {
    this.agent.register(this.endpoint.clock.now(), (_agent, outcome) => void this.registrations.push(outcome));
  }

  /** Fails unless nothing but ending transactions is left of what it did. */
  assertIdle(): void {
    const { transactions: _ending, timers: _ofThem, ...left } = this.endpoint.leftovers();
    assertEquals(left, { dialogs: 0, msrpSessions: 0, msrpConnections: 0 });
    assertEquals([this.agent.isInSession(), this.agent.pendingPagers()], [false, 0]);
  }
}

/** The stand: alice and whoever she faces, who counts, and the time. */
export class UserAgentStand {
  readonly network: SimNetwork;
  readonly recorder: Recorder = new Recorder();
  readonly ledger: Ledger = new Ledger(this.recorder, 5000);
  readonly evidence: EvidenceRing = new EvidenceRing();
  readonly warmup: Warmup = { on: false };
  readonly alice: Party;
  readonly parties: Party[] = [];
  readonly #totals = new Totals();
  readonly #anonymous: boolean;
  #sequence = 0;

  /** Alice alone; `facing` and `scripted` add the peer. */
  constructor(options: PartyOptions = {}, conditions: Partial<Conditions> = {}) {
    this.network = new SimNetwork(conditions);
    this.#anonymous = options.anonymous === true;
    this.alice = new Party(this, 0, "alice", BOB, options);
    this.parties.push(this.alice);
  }

  /** Alice sends; by default a content of `size` octets to bob, now. */
  send(order: Partial<MessageOrder> = {}): void {
    this.alice.agent.send({
      ...messageOrder(this.#sequence++, this.network.wheel.now),
      receiver: this.parties.length > 1 ? 1 : -1,
      anonymous: this.#anonymous,
      ...order,
    });
  }

  /** Moves the time on. */
  wait(milliseconds: Millis): void {
    this.network.wait(milliseconds);
  }

  /** A counter since the beginning, 0 when nothing was counted. */
  count(name: string): number {
    return this.counters()[name] ?? 0;
  }

  /** All counters since the beginning. */
  counters(): Readonly<Record<string, number>> {
    this.#totals.add(this.recorder.take(0, 0));
    return this.#totals.counters;
  }

  /** Names of the latencies recorded since the beginning. */
  latencies(): string[] {
    this.counters();
    return [...this.#totals.latencies.keys()].sort();
  }

  /** How many values a latency has since the beginning. */
  samples(name: string): number {
    this.counters();
    return this.#totals.latencies.get(name)?.count() ?? 0;
  }

  /** The largest value of a latency since the beginning, in microseconds. */
  micros(name: string): number {
    this.counters();
    return this.#totals.latencies.get(name)?.quantile(1) ?? NaN;
  }

  /** Counters whose name begins with a prefix, without it and without those at 0. */
  family(prefix: string): Record<string, number> {
    const entries = Object.entries(this.counters()).filter(([name, count]) => name.startsWith(prefix) && count !== 0);
    return Object.fromEntries(entries.map(([name, count]) => [name.slice(prefix.length), count]));
  }

  /** How many attempts there were, and what they ended in. */
  outcomes(): Record<string, number> {
    const names = ["attempted", "accepted_200", "accepted_202", "rejected", "failed", "timed_out", "unanswered"];
    return Object.fromEntries(
      names.flatMap((name) => this.count(`messages.${name}`) === 0 ? [] : [[name, this.count(`messages.${name}`)]]),
    );
  }

  /** Evidence kept since the last call. */
  evidenceTaken(): Evidence[] {
    return this.evidence.take();
  }

  /**
   * Ends the test: nothing is left of any session or message, transactions end by themselves, every attempt has one
   * outcome and one arrival, and every session asked for ended in one way.
   */
  end(): void {
    for (const party of this.parties) party.assertIdle();
    this.wait(AFTER_TRANSACTIONS);
    for (const party of this.parties) {
      const left = party.endpoint.leftovers();
      assertEquals(left, { timers: 0, dialogs: 0, transactions: 0, msrpSessions: 0, msrpConnections: 0 });
    }
    this.ledger.finish(this.network.wheel.now);
    assertEquals(this.count("ledger.unbalanced"), 0);
    const ended = ["released", "released_by_peer", "failed"].map((name) => this.count(`sessions.${name}`));
    assertEquals(this.count("sessions.invited"), ended.reduce((sum, count) => sum + count, 0));
  }
}

/** Alice and bob, who send to each other directly. */
export function facing(
  options: PartyOptions = {},
  bobOptions: PartyOptions = options,
  conditions: Partial<Conditions> = {},
): { stand: UserAgentStand; alice: Party; bob: Party } {
  const stand = new UserAgentStand(options, conditions);
  const bob = new Party(stand, 1, "bob", ALICE, bobOptions);
  stand.parties.push(bob);
  return { stand, alice: stand.alice, bob };
}

/** Alice and a peer that does what the test says. */
export function scripted(
  options: PartyOptions = {},
  conditions: Partial<Conditions> = {},
): { stand: UserAgentStand; alice: Party; peer: ScriptedPeer } {
  const stand = new UserAgentStand(options, conditions);
  return { stand, alice: stand.alice, peer: new ScriptedPeer(stand.network, BOB, ALICE) };
}

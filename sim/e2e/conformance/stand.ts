/**
 * The stand of the conformance suite: clients of ours on real sockets of the loopback interface, a clock that only the
 * test moves, and the scripted peer.
 */
import { assertEquals } from "@std/assert";
import { HandClock, type Millis } from "../../clock/clock.ts";
import { Random } from "../../clock/random.ts";
import { Endpoint } from "../../endpoint/endpoint.ts";
import { Sockets } from "../../endpoint/sockets.ts";
import { LayerCounters } from "../../load/layer_counters.ts";
import { EvidenceRing } from "../../metrics/evidence.ts";
import { Ledger } from "../../metrics/ledger.ts";
import { Recorder } from "../../metrics/recorder.ts";
import type { Snapshot } from "../../metrics/snapshot.ts";
import { messageOrder } from "../../testing/message_orders.ts";
import type { Flow, Receiver } from "../../transport/flow.ts";
import type { RegistrationOutcome } from "../../ua/registration.ts";
import { type BehaviourChanges, behaviourWith, type UserAgentSettings } from "../../ua/settings.ts";
import type { MessageOrder } from "../../ua/message_order.ts";
import { UserAgent } from "../../ua/user_agent.ts";
import { Captured } from "./captured.ts";
import { Peer } from "./peer.ts";
import { HOST, textOf, turn } from "./wires.ts";

/** What a test wants of our client. */
export interface StandOptions extends BehaviourChanges {
  readonly transport?: "udp" | "tcp";
  readonly password?: string;
  readonly anonymous?: boolean;
  readonly registerExpires?: number;
  /** Same seed, same identifiers; any by default. */
  readonly seed?: number;
  /** False where what arrives is no SIP that a dissector should judge. */
  readonly captured?: boolean;
}

/** A message that went by our client. */
export interface Logged {
  readonly direction: "sent" | "received";
  readonly text: string;
  readonly at: Millis;
  readonly transport: "udp" | "tcp";
}

/** The clock moves so far at a time: a timer fires at its moment, not at the end of a long jump. */
const STEP: Millis = 10;
const QUIET_LIMIT: Millis = 20_000;
const QUIET_TURNS = 3;
/** Of a long message only the beginning is logged: the largest datagram is still whole. */
const LOGGED_SIZE = 65_536;
/** Longer than any transaction lasts: 64*T1 and T4 (RFC 3261 §17). */
const AFTER_TRANSACTIONS: Millis = 40_000;

/** Alice on real sockets, bob as a script, and the time. */
export class Stand implements AsyncDisposable {
  readonly clock = new HandClock(1000);
  readonly peer: Peer = new Peer();
  readonly alice: UserAgent;
  readonly endpoint: Endpoint;
  readonly recorder: Recorder = new Recorder();
  readonly ledger: Ledger = new Ledger(this.recorder, 5000);
  readonly evidence: EvidenceRing = new EvidenceRing();
  /** Contents that alice got. */
  readonly received: string[] = [];
  /** What her registrations ended in. */
  readonly registrations: RegistrationOutcome[] = [];
  /** What went by alice, both protocols. */
  readonly log: Logged[] = [];
  readonly #captured = new Captured();
  readonly #counters: Record<string, number> = {};
  readonly #traffic = { sent: 0, received: 0 };
  readonly #layers: LayerCounters;
  readonly #anonymous: boolean;
  #sockets!: Sockets;
  #sequence = 0;

  /** Opens everything; nothing is sent. */
  constructor(options: StandOptions = {}) {
    const { clock, peer } = this;
    this.#anonymous = options.anonymous === true;
    const isCaptured = options.captured ?? true;
    const tap = (direction: "sent" | "received", octets: Uint8Array, flow: Flow): void => {
      this.#traffic[direction] += octets.length;
      const at = clock.now();
      const text = textOf(octets.subarray(0, LOGGED_SIZE));
      this.log.push({ direction, text, at, transport: flow.transport });
      if (isCaptured && !peer.broken.has(text)) this.#captured.add(direction, octets, flow, at);
    };
    // the kernel dates datagrams by real time, of which a clock that stands still knows nothing
    const exact = (receiver: Receiver): Receiver => ({
      receive: (octets, flow) => receiver.receive(octets, flow, clock.now()),
      onFlowFault: (flow, fault) => receiver.onFlowFault(flow, fault),
      onConnected: (flow, at) => receiver.onConnected?.(flow, at),
      onDrained: (flow) => receiver.onDrained?.(flow),
    });
    const seed = options.seed ?? crypto.getRandomValues(new Int32Array(1))[0]!;
    this.endpoint = new Endpoint({
      clock,
      random: new Random(seed),
      core: { onRequest: (message, transaction, at) => this.alice.onRequest(message, transaction, at) },
      transports: ({ sip, msrp }) => {
        const options = { local: { host: HOST, port: 0 }, clock, tap };
        return this.#sockets = new Sockets(options, { sip: exact(sip), msrp: exact(msrp) });
      },
    });
    peer.clientPort = this.endpoint.local.port;
    this.#layers = new LayerCounters(this.endpoint, this.#sockets, this.recorder);
    this.alice = new UserAgent(0, "alice", this.#settings(options));
  }

  /** Alice sends: by default 100 octets to bob. */
  send(order: Partial<MessageOrder> = {}): void {
    this.alice.send({
      ...messageOrder(this.#sequence++, this.clock.now()),
      anonymous: this.#anonymous,
      ...order,
    });
  }

  /** Alice sends what is large by its size alone, or so many octets. */
  sendLarge(size = 2000): void {
    this.send({ size });
  }

  /** Alice registers. */
  register(): void {
    this.alice.register(this.clock.now(), (_agent, outcome) => void this.registrations.push(outcome));
  }

  /** Moves the time on; it stands still while octets are on their way, so that all exchanges take no time at all. */
  async pass(duration: Millis): Promise<void> {
    await this.quiet();
    const end = this.clock.now() + duration;
    let sent = this.#messagesSent();
    while (this.clock.now() < end) {
      this.clock.moveTo(Math.min(end, this.clock.now() + STEP));
      this.endpoint.wheel.advance(this.clock.now());
      this.endpoint.transports.flush();
      if (this.#messagesSent() !== sent) await this.quiet();
      sent = this.#messagesSent();
    }
    await this.quiet();
  }

  /** Waits until every octet that one side has sent was read by the other, and nothing more comes. */
  async quiet(): Promise<void> {
    const deadline = performance.now() + QUIET_LIMIT;
    let before = "";
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      await turn();
      const { read, written } = this.peer.traffic;
      const { sent, received } = this.#traffic;
      const state = [sent, read, written, received, this.#connecting()];
      quiet = sent === read && written === received && state[4] === 0 && state.join() === before ? quiet + 1 : 0;
      before = state.join();
      if (performance.now() > deadline) {
        throw new Error(`Not quiet: sent, read, written, received, connecting: ${before}\n${this.peer.events.join()}`);
      }
    }
  }

  /** Waits until nothing is under way at alice's, then fails unless it all came to an end. */
  async end(): Promise<void> {
    await this.quiet();
    const { transactions: _ending, timers: _ofThem, ...left } = this.endpoint.leftovers();
    assertEquals(left, { dialogs: 0, msrpSessions: 0, msrpConnections: 0 });
    assertEquals([this.alice.isInSession(), this.alice.pendingPagers()], [false, 0]);
    await this.pass(AFTER_TRANSACTIONS);
    const { transactions, timers } = this.endpoint.leftovers();
    assertEquals([transactions, timers], [0, 0]);
    this.ledger.finish(this.clock.now());
    const ended = ["released", "released_by_peer", "failed"].map((name) => this.count(`sessions.${name}`));
    assertEquals(this.count("sessions.invited"), ended.reduce((sum, count) => sum + count, 0));
  }

  /** What was recorded since the last call. */
  snapshot(): Snapshot {
    this.#layers.collect();
    const snapshot = this.recorder.take(0, this.clock.now());
    for (const [name, count] of Object.entries(snapshot.counters)) {
      this.#counters[name] = (this.#counters[name] ?? 0) + count;
    }
    return snapshot;
  }

  /** A counter since the beginning. */
  count(name: string): number {
    this.snapshot();
    return this.#counters[name] ?? 0;
  }

  /** What the attempts ended in, and how many there were. */
  outcomes(): Record<string, number> {
    const names = ["attempted", "accepted_200", "accepted_202", "rejected", "failed", "timed_out", "unanswered"];
    const counts = names.map((name) => [name, this.count(`messages.${name}`)] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }

  /** Counters of failures that are not 0. */
  failures(): Record<string, number> {
    return this.counts("failures.");
  }

  /** Counters of a family that are not 0, without its prefix. */
  counts(prefix: string): Record<string, number> {
    this.snapshot();
    const members = Object.entries(this.#counters).filter(([name, count]) => name.startsWith(prefix) && count > 0);
    return Object.fromEntries(members.map(([name, count]) => [name.slice(prefix.length), count]));
  }

  /** When messages that begin so were sent, milliseconds after the first of them. */
  sentAfter(start: string): Millis[] {
    const moments = this.log.filter(({ direction, text }) => direction === "sent" && text.startsWith(start));
    return moments.map(({ at }) => at - moments[0]!.at);
  }

  /** Closes all sockets and writes the capture. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.endpoint.close(), this.peer.close()]);
    this.#captured.write();
  }

  #messagesSent(): number {
    const { datagrams, connections, msrp } = this.#sockets;
    return datagrams.counters.sent + connections.counters.sent + msrp.counters.sent;
  }

  #connecting(): number {
    return [this.#sockets.connections.counters, this.#sockets.msrp.counters].reduce(
      (sum, { attempted, connected, refused, timedOut, failed }) =>
        sum + attempted - connected - refused - timedOut - failed,
      0,
    );
  }

  #settings(options: StandOptions): UserAgentSettings {
    return {
      endpoint: this.endpoint,
      transport: options.transport ?? "udp",
      target: { host: HOST, port: this.peer.port },
      domain: "ims.example",
      credentialsOf: () =>
        options.password === undefined ? undefined : { username: "alice", password: options.password },
      ...behaviourWith(options),
      registerExpires: options.registerExpires ?? 3600,
      registerRefresh: true,
      random: new Random(200),
      recorder: this.recorder,
      ledger: this.ledger,
      evidence: this.evidence,
      onDelivery: ({ content }) => void this.received.push(new TextDecoder().decode(content)),
    };
  }
}

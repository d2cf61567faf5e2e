/** One worker's generator in a simulated network, before a target that answers as a test says and delivers at once. */
import type { Millis } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { readContent } from "../im/body.ts";
import { Clients, type Share } from "../load/clients.ts";
import { Generator } from "../load/generator.ts";
import { planOf } from "../load/plan.ts";
import { EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { defineScenario } from "../scenario/read.ts";
import type { ScenarioInput } from "../scenario/scenario.ts";
import { type Arrived, ScriptedPeer } from "./scripted_peer.ts";
import { SimNetwork, SimTransports } from "./sim_transports.ts";

const LOCAL = { host: "10.0.0.1", port: 5070 };
const TARGET = { host: "10.0.0.2", port: 5060 };

/** A message as it reached the target. */
export interface Seen {
  readonly at: Millis;
  /** User parts of the addresses. */
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly anonymous: boolean;
}

/** The stand. */
export class LoadStand {
  readonly network: SimNetwork = new SimNetwork();
  readonly recorder: Recorder = new Recorder();
  readonly ledger: Ledger = new Ledger(this.recorder, 100);
  readonly clients: Clients;
  readonly generator: Generator;
  readonly peer: ScriptedPeer;
  /** Messages in the order of their arrival, without retransmissions. */
  readonly seen: Seen[] = [];
  /** Milliseconds until a MESSAGE is answered; Infinity: never. */
  answerAfter: Millis;
  readonly #counts: Record<string, number> = {};
  readonly #sequences: Set<number> = new Set();

  /** `input`: what matters of a scenario; the load begins at 0, or when registrations are done. */
  constructor(
    input: Pick<ScenarioInput, "populations" | "phases" | "limits">,
    share: Share = { index: 0, count: 1 },
    answerAfter: Millis = 1,
  ) {
    const scenario = defineScenario({
      name: "stand",
      seed: 7,
      target: { uri: "sip:10.0.0.2:5060", domain: "ims.example" },
      ...input,
    });
    const { network, recorder, ledger } = this;
    this.answerAfter = answerAfter;
    const endpoint = new Endpoint({
      clock: network.clock,
      wheel: network.wheel,
      random: new Random(5),
      core: { onRequest: (message, transaction, at) => this.clients.onRequest(message, transaction, at) },
      transports: (receivers) => new SimTransports(network, LOCAL, receivers),
    });
    const parts = { scenario, share, target: TARGET, domain: "ims.example", clock: network.clock, recorder, ledger };
    this.clients = new Clients({ ...parts, evidence: new EvidenceRing(), onDelivery: () => {} }, endpoint);
    this.peer = new ScriptedPeer(network, TARGET, LOCAL);
    this.peer.script = (arrived) => this.#arrived(arrived);
    this.generator = new Generator({
      ...parts,
      plan: planOf(scenario),
      run: 1,
      clients: this.clients,
      onReady: () => this.generator.begin(network.wheel.now),
      onQuiet: () => {},
    }, 0);
  }

  /** Lets time pass, a millisecond a turn. */
  run(milliseconds: Millis): void {
    for (let left = milliseconds; left > 0; left--) {
      this.network.wait(1);
      this.generator.turn(this.network.wheel.now);
    }
  }

  /** Messages that reached the target in `[from, to)`, milliseconds. */
  between(from: Millis, to: Millis): number {
    return this.seen.filter(({ at }) => at >= from && at < to).length;
  }

  /** A counter since the beginning, 0 when nothing was counted. */
  count(name: string): number {
    for (const [each, more] of Object.entries(this.recorder.take(0, 0).counters)) {
      this.#counts[each] = (this.#counts[each] ?? 0) + more;
    }
    return this.#counts[name] ?? 0;
  }

  #arrived(arrived: Arrived): void {
    const { message, at } = arrived;
    if (message.method !== "MESSAGE") {
      const contact = message.header("Contact");
      this.peer.respond(arrived, 200, { headers: contact === undefined ? [] : [["Contact", contact]] });
      return;
    }
    const content = message.body();
    const mark = readContent(content);
    if (mark.kind === "unmarked" || this.#sequences.has(mark.sequence)) return;
    this.#sequences.add(mark.sequence);
    const [from, to] = [message.fromUri(), message.requestUri()];
    const userOf = (uri: string): string => uri.slice(uri.indexOf(":") + 1, uri.indexOf("@"));
    const anonymous = message.header("Privacy") === "id";
    const sender = anonymous ? message.header("P-Preferred-Identity") ?? "" : from;
    this.seen.push({ at, from: userOf(sender), to: userOf(to), size: content.length, anonymous });
    const receiver = this.clients.numberOf(to);
    this.ledger.deliver(mark.sequence, receiver, mark.intact, at);
    this.generator.delivered(receiver, from, at);
    const kept = { ...arrived, message: message.keep() };
    const answer = { due: () => this.peer.respond(kept, 200) };
    if (this.answerAfter !== Infinity) this.network.wheel.arm(this.answerAfter, answer, "answer");
  }
}

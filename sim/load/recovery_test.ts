/** Clients whose connection to the target was lost, in a simulated network. */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { parseScenario } from "../scenario/read.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { type Arrived, ScriptedPeer } from "../testing/scripted_peer.ts";
import { SimNetwork, SimTransports } from "../testing/sim_transports.ts";
import type { UserAgent } from "../ua/user_agent.ts";
import { Clients } from "./clients.ts";

const LOCAL = { host: "10.0.0.1", port: 5070 };
const TARGET = { host: "10.0.0.2", port: 5060 };

function scenarioOf(population: string): Scenario {
  const text = `name: recovery
target: {uri: "sip:10.0.0.2:5060;transport=tcp", domain: ims.example}
populations:
  - {name: phones, clients: 5, register: {expires: 3600s, rate: 10/s}, messages: {size: 100}${population}}
phases: [{executor: constant-arrival-rate, rate: 1/s, duration: 1s}]`;
  const scenario = parseScenario(text, "recovery.yaml");
  if (Array.isArray(scenario)) throw new Error(JSON.stringify(scenario));
  return scenario as Scenario;
}

/** Five clients of a target that grants everything, registered; `population`: further fields. */
function registered(population = "", register = true) {
  const network = new SimNetwork();
  const recorder = new Recorder();
  const endpoint = new Endpoint({
    clock: network.clock,
    wheel: network.wheel,
    random: new Random(5),
    core: { onRequest: (message, transaction, at) => clients.onRequest(message, transaction, at) },
    transports: (receivers) => new SimTransports(network, LOCAL, receivers),
  });
  const clients: Clients = new Clients({
    scenario: scenarioOf(population),
    share: { index: 0, count: 1 },
    target: TARGET,
    domain: "ims.example",
    clock: network.clock,
    recorder,
    ledger: new Ledger(recorder, 5000),
    evidence: new EvidenceRing(),
    onDelivery: () => {},
  }, endpoint);
  const attach = (): ScriptedPeer => {
    const peer = new ScriptedPeer(network, TARGET, LOCAL);
    peer.script = (arrived) => grant(peer, arrived);
    return peer;
  };
  const peer = attach();
  if (register) { for (const agent of clients.all) agent.register(0, () => {}); }
  network.wait(100);
  const counts: Record<string, number> = {};
  const count = (name: string): number => {
    for (const [each, more] of Object.entries(recorder.take(0, 0).counters)) counts[each] = (counts[each] ?? 0) + more;
    return counts[name] ?? 0;
  };
  const flowOf = (agent: UserAgent) => agent.registration!.flow()!;
  return { network, endpoint, clients, peer, attach, count, flowOf, flow: () => flowOf(clients.all[0]!) };
}

function grant(peer: ScriptedPeer, arrived: Arrived): void {
  const contact = arrived.message.header("Contact");
  peer.respond(arrived, 200, { headers: contact === undefined ? [] : [["Contact", contact]] });
}

Deno.test("Recovery registers all clients of a lost connection again over a new one, at the rate of their population", () => {
  const { network, clients, peer, count, flow } = registered();
  const lost = flow();
  assertEquals(new Set(clients.all.map((agent) => agent.registration!.flow())).size, 1);
  const cutAt = network.wheel.now;
  network.streams.cut(lost);
  network.wait(2000);
  const again = peer.moments("REGISTER").slice(5).map((at) => Math.round((at - cutAt) / 10) * 10);
  assertEquals(again, [0, 100, 200, 300, 400]);
  assert(clients.all.every((agent) => agent.registration!.isRegistered() && agent.registration!.flow() !== lost));
  assertEquals(new Set(clients.all.map((agent) => agent.registration!.flow())).size, 1);
  assertEquals([count("clients.flow_lost"), count("clients.registered_again"), count("clients.lapsed")], [5, 5, 0]);
  assertEquals(clients.recovery.size(), 0);
});

Deno.test("Recovery brings clients back from a connection without pong (T58, RFC 5626 §4.4.1)", () => {
  const { network, endpoint, peer, count } = registered();
  peer.answersPings = false;
  network.wait(131_000);
  assertEquals([peer.all("REGISTER").length, count("clients.registered_again")], [10, 5]);
  assertEquals([endpoint.flowFaults.get("no_pong"), peer.pings.length], [1, 1]);
});

Deno.test("Recovery sends no pings where the population has none, and brings clients back all the same", () => {
  const { network, peer, count, flow } = registered(", keep_alive: false");
  network.wait(500_000);
  assertEquals(peer.pings, []);
  network.streams.cut(flow());
  network.wait(1000);
  assertEquals(count("clients.registered_again"), 5);
});

Deno.test("Recovery pauses while the target is away, longer after each attempt (RFC 5626 §4.5)", () => {
  const { network, peer, attach, clients, count } = registered();
  peer.refuseSipConnections();
  network.wait(50);
  // the first attempt comes at once and is refused
  assertEquals([clients.recovery.size(), count("requests.REGISTER")], [5, 6]);
  network.wait(29_000);
  assertEquals(count("requests.REGISTER"), 6);
  network.wait(31_000);
  assertEquals(count("requests.REGISTER"), 7);
  const back = attach();
  network.wait(59_000 - 31_000);
  assertEquals(back.requests.length, 0);
  network.wait(93_000);
  assertEquals([back.all("REGISTER").length, count("clients.registered_again")], [5, 5]);
  assertEquals(count("clients.flow_lost"), 5);
});

Deno.test("Recovery ends its pause when messages have found the target again", () => {
  const { network, peer, endpoint, attach, count } = registered();
  peer.refuseSipConnections();
  network.wait(1000);
  endpoint.flowTo("tcp", TARGET);
  network.wait(1000);
  assertEquals(count("requests.REGISTER"), 6);
  const back = attach();
  endpoint.flowTo("tcp", TARGET);
  network.wait(1000);
  assertEquals([back.all("REGISTER").length, count("clients.registered_again")], [5, 5]);
});

Deno.test("Recovery tries again after silence and overload, and gives up where it is refused", () => {
  const { network, peer, count, flow } = registered();
  const statuses = [500, 403];
  const before = peer.script;
  peer.script = (arrived) => {
    const status = statuses.shift();
    if (status === undefined) before(arrived);
    else peer.respond(arrived, status);
  };
  network.streams.cut(flow());
  network.wait(70_000);
  assertEquals([count("clients.registered_again"), count("clients.lapsed")], [4, 1]);
  assertEquals(peer.all("REGISTER").length, 5 + 6);
});

Deno.test("Recovery leaves a client alone that has registered by itself meanwhile", () => {
  const { network, clients, peer, flow, count } = registered();
  network.streams.cut(flow());
  const last = clients.all[4]!.registration!;
  last.renew(network.wheel.now, () => {});
  network.wait(2000);
  assertEquals([peer.all("REGISTER").length, count("clients.registered_again")], [10, 4]);
});

Deno.test("Recovery does nothing for clients over UDP, for clients that never registered, and after its end", () => {
  const udp = registered(", transport: udp");
  const connection = udp.endpoint.flowTo("tcp", TARGET);
  udp.network.wait(50);
  udp.network.streams.cut(connection);
  udp.network.wait(500_000);
  assertEquals([udp.peer.all("REGISTER").length, udp.peer.pings.length], [5, 0]);
  const silent = registered("", false);
  silent.network.streams.cut(silent.endpoint.flowTo("tcp", TARGET));
  silent.network.wait(1000);
  assertEquals(silent.peer.requests.length, 0);
  const { network, clients, peer, flow } = registered();
  const lost = flow();
  network.streams.cut(lost);
  network.wait(150);
  clients.recovery.stop();
  const sent = peer.all("REGISTER").length;
  network.streams.cut(flow());
  network.wait(500_000);
  assertEquals([sent < 10, peer.all("REGISTER").length, clients.recovery.size()], [true, sent, 0]);
});

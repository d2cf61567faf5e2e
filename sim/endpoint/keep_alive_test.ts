import { assert, assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import { ScriptedPeer } from "../testing/scripted_peer.ts";
import { SimNetwork, SimTransports } from "../testing/sim_transports.ts";
import { Endpoint } from "./endpoint.ts";
import { LONGEST_PING_INTERVAL, PONG_LIMIT } from "./keep_alive.ts";

const ALICE = { host: "10.0.0.1", port: 5070 };
const BOB = { host: "10.0.0.2", port: 5071 };
const CAROL = { host: "10.0.0.3", port: 5072 };

/** Alice, whose connections to bob are kept alive unless said otherwise, and what she lost. */
function keeping(kept = true, seed = 1) {
  const network = new SimNetwork();
  let transports!: SimTransports;
  const alice = new Endpoint({
    clock: network.clock,
    wheel: network.wheel,
    random: new Random(seed),
    core: { onRequest: () => {} },
    transports: (receivers) => transports = new SimTransports(network, ALICE, receivers),
  });
  const bob = new ScriptedPeer(network, BOB, ALICE);
  if (kept) alice.keepAlive(BOB);
  let lost = 0;
  alice.onFlowLost = () => lost++;
  return { network, alice, bob, transports, lost: () => lost };
}

/** Milliseconds between moments. */
function gaps(moments: readonly number[]): number[] {
  return moments.slice(1).map((moment, i) => moment - moments[i]!);
}

Deno.test("KeepAlive pings a connection after 80 to 100 % of 120 s, each time anew (T58, RFC 5626 §4.4.1)", () => {
  const { network, alice, bob, lost } = keeping();
  alice.flowTo("tcp", BOB);
  network.wait(20 * LONGEST_PING_INTERVAL);
  const between = gaps([0, ...bob.pings]);
  assert(between.length >= 20, `${between.length} pings`);
  // the pong takes a round of 2 ms, the wheel up to 1 ms
  for (const gap of between) assert(gap >= 96_000 && gap <= 120_004, `${gap}`);
  assert(new Set(between.map(Math.round)).size > 10, "all gaps alike");
  assertEquals([alice.transactions.counters.pongs, alice.pings(), lost()], [bob.pings.length, bob.pings.length, 0]);
});

Deno.test("KeepAlive pings once for all who use the connection", () => {
  const { network, alice, bob } = keeping();
  for (let k = 0; k < 1000; k++) alice.flowTo("tcp", BOB);
  network.wait(LONGEST_PING_INTERVAL + 10);
  assertEquals(bob.pings.length, 1);
});

Deno.test("KeepAlive closes a connection without pong after 10 s, and the next one is new (T58, RFC 5626 §4.4.1)", () => {
  const { network, alice, bob, lost } = keeping();
  bob.answersPings = false;
  const flow = alice.flowTo("tcp", BOB);
  while (bob.pings.length === 0) network.wait(1);
  network.waitUntil(bob.pings[0]! + PONG_LIMIT - 3);
  assertEquals([flow.open, lost()], [true, 0]);
  network.wait(4);
  assertEquals([flow.open, lost(), [...alice.flowFaults]], [false, 1, [["no_pong", 1]]]);
  network.wait(10);
  assertEquals(bob.faults, ["connection_closed"]);
  const next = alice.flowTo("tcp", BOB);
  assertEquals([next === flow, next.open], [false, true]);
  bob.answersPings = true;
  network.wait(3 * LONGEST_PING_INTERVAL);
  assertEquals([next.open, lost()], [true, 1]);
});

Deno.test("KeepAlive ends the requests under way on a dead connection", () => {
  const { network, alice, bob } = keeping();
  bob.answersPings = false;
  const flow = alice.flowTo("tcp", BOB);
  while (bob.pings.length === 0) network.wait(1);
  const heard: string[] = [];
  const user = {
    onResponse: () => {},
    onTimeout: () => void heard.push("timeout"),
    onTransportFault: (_transaction: unknown, fault: string) => void heard.push(fault),
  };
  const { transactions } = alice;
  const text =
    "OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=BRANCH\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\n" +
    "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
  const ask = () => {
    const branch = transactions.newBranch();
    transactions.request("OPTIONS", branch, new TextEncoder().encode(text.replace("BRANCH", branch)), flow, user);
  };
  ask();
  network.wait(PONG_LIMIT + 3);
  assertEquals(heard, ["no_pong"]);
});

Deno.test("KeepAlive leaves other peers, datagrams and endpoints without it alone", () => {
  const { network, alice, bob } = keeping();
  const carol = new ScriptedPeer(network, CAROL, ALICE);
  alice.flowTo("udp", BOB);
  alice.flowTo("tcp", CAROL);
  const other = keeping(false);
  other.alice.flowTo("tcp", BOB);
  for (const { wheel } of [network, other.network]) wheel.advance(5 * LONGEST_PING_INTERVAL);
  assertEquals([bob.pings, carol.pings, other.bob.pings, other.alice.pings()], [[], [], [], 0]);
});

Deno.test("KeepAlive forgets a connection that has failed or was closed", () => {
  const { network, alice, bob, transports, lost } = keeping();
  const first = alice.flowTo("tcp", BOB);
  network.wait(50);
  network.streams.cut(first);
  assertEquals(lost(), 1);
  const second = alice.flowTo("tcp", BOB);
  second.close();
  network.wait(5 * LONGEST_PING_INTERVAL);
  assertEquals([bob.pings, lost(), transports.hasRuntimeConnections()], [[], 1, false]);
});

Deno.test("KeepAlive takes no pong that nobody asked for", () => {
  const { network, alice, bob } = keeping();
  const flow = alice.flowTo("tcp", BOB);
  bob.answersPings = false;
  network.wait(50);
  alice.onPong(flow);
  alice.onPong(alice.flowTo("udp", BOB));
  network.wait(LONGEST_PING_INTERVAL + PONG_LIMIT);
  assertEquals([bob.pings.length, flow.open], [1, false]);
});

import { assertEquals, assertMatch } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { Random } from "../clock/random.ts";
import { Dialog } from "../sip/dialog/dialog.ts";
import type { Message } from "../sip/message.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import { LARGE_INVITE, messageOf } from "../testing/messages.ts";
import { type Arrived, ScriptedPeer } from "../testing/scripted_peer.ts";
import { SimNetwork, SimTransports } from "../testing/sim_transports.ts";
import { ALICE, BOB } from "../testing/user_agent_stand.ts";
import { type DialogUser, Endpoint } from "./endpoint.ts";

/** An endpoint whose core notes requests and answers them 200, and a peer. */
function opened() {
  const network = new SimNetwork();
  const heard: string[] = [];
  const endpoint: Endpoint = new Endpoint({
    clock: network.clock,
    wheel: network.wheel,
    random: new Random(1),
    core: {
      onRequest: (message: Message, transaction: ServerTransaction) => {
        heard.push(`core ${message.method}`);
        endpoint.respond(transaction, message, 200, { toTag: "ours" });
      },
    },
    transports: (receivers) => new SimTransports(network, ALICE, receivers),
  });
  const user: DialogUser = {
    dialog: dialogWithPeer(),
    onRequest: (message, transaction) => {
      heard.push(`dialog ${message.method}`);
      endpoint.respond(transaction, message, 200);
    },
    onAck: (message) => void heard.push(`ack ${message.cseq()!.sequenceNumber}`),
    onStrayAnswer: (message) => void heard.push(`stray ${message.status}`),
  };
  return { network, endpoint, heard, user, peer: new ScriptedPeer(network, BOB, ALICE) };
}

/** A dialog with the peer of `opened`, as if the peer had called. */
function dialogWithPeer(): Dialog {
  const identity = {
    callId: "call-of-peer",
    localTag: "ours",
    remoteTag: "peertag",
    localUri: "sip:alice@ims.example",
    remoteUri: "sip:bob@ims.example",
  };
  const peer = { remoteTarget: "sip:bob@10.0.0.2:5071", routeSet: [] };
  return new Dialog(identity, peer, { local: 0, remote: 5 }, "confirmed");
}

Deno.test("Endpoint gives requests outside of dialogs to its core, and answers where they came from (RFC 3581 §4)", () => {
  const { network, endpoint, heard, peer } = opened();
  peer.request("OPTIONS", undefined, { sequence: 1 });
  network.wait(10);
  const { message } = peer.responses[0]!;
  assertEquals([heard, message.status, message.toTag()], [["core OPTIONS"], 200, "ours"]);
  assertMatch(message.header("Via")!, /;received=10\.0\.0\.2;rport=5071/);
  assertEquals(endpoint.sentBy(), "10.0.0.1:5070");
});

Deno.test("Endpoint gives requests inside a dialog to its user, in order, and refuses old ones 500 (RFC 3261 §12.2.2)", () => {
  const { network, endpoint, heard, user, peer } = opened();
  endpoint.dialogs.add(user);
  peer.request("UPDATE", undefined, { sequence: 6, toTag: "ours" });
  peer.request("UPDATE", undefined, { sequence: 4, toTag: "ours" });
  peer.request("ACK", undefined, { sequence: 6, toTag: "ours" });
  peer.request("UPDATE", undefined, { sequence: 7, toTag: "other" });
  network.wait(10);
  assertEquals(heard, ["dialog UPDATE", "ack 6", "core UPDATE"]);
  assertEquals(peer.responses.map(({ message }) => message.status), [200, 500, 200]);
  assertEquals(endpoint.leftovers().dialogs, 1);
  endpoint.dialogs.remove(user);
  peer.request("BYE", undefined, { sequence: 8, toTag: "ours" });
  network.wait(10);
  assertEquals(heard.at(-1), "core BYE");
});

Deno.test("Endpoint passes a 2xx without transaction on to its dialog, and drops others (RFC 3261 §13.2.2.4)", () => {
  const { network, endpoint, heard, user, peer } = opened();
  endpoint.dialogs.add(user);
  const answer = (status: number, tag: string) =>
    peer.sendRaw(
      `SIP/2.0 ${status} X\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKold\r\nFrom: <sip:a@b>;tag=ours\r\n` +
        `To: <sip:b@b>;tag=${tag}\r\nCall-ID: call-of-peer\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n`,
    );
  answer(200, "peertag");
  answer(200, "nobody");
  answer(486, "peertag");
  network.wait(10);
  assertEquals(heard, ["stray 200"]);
  assertEquals(endpoint.transactions.counters.strayResponses, 3);
});

Deno.test("Endpoint answers a ping on a connection with a pong, and none on datagrams (T58, RFC 5626 §4.4.1)", () => {
  const { network, peer } = opened();
  const pongs: string[] = [];
  const host = network.streams.attach({ host: "10.0.0.3", port: 5060 }, {
    receive: (octets) => void pongs.push(new TextDecoder().decode(octets)),
    onFlowFault: () => {},
  });
  network.streams.openConnection(host, ALICE).send(toOctets("\r\n\r\n"));
  peer.sendRaw("\r\n\r\n");
  network.wait(10);
  assertEquals([pongs, peer.responses.length], [["\r\n"], 0]);
});

Deno.test("Endpoint tells whoever turns its loop of every message that arrived, after it was dealt with", () => {
  const { network, endpoint, heard, peer } = opened();
  const moments: string[] = [];
  endpoint.onActivity = (at) => moments.push(`${at} after ${heard.length}`);
  peer.request("OPTIONS", undefined, { sequence: 1 });
  network.wait(10);
  assertEquals(moments, ["1 after 1"]);
});

Deno.test("Endpoint counts what is left, and ends every transaction when it closes", async () => {
  const { network, endpoint, peer } = opened();
  const told: string[] = [];
  const user = {
    onResponse: () => void told.push("response"),
    onTimeout: () => void told.push("timeout"),
    onTransportFault: () => void told.push("fault"),
  };
  const branch = endpoint.transactions.newBranch();
  const octets = toOctets(messageOf(LARGE_INVITE).text().replace(/z9hG4bK\w+/, branch));
  endpoint.transactions.request("INVITE", branch, octets, endpoint.flowTo("tcp", BOB), user);
  peer.request("OPTIONS", undefined, { sequence: 1 });
  network.wait(10);
  assertEquals(endpoint.leftovers(), { timers: 0, dialogs: 0, transactions: 2, msrpSessions: 0, msrpConnections: 0 });
  const arrived: Arrived = peer.last("INVITE");
  assertEquals(arrived.flow.transport, "tcp");
  await endpoint.close();
  network.wait(40_000);
  assertEquals([endpoint.leftovers().transactions, told], [0, []]);
});

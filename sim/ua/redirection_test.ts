/** 3xx to MESSAGE and INVITE: followed once, to hosts that we may reach; else a rejection. */
import { assertEquals } from "@std/assert";
import { challenging, taking } from "../testing/peer_scripts.ts";
import { type Arrived, ScriptedPeer } from "../testing/scripted_peer.ts";
import { ALICE, CAROL, type PartyOptions, scripted } from "../testing/user_agent_stand.ts";

const CAROL_URI = `sip:bob@${CAROL.host}:${CAROL.port}`;

/** Alice, a peer that redirects everything outside a dialog to these Contacts, and carol. */
function redirecting(contacts: string[], options: PartyOptions = {}, status = 302) {
  const { stand, alice, peer } = scripted(options);
  const carol = new ScriptedPeer(stand.network, CAROL, ALICE);
  peer.script = (arrived: Arrived) => {
    const { method } = arrived.message;
    if (method === "ACK") return;
    const headers = contacts.map((contact) => ["Contact", contact] as const);
    peer.respond(arrived, status, { headers: method === "BYE" ? [] : headers });
  };
  return { stand, alice, peer, carol };
}

Deno.test("PagerMessage follows a 302: another Request-URI and CSeq, all else as before (RFC 3261 §8.1.3.4)", () => {
  const { stand, peer, carol } = redirecting([`<${CAROL_URI};x=1?Subject=gone>;q=0.5`, "<sip:bob@10.0.0.9>"]);
  carol.script = (arrived) => carol.respond(arrived, 200);
  stand.send();
  stand.wait(100);
  const [first, second] = [peer.last("MESSAGE").message, carol.last("MESSAGE").message];
  assertEquals([second.requestUri(), second.header("To")], [`${CAROL_URI};x=1`, first.header("To")]);
  assertEquals([second.callId(), second.fromTag()], [first.callId(), first.fromTag()]);
  assertEquals([first, second].map((message) => message.cseq()!.sequenceNumber), [1, 2]);
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  assertEquals(stand.family("redirects."), { followed: 1 });
  assertEquals([stand.family("requests."), stand.count("responses.MESSAGE.302")], [{ MESSAGE: 2 }, 1]);
  stand.end();
});

Deno.test("PagerMessage answers a challenge where it was redirected to, for the new Request-URI (RFC 3261 §22.2)", () => {
  const { stand, carol } = redirecting([`<${CAROL_URI}>`], { password: "secret" });
  challenging(carol);
  stand.send();
  stand.wait(100);
  const credentials = carol.last("MESSAGE").message.header("Proxy-Authorization")!;
  assertEquals(/uri="([^"]*)"/.exec(credentials)![1], CAROL_URI);
  assertEquals([stand.outcomes(), carol.all("MESSAGE").length], [{ attempted: 1, accepted_200: 1 }, 2]);
  stand.end();
});

Deno.test("PagerMessage keeps an exact total where it is redirected to", () => {
  const { stand, carol } = redirecting([`<${CAROL_URI};a-long-parameter=${"x".repeat(40)}>`]);
  carol.script = (arrived) => carol.respond(arrived, 200);
  stand.send({ size: 1100, sizeIsTotal: true });
  stand.wait(100);
  assertEquals(carol.last("MESSAGE").message.octets.length, 1100);
  stand.end();
});

Deno.test("PagerMessage goes the usual way where the Contact names our domain", () => {
  const { stand, peer } = redirecting(["<sip:bobby@IMS.example>"]);
  const before = peer.script;
  peer.script = (arrived) =>
    arrived.message.requestUri().includes("bobby") ? peer.respond(arrived, 202) : before(arrived);
  stand.send();
  stand.wait(100);
  assertEquals(peer.all("MESSAGE").map(({ message }) => message.requestUri()), [
    "sip:bob@ims.example",
    "sip:bobby@IMS.example",
  ]);
  assertEquals(stand.outcomes(), { attempted: 1, accepted_202: 1 });
  stand.end();
});

Deno.test("PagerMessage takes the transport that the Contact names", () => {
  const { stand, carol } = redirecting([`<${CAROL_URI};transport=tcp>`]);
  carol.script = (arrived) => carol.respond(arrived, 200);
  stand.send();
  stand.wait(100);
  assertEquals(carol.last("MESSAGE").flow.transport, "tcp");
  stand.end();
});

/** 3xx that lead nowhere. */
const REFUSED: [what: string, contacts: string[], status: number][] = [
  ["to a host that is not ours to load", ["<sip:bob@192.0.2.1>", `<${CAROL_URI}>`], 302],
  ["to another domain", ["<sip:bob@elsewhere.example>"], 302],
  ["to a sips URI", [`<sips:bob@${CAROL.host}>`], 302],
  ["to no SIP URI", ["<tel:+1234>"], 302],
  ["without Contact", [], 302],
  ["with a Contact that is none", ["nonsense <"], 302],
  ["to a proxy", [`<${CAROL_URI}>`], 305],
  ["to another service", [`<${CAROL_URI}>`], 380],
];

for (const [what, contacts, status] of REFUSED) {
  Deno.test(`UserAgent redirected ${what} (${status}) counts a rejection in both modes`, () => {
    const { stand, peer, carol } = redirecting(contacts, {}, status);
    stand.send();
    stand.send({ size: 3000 });
    stand.wait(100);
    assertEquals(stand.outcomes(), { attempted: 2, rejected: 2 });
    assertEquals(stand.family("redirects."), { not_followed: 2 });
    assertEquals(stand.family("failures."), { [`rejected_${status}`]: 1, [`invite_rejected_${status}`]: 1 });
    assertEquals([peer.all("MESSAGE").length, carol.requests.length], [1, 0]);
    stand.end();
  });
}

Deno.test("UserAgent follows one redirection of a message, not a second one", () => {
  const { stand, carol } = redirecting([`<${CAROL_URI}>`]);
  carol.script = (arrived) => {
    if (arrived.message.method !== "ACK") carol.respond(arrived, 302, { headers: [["Contact", `<${CAROL_URI}1>`]] });
  };
  stand.send();
  stand.send({ size: 3000 });
  stand.wait(100);
  assertEquals(stand.outcomes(), { attempted: 2, rejected: 2 });
  assertEquals(stand.family("redirects."), { followed: 2, not_followed: 2 });
  stand.end();
});

Deno.test("LargeMessage follows a 302, and its whole session goes there (RFC 3261 §8.1.3.4)", () => {
  const { stand, peer, carol } = redirecting([`<${CAROL_URI}>`]);
  taking(carol);
  stand.send({ size: 3000 });
  stand.wait(200);
  assertEquals([peer.methods(), carol.methods()], [["INVITE", "ACK"], ["INVITE", "ACK", "BYE"]]);
  const [first, second] = [peer.last("INVITE").message, carol.last("INVITE").message];
  assertEquals([second.requestUri(), second.header("To")], [CAROL_URI, first.header("To")]);
  assertEquals([second.callId(), second.cseq()!.sequenceNumber], [first.callId(), 2]);
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  assertEquals([stand.count("sessions.invited"), stand.family("redirects.")], [1, { followed: 1 }]);
  stand.end();
});

Deno.test("LargeMessage redirected by a registrar's route stays on that route (RFC 3608 §6.1)", () => {
  const { stand, alice, peer, carol } = redirecting([`<${CAROL_URI}>`]);
  alice.agent.serviceRoute = ["<sip:10.0.0.2:5071;lr>"];
  const before = peer.script;
  peer.script = (arrived) =>
    arrived.message.requestUri() === CAROL_URI && arrived.message.method === "INVITE"
      ? peer.respond(arrived, 486)
      : before(arrived);
  stand.send({ size: 3000 });
  stand.wait(200);
  assertEquals([peer.all("INVITE").length, carol.requests.length], [2, 0]);
  stand.end();
});

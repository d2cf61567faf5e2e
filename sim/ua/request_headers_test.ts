/** Header fields of what a client sends, item by item of change request I585 §9.1.1, on the wire. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { profileOf } from "../im/profile.ts";
import type { Message } from "../sip/message.ts";
import { PEER_TAG } from "../testing/scripted_peer.ts";
import { type PartyOptions, scripted, type UserAgentStand } from "../testing/user_agent_stand.ts";
import type { ScriptedPeer } from "../testing/scripted_peer.ts";

/** A REGISTER, a MESSAGE, and a session that is refreshed by UPDATE, by re-INVITE and released. */
function everything(options: PartyOptions = {}): { stand: UserAgentStand; peer: ScriptedPeer } {
  const { stand, alice, peer } = scripted({ session: { hold: 1_000_000 }, ...options });
  const allows = ["INVITE, ACK, BYE, UPDATE", "INVITE, ACK, BYE"];
  peer.script = (arrived) => {
    const { message } = arrived;
    const contact = message.header("Contact");
    if (message.method === "ACK") return;
    if (message.method === "REGISTER") peer.respond(arrived, 200, { headers: [["Contact", contact!]] });
    else if (message.method !== "INVITE") {
      const headers = message.method === "UPDATE" ? [["Session-Expires", "600;refresher=uac"] as const] : [];
      peer.respond(arrived, 200, { headers });
    } else {
      const headers = [["Session-Expires", "600;refresher=uac"], ["Allow", allows.shift() ?? "INVITE"]] as const;
      peer.accept(arrived, { headers });
    }
  };
  alice.register();
  stand.send();
  stand.send({ size: 3000 });
  stand.send({ size: 3000 });
  stand.wait(1_100_000);
  assertEquals(new Set(peer.methods()), new Set(["REGISTER", "MESSAGE", "INVITE", "ACK", "UPDATE", "BYE"]));
  return { stand, peer };
}

/** The first INVITE and the first MESSAGE, each sent outside of any dialog. */
function initial(options: PartyOptions = {}): { invite: Message; pager: Message } {
  const { stand, peer } = scripted(options);
  peer.script = (arrived) => {
    if (arrived.message.method !== "ACK") peer.respond(arrived, 486);
  };
  stand.send();
  stand.send({ size: 3000 });
  stand.wait(50);
  stand.end();
  return { invite: peer.last("INVITE").message, pager: peer.last("MESSAGE").message };
}

Deno.test("Invitation and PagerMessage carry Accept-Contact with the IM tag (T12, I585 §9.1.1 item 1)", () => {
  const { invite, pager } = initial();
  for (const message of [invite, pager]) assertEquals(message.headerLines("Accept-Contact"), ["*;+g.oma.sip-im"]);
});

Deno.test("Every request of a client has a User-Agent that begins with the release (T13, I585 §9.1.1 item 2)", () => {
  const { stand, peer } = everything();
  for (const { message } of peer.requests) assertMatch(message.header("User-Agent")!, /^IM-client\/OMA1\.0 \S+/);
  stand.end();
});

Deno.test("Invitation and PagerMessage list what the client supports in Allow (T14, I585 §9.1.1 item 3)", () => {
  const { invite, pager } = initial();
  for (const message of [invite, pager]) {
    assertEquals(message.headerValues("Allow").join(" "), "INVITE ACK CANCEL BYE MESSAGE OPTIONS UPDATE");
  }
});

Deno.test("Invitation has the IM tag in Contact outside the brackets; PagerMessage has no Contact (T15, I585 §9.1.1 item 4)", () => {
  const { invite, pager } = initial();
  assertEquals(invite.header("Contact"), "<sip:alice@10.0.0.1:5070>;+g.oma.sip-im");
  assertEquals(pager.header("Contact"), undefined);
  const overTcp = initial({ transport: "tcp" });
  assertEquals(overTcp.invite.header("Contact"), "<sip:alice@10.0.0.1:5070;transport=tcp>;+g.oma.sip-im");
});

Deno.test("Privacy: id is there when anonymity is asked for, and only then (T16, I585 §9.1.1 item 5, RFC 3325 §9.3)", () => {
  const hidden = initial({ anonymous: true });
  const shown = initial({ anonymous: false });
  for (const message of [hidden.invite, hidden.pager]) {
    assertEquals(message.header("Privacy"), "id");
    assertMatch(message.header("From")!, /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/);
    assertEquals(message.header("P-Preferred-Identity"), "<sip:alice@ims.example>");
  }
  for (const message of [shown.invite, shown.pager]) {
    assertEquals(message.header("Privacy"), undefined);
    assertMatch(message.header("From")!, /^<sip:alice@ims\.example>;tag=/);
  }
});

Deno.test("Invitation that hides its sender is not tried again without privacy when it is refused (T17, I585 §9.1.1 NOTE)", () => {
  const { stand, peer } = scripted({ anonymous: true });
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") peer.respond(arrived, 403);
  };
  stand.send({ size: 3000 });
  stand.wait(1000);
  assertEquals(peer.methods(), ["INVITE", "ACK"]);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
  assertEquals(stand.family("failures."), { invite_rejected_403: 1 });
});

Deno.test("Every request but ACK says Supported: timer (T18, I585 §9.1.1 item 6, RFC 4028 §7.1)", () => {
  const { stand, peer } = everything();
  for (const { message } of peer.requests) {
    assertEquals(message.header("Supported"), message.method === "ACK" ? undefined : "timer", message.method);
  }
  stand.end();
});

Deno.test("Invitation asks for 1800 s, refreshed by itself; PagerMessage for nothing (T19, I585 §9.1.1 item 7)", () => {
  const { invite, pager } = initial();
  assertEquals(invite.header("Session-Expires"), "1800;refresher=uac");
  assertEquals([invite.header("Min-SE"), pager.header("Session-Expires")], [undefined, undefined]);
  const other = initial({ session: { expires: 600, refresher: "omit", offeredMinSe: 120 } });
  assertEquals([other.invite.header("Session-Expires"), other.invite.header("Min-SE")], ["600", "120"]);
  assertEquals(initial({ session: { refresher: "uas" } }).invite.header("Session-Expires"), "1800;refresher=uas");
});

Deno.test("Every request is whole: branch, Max-Forwards, tags, CSeq, Call-ID and Content-Length (T20, RFC 3261 §8.1.1)", () => {
  const { stand, peer } = everything();
  const branches = new Set<string>();
  const calls = new Map<string, Set<string>>();
  for (const { message } of peer.requests) {
    assertMatch(message.branch(), /^z9hG4bK[0-9a-f]{16,}$/);
    branches.add(message.branch());
    assertEquals(message.header("Max-Forwards"), "70");
    assertMatch(message.fromTag(), /^[0-9a-f]{8,}$/);
    assertEquals(message.cseq()!.method, message.method);
    assert(message.cseq()!.sequenceNumber < 2 ** 31);
    assertEquals(Number(message.header("Content-Length")), message.body().length);
    assertMatch(message.header("Via")!, /;rport\b/);
    calls.set(message.callId(), (calls.get(message.callId()) ?? new Set()).add(message.fromTag()));
  }
  assertEquals(branches.size, peer.requests.length);
  // a REGISTER, a MESSAGE and two sessions, each with one From tag
  assertEquals([...calls.values()].map((tags) => tags.size), [1, 1, 1, 1]);
  stand.end();
});

Deno.test("Requests inside a dialog have no Accept-Contact; re-INVITE and UPDATE have Contact, ACK and BYE none (RFC 3261 §12.2)", () => {
  const { stand, peer } = everything();
  for (const { message } of peer.requests.filter(({ message }) => message.toTag() === PEER_TAG)) {
    assertEquals(message.header("Accept-Contact"), undefined);
    const refreshes = message.method === "INVITE" || message.method === "UPDATE";
    assertEquals(message.header("Contact") !== undefined, refreshes, message.method);
  }
  stand.end();
});

Deno.test("Profiles write their own feature tags into Accept-Contact and Contact (I585 §9.1.1 items 1 and 4)", () => {
  const published = initial({ profile: profileOf("oma-v1") });
  assertEquals(published.invite.header("Accept-Contact"), "*;+g.oma.sip-im.large-message");
  assertEquals(published.pager.header("Accept-Contact"), "*;+g.oma.sip-im");
  const converged = initial({ profile: profileOf("cpm") });
  assertMatch(converged.invite.header("Accept-Contact")!, /cpm\.largemsg";explicit;require$/);
  assertMatch(converged.pager.header("P-Preferred-Service")!, /cpm\.msg$/);
});

Deno.test("Initial requests carry the registrar's Service-Route in order and its first identity (T56, RFC 3608 §6.1)", () => {
  const { stand, alice, peer } = scripted();
  const routes = ["<sip:p1.example;lr>", "<sip:p2.example;lr>"];
  const identities = "<sip:alice@other.example>, <tel:+123>";
  peer.script = (arrived) => {
    const { method } = arrived.message;
    if (method === "ACK") return;
    const headers = [["Service-Route", routes.join(", ")], ["P-Associated-URI", identities]] as const;
    if (method === "REGISTER") peer.respond(arrived, 200, { headers });
    else peer.respond(arrived, 486);
  };
  alice.register();
  stand.wait(10);
  stand.send({ size: 1299, sizeIsTotal: true });
  stand.send({ size: 3000 });
  stand.wait(50);
  for (const method of ["MESSAGE", "INVITE"]) {
    const { message } = peer.last(method);
    assertEquals(message.headerValues("Route"), routes);
    assertEquals(message.header("P-Preferred-Identity"), "<sip:alice@other.example>");
  }
  assertEquals(peer.last("MESSAGE").message.octets.length, 1299);
  stand.end();
});

/** Refreshes that the peer sends, and what comes after the end of a session (RFC 4028 §9, RFC 3261 §14.2). */
import { assertEquals } from "@std/assert";
import { toText } from "../bytes/text.ts";
import type { HeaderField } from "../sip/request.ts";
import { held, WITH_UPDATE } from "../testing/held_session.ts";

Deno.test("SessionRefresh answers a refresh of the peer, and from then on asks for its Min-SE at least (T34, RFC 4028 §7.4)", () => {
  const headers: HeaderField[] = [["Session-Expires", "600;refresher=uac"], WITH_UPDATE];
  const { stand, peer, refreshes, waitUntil, end } = held(headers);
  const invite = peer.all("INVITE")[0]!;
  const fields: HeaderField[] = [["Supported", "timer"], ["Session-Expires", "600;refresher=uas"], ["Min-SE", "200"]];
  waitUntil(100);
  peer.request("UPDATE", invite, { sequence: 1, headers: fields });
  stand.wait(10);
  const answer = peer.responses.at(-1)!.message;
  assertEquals([answer.status, answer.header("Session-Expires")], [200, "600;refresher=uas"]);
  assertEquals([answer.header("Require"), answer.header("Contact") !== undefined], ["timer", true]);
  // we are the server of that transaction and so the refresher still; the interval begins anew
  waitUntil(399);
  assertEquals(refreshes.length, 0);
  waitUntil(401);
  assertEquals(refreshes[0]!.message.header("Min-SE"), "200");
  assertEquals(stand.count("session_timer.refreshes_received"), 1);
  end();
});

Deno.test("SessionRefresh refuses an interval below its minimum with 422 (T32, RFC 4028 §9)", () => {
  const { stand, peer, end } = held([["Session-Expires", "600;refresher=uac"]], { session: { minSe: 120 } });
  const fields: HeaderField[] = [["Supported", "timer"], ["Session-Expires", "100;refresher=uac"]];
  peer.request("UPDATE", peer.all("INVITE")[0], { sequence: 1, headers: fields });
  stand.wait(10);
  const answer = peer.responses.at(-1)!.message;
  assertEquals([answer.status, answer.header("Min-SE")], [422, "120"]);
  end();
});

Deno.test("SessionRefresh answers a re-INVITE with its description unchanged, and 491 while its own is under way (T35, RFC 3261 §14.2)", () => {
  const { stand, peer, answers, waitUntil, end } = held([["Session-Expires", "600;refresher=uac"]]);
  const invite = peer.all("INVITE")[0]!;
  const fields: HeaderField[] = [["Contact", peer.contact()], ["Content-Type", "application/sdp"]];
  const timer: HeaderField[] = [["Supported", "timer"], ["Session-Expires", "600;refresher=uas"]];
  const reinvite = (sequence: number) =>
    peer.request("INVITE", invite, { sequence, headers: [...fields, ...timer], body: peer.description() });
  reinvite(1);
  stand.wait(10);
  const answer = peer.responses.at(-1)!.message;
  assertEquals([answer.status, toText(answer.body())], [200, toText(invite.message.body())]);
  peer.request("ACK", invite, { sequence: 1 });
  stand.wait(10);
  answers.push(() => {});
  waitUntil(300.3);
  reinvite(2);
  stand.wait(10);
  assertEquals(peer.responses.at(-1)!.message.status, 491);
  peer.request("ACK", invite, { sequence: 2, branch: peer.responses.at(-1)!.message.branch() });
  stand.wait(10);
  end();
});

Deno.test("SessionRefresh sends nothing and counts nothing after the session was released", () => {
  const { stand, alice, peer, answers, waitUntil } = held([["Session-Expires", "600;refresher=uac"], WITH_UPDATE]);
  answers.push(() => {});
  waitUntil(300.2);
  alice.agent.abandon();
  stand.wait(100);
  // the answer to the refresh comes too late
  peer.respond(peer.last("UPDATE"), 200, { headers: [["Session-Expires", "600;refresher=uac"]] });
  waitUntil(2000);
  assertEquals(peer.methods(), ["INVITE", "ACK", "UPDATE", "BYE"]);
  assertEquals([stand.count("session_timer.expired"), stand.count("session_timer.refreshes_failed")], [0, 0]);
  stand.end();
});

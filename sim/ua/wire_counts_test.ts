/** What is counted of requests on the wire: sent, answered and not answered, by method. */
import { assertEquals } from "@std/assert";
import type { HeaderField } from "../sip/request.ts";
import { held } from "../testing/held_session.ts";
import { challenging, taking } from "../testing/peer_scripts.ts";
import { facing, scripted } from "../testing/user_agent_stand.ts";

const TIMER: HeaderField = ["Session-Expires", "600;refresher=uac"];

Deno.test("UserAgent counts each new request by its method, and not what a transaction sends again", () => {
  const { stand, alice, peer } = scripted({ password: "secret" });
  challenging(peer);
  stand.send();
  stand.wait(50);
  alice.register();
  stand.wait(1000);
  // the challenged MESSAGE is a second request, the REGISTER is only sent again
  assertEquals([stand.family("requests."), peer.all("REGISTER").length], [{ MESSAGE: 2, REGISTER: 2 }, 2]);
  stand.end();
});

Deno.test("UserAgent counts requests of a session, ACK apart", () => {
  const { stand, peer } = scripted();
  taking(peer);
  stand.send({ size: 3000 });
  stand.wait(100);
  assertEquals(stand.family("requests."), { INVITE: 1, BYE: 1 });
  stand.end();
});

Deno.test("UserAgent counts requests that nobody answered by their method", () => {
  const { stand, alice } = scripted();
  alice.register();
  stand.send();
  stand.send({ size: 3000 });
  stand.wait(40_000);
  assertEquals(stand.family("timeouts."), { REGISTER: 1, MESSAGE: 1, INVITE: 1 });
  stand.end();
});

Deno.test("UserAgent counts BYE and refreshes that nobody answered by their method", () => {
  for (const [headers, method] of [[[TIMER, ["Allow", "UPDATE"]], "UPDATE"], [[TIMER], "re-INVITE"]] as const) {
    const { stand, peer, waitUntil } = held(headers);
    peer.script = () => {};
    waitUntil(400);
    assertEquals(stand.family("timeouts."), { [method]: 1, BYE: 1 });
    stand.end();
  }
});

Deno.test("SessionRefresh counts re-INVITE apart from INVITE, of which RFC 6076 speaks", () => {
  const { stand, peer, answers, waitUntil, end } = held([TIMER]);
  answers.push((refresh) => peer.respond(refresh, 503));
  waitUntil(400);
  assertEquals(stand.family("responses."), { "INVITE.200": 1, "re-INVITE.503": 1 });
  assertEquals(stand.family("requests."), { "INVITE": 1, "re-INVITE": 1 });
  end();
});

Deno.test("LargeMessage counts sessions that join others on a shared connection", () => {
  for (const [connections, reused] of [["shared", 2], ["per-session", 0]] as const) {
    const { stand, alice } = facing({ msrp: { connections }, session: { hold: 1000 } });
    for (let i = 0; i < 3; i++) stand.send({ size: 3000 });
    stand.wait(500);
    assertEquals([stand.count("msrp.connections_reused"), alice.agent.isInSession()], [reused, true]);
    stand.wait(10_000);
    stand.end();
  }
});

/** What the audit finds of sessions that end or are refreshed as they must not. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { HeaderField } from "../sip/request.ts";
import { held, type HeldSession, WITH_UPDATE } from "../testing/held_session.ts";
import { scripted, type UserAgentStand } from "../testing/user_agent_stand.ts";

const OURS: HeaderField[] = [["Session-Expires", "600;refresher=uac"], WITH_UPDATE];
const THEIRS: HeaderField[] = [["Session-Expires", "600;refresher=uas"], WITH_UPDATE];

/** Findings by name, without those at 0. */
function findings(stand: UserAgentStand): string[] {
  const names = [
    "sessions_without_bye",
    "bye_unanswered",
    "bye_before_last_report",
    "refresh_late",
    "refresh_missing",
    "expired_alive",
  ] as const;
  return names.flatMap((name) => Array.from({ length: stand.count(`audit.${name}`) }, () => name));
}

function refreshByPeer({ peer, stand }: HeldSession): void {
  const headers: HeaderField[] = [["Supported", "timer"], ["Session-Expires", "600;refresher=uac"]];
  peer.request("UPDATE", peer.all("INVITE")[0]!, { sequence: 1, headers });
  stand.wait(10);
}

Deno.test("the audit finds nothing in a session that is refreshed and released", () => {
  const session = held(OURS);
  session.waitUntil(900);
  session.end();
  assertEquals(findings(session.stand), []);
});

Deno.test("the audit finds a refresh of the peer that comes late, and not one that comes in time", () => {
  for (const [second, found] of [[300, []], [400, ["refresh_late"]]] as const) {
    const session = held(THEIRS);
    session.waitUntil(second);
    refreshByPeer(session);
    assertEquals(findings(session.stand), [...found]);
    session.end();
  }
});

Deno.test("the audit finds a refresh that never comes", () => {
  const session = held(THEIRS);
  session.waitUntil(700);
  assertEquals(findings(session.stand), ["refresh_missing"]);
  session.end();
});

Deno.test("the audit finds an expired session that the other side lets live, and not one that it has forgotten (RFC 4028 §10)", () => {
  for (const [status, found] of [[200, ["expired_alive"]], [481, []]] as const) {
    const session = held(OURS, { session: { refresh: false } });
    const { script } = session.peer;
    session.peer.script = (arrived) =>
      arrived.message.method === "BYE" ? session.peer.respond(arrived, status) : script?.(arrived);
    session.waitUntil(599);
    assertEquals(session.peer.all("BYE").length, 0);
    session.waitUntil(601);
    assertEquals([session.peer.all("BYE").length, session.refreshes.length], [1, 0]);
    assertEquals(findings(session.stand), [...found]);
    session.end();
  }
});

Deno.test("the audit finds a BYE without answer, and a BYE that comes before the message was through", () => {
  const silent = held(OURS);
  const { script } = silent.peer;
  silent.peer.script = (arrived) => arrived.message.method === "BYE" ? undefined : script?.(arrived);
  silent.alice.agent.abandon();
  silent.stand.wait(40_000);
  assertEquals(findings(silent.stand), ["bye_unanswered"]);

  const { stand, peer } = scripted();
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") peer.accept(arrived);
    if (arrived.message.method === "ACK") peer.request("BYE", peer.all("INVITE")[0]!, { sequence: 1 });
  };
  stand.send({ size: 3000 });
  stand.wait(100);
  assertEquals(findings(stand), ["bye_before_last_report"]);
  const [entry] = stand.evidenceTaken().filter(({ kind }) => kind === "audit_bye_before_last_report");
  assertStringIncludes(entry!.detail, "BYE came before the whole message");
});

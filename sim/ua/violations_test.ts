/** Rules that a peer breaks: each is counted by its name and kept, and the exchange goes on where it can. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import type { HeaderField } from "../sip/request.ts";
import type { ResponseOptions } from "../sip/response.ts";
import { held, WITH_UPDATE } from "../testing/held_session.ts";
import { taking } from "../testing/peer_scripts.ts";
import { type Arrived, PEER_TAG, type ScriptedPeer } from "../testing/scripted_peer.ts";
import { type PartyOptions, scripted } from "../testing/user_agent_stand.ts";
import type { Violation } from "./violations.ts";

/** Answers of a status, with and without tag, to everything. */
function answer(status: number, options: ResponseOptions = {}): (peer: ScriptedPeer) => void {
  return (peer) => peer.script = (arrived) => peer.respond(arrived, status, options);
}

/** Ways to answer, in pager mode: what each of them breaks, and the outcome all the same. */
const PAGER: [what: string, options: ResponseOptions, status: number, violation: Violation | undefined][] = [
  ["200 as it should be", {}, 200, undefined],
  ["202 as it should be", {}, 202, undefined],
  ["200 with a body", { body: toOctets("thanks") }, 200, "message_2xx_with_body"],
  ["202 with a body", { body: toOctets("thanks") }, 202, "message_2xx_with_body"],
  ["200 with a Contact", { headers: [["Contact", "<sip:bob@10.0.0.2>"]] }, 200, "message_2xx_with_contact"],
  ["200 without a To tag", { toTag: "" }, 200, "response_without_to_tag"],
  ["403 with a body, as it may", { body: toOctets("no") }, 403, undefined],
];

for (const [what, options, status, violation] of PAGER) {
  Deno.test(`PagerMessage answered ${what} counts ${violation ?? "no violation"} (T53, RFC 3428 §7)`, () => {
    const { stand, peer } = scripted();
    answer(status, options)(peer);
    stand.send();
    stand.wait(50);
    assertEquals(stand.family("violations."), violation === undefined ? {} : { [violation]: 1 });
    const outcome = status === 403 ? "rejected" : `accepted_${status}`;
    assertEquals(stand.outcomes(), { attempted: 1, [outcome]: 1 });
    const kept = stand.evidenceTaken().filter(({ kind }) => kind === `violation_${violation}`);
    assertEquals(kept.length, violation === undefined ? 0 : 1);
    for (const { sender, sequence, mode, messages } of kept) {
      assertEquals([sender, sequence, mode], [0, 0, "pager"]);
      assertStringIncludes(messages[0]!.text, `SIP/2.0 ${status}`);
    }
    stand.end();
  });
}

/** Ways to answer an INVITE or what follows it. */
const LARGE: [what: string, prepare: (peer: ScriptedPeer) => void, violations: Violation[], options?: PartyOptions][] =
  [
    ["as it should be", taking, []],
    ["200 without a Contact", answer(200), ["invite_2xx_without_contact"]],
    ["200 without a To tag", (peer) => {
      peer.script = (arrived) => peer.accept(arrived, { toTag: "" });
    }, ["response_without_to_tag"]],
    ["180 without a To tag", (peer) => {
      peer.script = (arrived) => {
        if (arrived.message.method === "ACK") return;
        peer.respond(arrived, 180, { toTag: "" });
        peer.respond(arrived, 486);
      };
    }, ["response_without_to_tag"]],
    ["100 without a To tag", (peer) => {
      peer.script = (arrived) => {
        if (arrived.message.method === "ACK") return;
        peer.respond(arrived, 100);
        peer.respond(arrived, 486);
      };
    }, []],
    ["without a path", (peer) => taking(peer, peer.description({ path: "" })), ["answer_without_path"]],
    ["with a path of another kind", (peer) => taking(peer, peer.description({ path: "sip:x" })), [
      "answer_with_bad_path",
    ]],
    ["without a message stream", (peer) => taking(peer, "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n"), [
      "answer_without_message_media",
    ]],
    ["with no description at all", (peer) => taking(peer, "nonsense"), ["answer_unreadable"]],
    ["with port 0", (peer) => taking(peer, peer.description().replace(/m=message \d+/, "m=message 0")), []],
    ["with a longer interval", accepting(["Session-Expires", "1801;refresher=uac"]), ["session_expires_above_asked"]],
    ["with a shorter interval", accepting(["Session-Expires", "1799;refresher=uac"]), []],
    ["without a refresher", accepting(["Session-Expires", "1800"]), ["session_expires_without_refresher"]],
    ["422 without Min-SE", answer(422), ["min_se_missing"]],
    ["401 without a challenge", answer(401), ["challenge_missing"], { password: "secret" }],
  ];

/** Takes every session with a header field in its 200. */
function accepting(header: HeaderField): (peer: ScriptedPeer) => void {
  return (peer) =>
    peer.script = (arrived) => {
      if (arrived.message.method === "INVITE") peer.accept(arrived, { headers: [header] });
      if (arrived.message.method === "BYE") peer.respond(arrived, 200);
    };
}

for (const [what, prepare, violations, options] of LARGE) {
  Deno.test(`LargeMessage answered ${what} counts ${violations[0] ?? "no violation"}`, () => {
    const { stand, peer } = scripted(options);
    prepare(peer);
    stand.send({ size: 3000 });
    stand.wait(40_000);
    assertEquals(stand.family("violations."), Object.fromEntries(violations.map((each) => [each, 1])));
    const kept = stand.evidenceTaken().map(({ kind }) => kind).filter((kind) => kind.startsWith("violation_"));
    assertEquals(kept, violations.map((each) => `violation_${each}`));
    assertEquals(stand.outcomes()["attempted"], 1);
    stand.end();
  });
}

Deno.test("SessionRefresh counts what the 2xx to a refresh breaks (RFC 4028 §9, RFC 3261 §12.2.1.2)", () => {
  const timer: HeaderField = ["Session-Expires", "600;refresher=uac"];
  const longer: HeaderField = ["Session-Expires", "900;refresher=uac"];
  const cases: [HeaderField[], (peer: ScriptedPeer, refresh: Arrived) => void, Record<string, number>][] = [
    [[timer, WITH_UPDATE], (peer, refresh) => peer.respond(refresh, 200, { headers: [longer] }), {
      session_expires_above_asked: 1,
    }],
    [[timer], (peer, refresh) => peer.respond(refresh, 200, { toTag: PEER_TAG, headers: [timer] }), {
      invite_2xx_without_contact: 1,
    }],
    [[timer], (peer, refresh) => peer.respond(refresh, 422), { min_se_missing: 1 }],
  ];
  for (const [headers, reply, expected] of cases) {
    const { stand, peer, answers, waitUntil, end } = held(headers);
    answers.push((refresh) => reply(peer, refresh));
    waitUntil(310);
    assertEquals(stand.family("violations."), expected);
    end();
  }
});

Deno.test("Registration counts 423 without Min-Expires and 401 without challenge (RFC 3261 §10.3, §22.2)", () => {
  for (const [status, violation] of [[423, "min_expires_missing"], [401, "challenge_missing"]] as const) {
    const { stand, alice, peer } = scripted();
    answer(status)(peer);
    alice.register();
    stand.wait(50);
    assertEquals([stand.family("violations."), alice.registrations.length], [{ [violation]: 1 }, 1]);
    stand.end();
  }
});

Deno.test("UserAgent counts violations of a warm-up too: they tell of the peer, not of the load", () => {
  const { stand, peer } = scripted();
  answer(200, { body: toOctets("thanks") })(peer);
  for (let i = 0; i < 30; i++) stand.send({ counted: false });
  stand.wait(200);
  assertEquals(stand.family("violations."), { message_2xx_with_body: 30 });
  assertEquals([stand.evidenceTaken().length, stand.count("evidence.dropped")], [20, 10]);
  stand.end();
});

/** What may go wrong with a large message: each time one outcome, a release, and nothing left. */
import { assertEquals } from "@std/assert";
import { taking } from "../testing/peer_scripts.ts";
import type { ScriptedPeer } from "../testing/scripted_peer.ts";
import { type PartyOptions, scripted } from "../testing/user_agent_stand.ts";

/** What may go wrong with the transfer, what it counts as, and after how many milliseconds at the latest. */
const FAILURES: {
  what: string;
  options?: PartyOptions;
  prepare: (peer: ScriptedPeer) => void;
  within: number;
  outcome: string;
  kind: string;
  methods?: string[];
}[] = [
  {
    what: "no success report comes (T43)",
    options: { msrp: { successReport: true } },
    prepare: taking,
    within: 121_000,
    outcome: "timed_out",
    kind: "msrp_report_missing",
  },
  {
    what: "a SEND is not answered for 30 s (T44)",
    prepare: (peer) => {
      taking(peer);
      peer.msrpScript = () => {};
    },
    within: 31_000,
    outcome: "timed_out",
    kind: "msrp_timeout",
  },
  ...[400, 403, 413, 415, 481, 506].map((status) => ({
    what: `a SEND is answered ${status} (T45)`,
    prepare: (peer: ScriptedPeer) => {
      taking(peer);
      peer.msrpScript = (chunk) => peer.answerChunk(chunk, status);
    },
    within: 100,
    outcome: "rejected",
    kind: `msrp_${status}`,
  })),
  {
    what: "a failure is reported",
    prepare: (peer) => {
      taking(peer);
      peer.msrpScript = (chunk) => peer.report(chunk, 3000, 403);
    },
    within: 100,
    outcome: "rejected",
    kind: "msrp_403",
  },
  {
    what: "the MSRP connection is refused (T46)",
    prepare: (peer) => {
      taking(peer);
      peer.refuseMsrpConnections();
    },
    within: 100,
    outcome: "failed",
    kind: "msrp_connection_refused",
  },
  {
    what: "the MSRP connection breaks in mid transfer",
    prepare: (peer) => {
      taking(peer);
      peer.msrpScript = () => peer.refuseMsrpConnections();
    },
    within: 100,
    outcome: "failed",
    kind: "msrp_connection_reset",
  },
  {
    what: "the active answerer never connects (T46)",
    prepare: (peer) => taking(peer, peer.description({ setup: "active" })),
    within: 5100,
    outcome: "failed",
    kind: "msrp_connect_failed",
  },
  {
    what: "the answer has no path",
    prepare: (peer) => taking(peer, peer.description({ path: "" })),
    within: 100,
    outcome: "failed",
    kind: "answer_no_path",
  },
  {
    what: "the answer has no description at all",
    prepare: (peer) => taking(peer, ""),
    within: 100,
    outcome: "failed",
    kind: "answer_bad_sdp",
  },
  {
    what: "the answer refuses the stream",
    prepare: (peer) => taking(peer, peer.description().replace(/m=message \d+/, "m=message 0")),
    within: 100,
    outcome: "failed",
    kind: "answer_rejected",
  },
  {
    what: "the answer takes other types only (T47)",
    prepare: (peer) => taking(peer, peer.description({ types: "message/cpim" })),
    within: 100,
    outcome: "failed",
    kind: "answer_type",
  },
  {
    what: "the answer wants TLS, which was not offered",
    prepare: (peer) => taking(peer, peer.description().replace("TCP/MSRP", "TCP/TLS/MSRP")),
    within: 100,
    outcome: "failed",
    kind: "answer_tls",
  },
  {
    what: "the answer takes smaller messages only (RFC 4975 §8.6)",
    prepare: (peer) => taking(peer, peer.description({ lines: "a=max-size:2999\r\n" })),
    within: 100,
    outcome: "failed",
    kind: "answer_max_size",
  },
  {
    what: "the answer would send only",
    prepare: (peer) => taking(peer, peer.description().replace("recvonly", "sendonly")),
    within: 100,
    outcome: "failed",
    kind: "answer_direction",
  },
];

for (const { what, options, prepare, within, outcome, kind } of FAILURES) {
  Deno.test(`LargeMessage ends in one outcome, BYE and nothing left when ${what}`, () => {
    const { stand, peer } = scripted(options);
    prepare(peer);
    stand.send({ size: 3000 });
    stand.wait(within);
    assertEquals(peer.methods().filter((method) => method !== "ACK"), ["INVITE", "BYE"]);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 1, [outcome]: 1 });
    assertEquals(stand.family("failures."), { [kind]: 1 });
    assertEquals([stand.count("sessions.established"), stand.count("sessions.released")], [1, 1]);
  });
}

for (const status of [403, 404, 415, 480, 486, 488, 500, 503, 600, 606]) {
  Deno.test(`LargeMessage refused with ${status} is neither sent again nor sent as MESSAGE (T51, I585 §9)`, () => {
    const { stand, alice, peer } = scripted();
    peer.script = (arrived) => {
      if (arrived.message.method === "INVITE") peer.respond(arrived, status);
    };
    stand.send({ size: 3000 });
    stand.wait(50);
    assertEquals(peer.methods(), ["INVITE", "ACK"]);
    assertEquals(alice.endpoint.leftovers().msrpSessions, 0);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
    assertEquals(stand.family("failures."), { [`invite_rejected_${status}`]: 1 });
    const response = `large_response{response=${status / 100 | 0}xx}`;
    assertEquals(stand.latencies().sort(), [
      "large_response",
      response,
      "large_sent",
      "session_request_delay_failed",
    ]);
  });
}

Deno.test("LargeMessage redirected or challenged in vain has no session request delay (T60, RFC 6076 §4.3.2)", () => {
  for (const status of [302, 401, 402, 407]) {
    const { stand, peer } = scripted();
    peer.script = (arrived) => {
      if (arrived.message.method === "INVITE") peer.respond(arrived, status);
    };
    stand.send({ size: 3000 });
    stand.wait(50);
    stand.end();
    assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
    assertEquals(stand.latencies().filter((name) => name.startsWith("session_")), [], String(status));
  }
});

Deno.test("LargeMessage without any answer to its INVITE times out, and leaves nothing (T54)", () => {
  const { stand } = scripted();
  stand.send({ size: 3000 });
  stand.wait(33_000);
  stand.end();
  assertEquals(stand.outcomes(), { attempted: 1, timed_out: 1 });
  assertEquals([stand.count("sessions.failed"), stand.family("failures.")], [1, { invite_timed_out: 1 }]);
});

Deno.test("LargeMessage whose peer answers nothing but 100 times out when it is given up (RFC 3261 §9.1)", () => {
  const { stand, alice, peer } = scripted();
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") peer.respond(arrived, 100);
  };
  stand.send({ size: 3000 });
  stand.wait(60_000);
  assertEquals(stand.outcomes(), { attempted: 1 });
  alice.agent.abandon();
  stand.wait(33_000);
  stand.end();
  assertEquals([stand.outcomes(), peer.all("CANCEL").length > 0], [{ attempted: 1, timed_out: 1 }, true]);
});

Deno.test("LargeMessage whose 200 has no Contact counts as one failure, and the peer is released", () => {
  const { stand, peer } = scripted();
  peer.script = (arrived) => {
    if (arrived.message.method !== "ACK") peer.respond(arrived, 200);
  };
  stand.send({ size: 3000 });
  stand.wait(50);
  assertEquals(peer.methods(), ["INVITE", "ACK", "BYE"]);
  stand.end();
  assertEquals([stand.outcomes(), stand.family("failures.")], [{ attempted: 1, failed: 1 }, { invite_bad_answer: 1 }]);
});

/** Peers that do anything at any time: whatever comes, each message has one outcome, and nothing is left. */
import { assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import type { HeaderField } from "../sip/request.ts";
import { type Arrived, type ArrivedChunk, PEER_TAG, type ScriptedPeer } from "../testing/scripted_peer.ts";
import { type PartyOptions, scripted } from "../testing/user_agent_stand.ts";

const STATUSES = [
  100,
  180,
  183,
  200,
  200,
  200,
  202,
  299,
  302,
  400,
  401,
  407,
  408,
  422,
  481,
  486,
  487,
  491,
  500,
  513,
  603,
];
const HEADERS: HeaderField[] = [
  ["Session-Expires", "90;refresher=uac"],
  ["Session-Expires", "90;refresher=uas"],
  ["Session-Expires", "nonsense"],
  ["Min-SE", "5000"],
  ["Min-SE", "-1"],
  ["Allow", "INVITE, UPDATE"],
  ["Allow", ""],
  ["Contact", "<sip:bob@10.0.0.2:5071;transport=tcp>"],
  ["Contact", "nonsense <"],
  ["Record-Route", "<sip:10.0.0.2:5071;lr>, <sip:x>"],
  ["Record-Route", "nonsense"],
  ["WWW-Authenticate", 'Digest realm="r", nonce="n1", qop="auth"'],
  ["WWW-Authenticate", "Digest"],
  ["Proxy-Authenticate", 'Digest realm="p", nonce="n2", algorithm=SHA-256'],
  ["Require", "nothing"],
];
const MSRP_STATUSES = [200, 200, 200, 400, 403, 408, 413, 415, 423, 481, 501, 506, 999];

/** A peer moved by chance only. */
class Liar {
  readonly #peer: ScriptedPeer;
  readonly #random: Random;
  #sequence = 1;

  constructor(peer: ScriptedPeer, seed: number) {
    this.#peer = peer;
    this.#random = new Random(seed);
    peer.script = (arrived) => this.#answer(arrived);
    peer.msrpScript = (chunk) => this.#answerChunk(chunk);
  }

  #chance(share: number): boolean {
    return this.#random.uniform() < share;
  }

  #one<T>(values: readonly T[]): T {
    return values[this.#random.integer(values.length)]!;
  }

  #answer(arrived: Arrived): void {
    if (arrived.message.method === "ACK") return;
    while (this.#chance(0.7)) {
      const headers = HEADERS.filter(() => this.#chance(0.2));
      const toTag = this.#chance(0.9) ? PEER_TAG : `tag${this.#random.integer(3)}`;
      if (this.#chance(0.4)) this.#peer.accept(arrived, { headers, toTag, sdp: this.#description() });
      else this.#peer.respond(arrived, this.#one(STATUSES), { headers, toTag });
    }
    if (this.#chance(0.2)) this.#ask(arrived);
  }

  #description(): string {
    const setup = this.#one(["passive", "active", "actpass", "nonsense", undefined]);
    const path = this.#chance(0.8)
      ? this.#peer.path
      : this.#one(["", "msrp://10.0.0.2:1/x;tcp", "msrp://nowhere/x;tcp"]);
    const whole = this.#peer.description({ setup, path });
    return this.#chance(0.9) ? whole : whole.slice(0, this.#random.integer(whole.length));
  }

  /** A request of its own inside the dialog that its answer may have made. */
  #ask(arrived: Arrived): void {
    const method = this.#one(["BYE", "UPDATE", "INVITE", "ACK", "CANCEL", "MESSAGE", "INFO"]);
    const headers = [["Contact", this.#peer.contact()] as const, ...HEADERS.filter(() => this.#chance(0.1))];
    const body = this.#chance(0.5) ? this.#description() : "";
    this.#peer.request(method, arrived, { sequence: this.#sequence++, headers, body });
  }

  #answerChunk(chunk: ArrivedChunk): void {
    if (this.#chance(0.1)) chunk.flow.close();
    if (this.#chance(0.7)) this.#peer.answerChunk(chunk, this.#one(MSRP_STATUSES));
    if (this.#chance(0.3)) this.#peer.report(chunk, this.#one([0, 10, 5000]), this.#one(MSRP_STATUSES));
    if (this.#chance(0.1)) this.#ask(this.#peer.last("INVITE"));
  }
}

/** Ways in which a client may be set up; 400 seeds of each were tried once, 20 are in every run. */
const WAYS: readonly PartyOptions[] = [
  {},
  { transport: "tcp", password: "secret" },
  { password: "secret", session: { hold: 100_000 }, msrp: { successReport: true, chunking: 2048 } },
  { msrp: { setup: "active", failureReport: "partial", connections: "shared" }, session: { refresher: "omit" } },
];

for (const options of WAYS) {
  Deno.test(`UserAgent with ${JSON.stringify(options)} ends every message once, whatever its peer answers`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { stand, alice, peer } = scripted(options, { loss: 0.1, duplication: 0.1 });
      new Liar(peer, seed);
      for (const size of [20, 900, 3000, 3000, 5000]) stand.send({ size });
      stand.wait(600_000);
      alice.agent.abandon();
      stand.wait(100_000);
      stand.end();
      const { attempted, ...outcomes } = stand.outcomes();
      assertEquals(attempted, 5);
      assertEquals(Object.values(outcomes).reduce((sum, count) => sum + count, 0), 5, `seed ${seed}`);
      assertEquals(outcomes["unanswered"] ?? 0, 0, `seed ${seed}`);
    }
  });
}

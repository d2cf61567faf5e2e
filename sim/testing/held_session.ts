/** A session that is held after its message was delivered, facing a scripted peer: the stand for session timers. */
import type { Millis } from "../clock/clock.ts";
import type { HeaderField } from "../sip/request.ts";
import type { Arrived, ScriptedPeer } from "./scripted_peer.ts";
import { type Party, type PartyOptions, scripted, type UserAgentStand } from "./user_agent_stand.ts";

/** Longer than any test. */
export const HOLD: Millis = 10_000_000;
/** Allow of a peer that takes UPDATE. */
export const WITH_UPDATE: HeaderField = ["Allow", "INVITE, ACK, BYE, UPDATE"];

/** What a test of a held session has at hand. */
export interface HeldSession {
  readonly stand: UserAgentStand;
  readonly alice: Party;
  readonly peer: ScriptedPeer;
  /** Requests inside the session but ACK and BYE. */
  readonly refreshes: Arrived[];
  /** What the peer does with each of them, one after another; then it grants them. */
  readonly answers: ((refresh: Arrived) => void)[];
  /** Seconds from the 2xx at which requests of a method were sent. */
  seconds(method: string): number[];
  /** Moves the time to so many seconds after the 2xx. */
  waitUntil(second: number): void;
  /** Releases what is left, and fails when that is not everything. */
  end(): void;
}

/** Alice in a session whose INVITE was answered 200 with `headers`, after a 183 with those of `provisional`, if any. */
export function held(
  headers: readonly HeaderField[],
  options: PartyOptions = {},
  provisional: readonly HeaderField[] = [],
): HeldSession {
  const { stand, alice, peer } = scripted({ ...options, session: { hold: HOLD, ...options.session } });
  const refreshes: Arrived[] = [];
  const answers: ((refresh: Arrived) => void)[] = [];
  peer.script = (arrived) => {
    const { message } = arrived;
    if (message.method === "BYE") return peer.respond(arrived, 200);
    if (message.method === "ACK") return;
    if (message.method === "INVITE" && message.toTag() === "") {
      if (provisional.length > 0) peer.respond(arrived, 183, { headers: provisional });
      return peer.accept(arrived, { headers });
    }
    refreshes.push(arrived);
    (answers.shift() ?? ((refresh: Arrived) => peer.accept(refresh, { headers })))(arrived);
  };
  stand.send({ size: 3000 });
  // answered after a round of 2 ms, from which all intervals run
  stand.wait(2);
  const answeredAt = 2;
  stand.wait(98);
  const seconds = (method: string) =>
    peer.all(method).map(({ at }) => Math.round((at - 1 - answeredAt) / 100) / 10).filter((at) => at > 1);
  const waitUntil = (second: number) => stand.network.waitUntil(answeredAt + second * 1000);
  const end = () => {
    alice.agent.abandon();
    stand.wait(100);
    stand.end();
  };
  return { stand, alice, peer, refreshes, answers, seconds, waitUntil, end };
}

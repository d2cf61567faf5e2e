/** A session of alice that is kept after its message was delivered: what tests of the session timer begin with. */
import type { Session } from "../../ua/session.ts";
import type { AnswerParts, SipText } from "./sip_text.ts";
import { sdpLine } from "./msrp_text.ts";
import { Stand, type StandOptions } from "./stand.ts";
import type { Stream } from "./wires.ts";

/** Seconds become milliseconds. */
export const SECOND = 1000;

/** Longer than any test. */
const HOLD = 10_000_000;

/** The one session of the client. */
export function sessionOf(stand: Stand): Session {
  const [session] = stand.alice.sessions;
  if (session === undefined) throw new Error("There is no session");
  return session;
}

/** Alice in a session that bob accepted with these header lines; `invite` is the one she sent. */
export async function held(
  headers: readonly string[],
  options: StandOptions = {},
): Promise<{ stand: Stand; invite: SipText }> {
  const stand = new Stand({ ...options, session: { hold: HOLD, ...options.session } });
  stand.sendLarge();
  const invite = await stand.peer.next("INVITE");
  stand.peer.accept(invite, { headers });
  await stand.peer.next("ACK");
  await stand.quiet();
  return { stand, invite };
}

/** What bob grants a refresh with. */
export function granted(request: SipText, port: number, more: readonly string[] = []): AnswerParts {
  const timer = request.header("Session-Expires");
  return {
    headers: [`Contact: <sip:bob@127.0.0.1:${port}>`, "Require: timer", `Session-Expires: ${timer}`, ...more],
  };
}

/** Alice called by bob: the 200 she answered with, acknowledged. */
export async function called(stand: Stand, headers: readonly string[]): Promise<SipText> {
  const answer = await invited(stand, headers);
  stand.peer.acknowledge(answer);
  await stand.quiet();
  return answer;
}

/** Alice's final answer to an INVITE of bob with these header lines. */
export async function invited(stand: Stand, headers: readonly string[], sdp?: string): Promise<SipText> {
  const { peer } = stand;
  const body = sdp ?? peer.sdp({ setup: "actpass", direction: "sendonly" });
  peer.ask("INVITE", {
    headers: [`Contact: ${peer.contact()}`, ...headers, "Content-Type: application/sdp"],
    body,
  });
  return await peer.nextAnswer("INVITE");
}

/** Bob's connection to the MSRP session that alice's answer describes, bound by a SEND without body. */
export async function connectTo({ peer }: Stand, answer: SipText): Promise<{ stream: Stream; path: string }> {
  const path = sdpLine(answer.body, "a=path:")!;
  const stream = await peer.msrp.connect(portOf(path));
  peer.sendChunk(stream, { id: "greet1", to: path, messageId: "greeting", headers: ["Byte-Range: 1-0/0"] });
  await peer.nextChunk("200");
  return { stream, path };
}

/** The port in an MSRP URI. */
export function portOf(path: string): number {
  return Number(/:(\d+)\//.exec(path)![1]);
}

/** Ways in which a scripted peer behaves in many tests. */
import type { ScriptedPeer } from "./scripted_peer.ts";

/** A challenge of a proxy. */
export const CHALLENGE = 'Digest realm="ims.example", nonce="n1", qop="auth", algorithm=MD5';

/** Answers every MESSAGE with `status`, and every INVITE with 486, so that large mode shows and ends. */
export function answering(peer: ScriptedPeer, status = 200): void {
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") peer.respond(arrived, 486);
    else if (arrived.message.method === "MESSAGE") peer.respond(arrived, status);
  };
}

/** Challenges what has no credentials, and then takes it; every INVITE is answered 486. */
export function challenging(peer: ScriptedPeer): void {
  peer.script = (arrived) => {
    const { message } = arrived;
    if (message.method === "ACK") return;
    if (message.method === "INVITE") peer.respond(arrived, 486);
    else if (message.header("Proxy-Authorization") !== undefined) peer.respond(arrived, 200);
    else peer.respond(arrived, 407, { headers: [["Proxy-Authenticate", CHALLENGE]] });
  };
}

/** Takes every session with that description, and answers BYE. */
export function taking(peer: ScriptedPeer, sdp: string = peer.description()): void {
  peer.script = (arrived) => {
    if (arrived.message.method === "INVITE") peer.accept(arrived, { sdp });
    if (arrived.message.method === "BYE") peer.respond(arrived, 200);
  };
}

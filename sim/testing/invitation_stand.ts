/** An invitation by itself, facing a scripted peer. */
import { toText } from "../bytes/text.ts";
import type { Message } from "../sip/message.ts";
import { Invitation, type InvitationFailure, type InvitationUser } from "../ua/invitation.ts";
import type { Release, Session } from "../ua/session.ts";
import type { Arrived, ScriptedPeer } from "./scripted_peer.ts";
import { BOB_URI, type Party, type PartyOptions, scripted, type UserAgentStand } from "./user_agent_stand.ts";

const DESCRIPTION = "v=0\r\n";

/** Notes what an invitation tells, in order. */
export class NotingInvitationUser implements InvitationUser {
  readonly heard: string[] = [];
  session: Session | undefined;
  /** The INVITE that was refused, as it is shown. */
  request = "";
  readonly #description: string;

  /** Offers this description. */
  constructor(description = DESCRIPTION) {
    this.#description = description;
  }

  description(): string {
    return this.#description;
  }

  onProvisional(): void {
    this.heard.push("provisional");
  }

  onAnswered(session: Session): void {
    this.heard.push("answered");
    this.session = session;
  }

  onRefused(failure: InvitationFailure, _at: number, _message: Message | undefined, request: () => Uint8Array): void {
    this.heard.push(failure.kind === "rejected" ? `rejected ${failure.status}` : failure.kind);
    this.request = toText(request());
  }

  onReleased(_session: Session, by: Release): void {
    this.heard.push(`released ${by}`);
  }
}

/** What a test of an invitation has at hand. */
export interface InvitationStand {
  readonly stand: UserAgentStand;
  readonly alice: Party;
  readonly peer: ScriptedPeer;
  readonly user: NotingInvitationUser;
  /** What the peer does with each INVITE, one after another; nothing when there is none left. */
  readonly answers: ((arrived: Arrived) => void)[];
  /** Sends the INVITE. */
  begin(): Invitation;
  /** Ends the session, and fails when anything is left. */
  end(): void;
}

/** An invitation by itself; the peer answers BYE, and else what the test says. */
export function inviting(options: PartyOptions & { description?: string } = {}): InvitationStand {
  const { stand, alice, peer } = scripted(options);
  const user = new NotingInvitationUser(options.description);
  const begin = () => new Invitation(alice.agent, { uri: BOB_URI, anonymous: false, counted: true, user });
  const answers: ((arrived: Arrived) => void)[] = [];
  peer.script = (arrived) => {
    const { method } = arrived.message;
    if (method === "BYE") peer.respond(arrived, 200);
    else if (method === "INVITE") answers.shift()?.(arrived);
  };
  const end = () => {
    user.session?.release();
    stand.wait(50);
    stand.end();
  };
  return { stand, alice, peer, user, begin, answers, end };
}

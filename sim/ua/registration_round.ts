/** What a registration needs while a REGISTER of it is under way. */
import type { Millis } from "../clock/clock.ts";
import type { AnsweredChallenges } from "../sip/client_digest.ts";
import type { RegistrationListener } from "./registration.ts";

/** Begins with a first REGISTER and is over when it is known how that ended: nothing of it stays with a binding. */
export class Round {
  /** From when latency counts. */
  dueAt: Millis = 0;
  /** Whether the latency of what is under way counts. */
  counted = true;
  /** When the first REGISTER of the present attempt left. */
  sentAt: Millis | undefined;
  /** Answers of the present attempt that made it try again. */
  tries = 0;
  /** How often a server has put it off. */
  waits = 0;
  answered: AnsweredChallenges | undefined;
  /** Whether a REGISTER waits for its answer. */
  isPending = false;
  /** Whether the binding is to be removed as soon as that answer is there. */
  removalWanted = false;
  /** Hears the end too, of a binding that is made again. */
  renewal: RegistrationListener | undefined;

  /** Begins the next attempt; waits, the wish for removal and the listener go on. */
  begin(dueAt: Millis, counted: boolean): void {
    this.dueAt = dueAt;
    this.counted = counted;
    this.sentAt = undefined;
    this.tries = 0;
    this.answered = undefined;
  }
}

/** What is counted when the session of a large message is over (RFC 6076 §4.4, §4.5, §4.9). */
import type { Millis } from "../clock/clock.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { Release, Session } from "./session.ts";

/** How a session ended, seen from the calling side. */
export interface ReleasedSession {
  readonly session: Session;
  readonly by: Release;
  readonly at: Millis;
  /** From our first BYE to its 2xx; undefined without one. */
  readonly teardown: Millis | undefined;
  /** When the 200 to the INVITE came. */
  readonly answeredAt: Millis;
}

/** Counts the release and its delays: a session whose BYE nobody answered has a duration apart, and no disconnect delay. */
export function recordRelease(recorder: Recorder, { session, by, at, teardown, answeredAt }: ReleasedSession): void {
  recorder.count(by === "peer" ? "sessions.released_by_peer" : "sessions.released");
  if (teardown !== undefined) {
    recorder.latency("session_disconnect_delay", teardown);
    recorder.latency("large_teardown", teardown);
  }
  if (by === "peer") recorder.latency("session_duration", at - answeredAt);
  else if (session.isByeAnswered) recorder.latency("session_duration", session.byeAt! - answeredAt);
  else {
    recorder.count("sessions.release_unanswered");
    recorder.latency("session_duration_failed", at - answeredAt);
  }
}

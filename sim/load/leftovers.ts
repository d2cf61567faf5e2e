/** Counts what was still open when a run had released everything. */
import type { Millis } from "../clock/clock.ts";
import type { Leftovers } from "../endpoint/endpoint.ts";
import type { Recorder } from "../metrics/recorder.ts";
import { auditSession } from "../ua/session_audit.ts";
import type { UserAgent } from "../ua/user_agent.ts";

/** Counts them as `audit.…`; of sessions the messages are kept. */
export function auditLeftovers(
  leftovers: Leftovers,
  agents: readonly UserAgent[],
  recorder: Recorder,
  now: Millis,
): void {
  let known = 0;
  for (const agent of agents) {
    if (!agent.isInSession()) continue;
    for (const session of agent.sessions) {
      if (!session.counted) continue;
      auditSession(session, "audit.dialogs_left", now);
      known++;
    }
  }
  if (leftovers.dialogs > known) recorder.count("audit.dialogs_left", leftovers.dialogs - known);
  if (leftovers.msrpSessions > 0) recorder.count("audit.msrp_sessions_left", leftovers.msrpSessions);
  if (leftovers.msrpConnections > 0) recorder.count("audit.connections_left", leftovers.msrpConnections);
}

/** The part of the schema of `summary.json` that describes the set-up and the rates of RFC 7501. */
import { z } from "zod";

const count = z.int().min(0);
const rate = z.number().nullable();

/** Schema of `rfc7501`. */
export const rfc7501Schema = z.strictObject({
  transports: z.array(z.enum(["udp", "tcp"])).describe("SIP Transport Protocol of the clients."),
  session_attempt_rate_sps: rate.describe("Session Attempt Rate: sessions asked for, each second of load."),
  establishment_threshold_s: z.number().describe("Establishment Threshold Time: Timer B and Timer F."),
  session_duration_least_s: z.number().describe("Session Duration asked for, the shortest of all populations."),
  session_duration_most_s: z.number().describe("Session Duration asked for, the longest of all populations."),
  media: z.literal("MSRP").describe("Protocol of the associated media."),
  media_streams_per_session: z.literal(1).describe("Media streams of a session."),
  challenged: z.boolean().describe("Whether requests were challenged."),
  session_attempts: count.describe("Session Attempts by INVITE; a challenged one counts once."),
  established_sessions: count.describe("Established Sessions."),
  session_attempt_failures: count.describe("Session Attempt Failures."),
  registration_attempts: count.describe("Session Attempts by REGISTER, the first of each client."),
  registrations: count.describe("Clients that registered."),
  registration_attempt_failures: count.describe("Clients that could not register."),
  session_establishment_rate_sps: rate.describe(
    "Session Establishment Rate, a lower bound: that of this run when no attempt failed.",
  ),
  registration_rate_rps: rate.describe("Registration Rate, a lower bound: that asked for when no attempt failed."),
  im_rate_zero_loss: rate.describe("Messages a second when each arrived once and whole; not of the RFC."),
});

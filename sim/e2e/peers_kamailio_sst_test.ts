/**
 * Session timers through Kamailio, which answers too small an interval 422 with Min-SE (RFC 4028 §8.1), in its script:
 * `sstCheckMin()` of the sst module of 5.6 is inverted. Its MSRP relay is left out: our clients use no relay.
 */
import { assertEquals } from "@std/assert";
import { judged } from "./peers/judged.ts";
import { KAMAILIO_DOMAIN, kamailioPassword, startKamailio } from "./peers/kamailio.ts";
import { assertAllDelivered, runScenario } from "./scenario_run.ts";

/** Our clients listen here and nobody else does. */
const OWN_HOST = "127.0.0.80";
const CLIENTS = 10;
const SESSIONS = 20;

const SCENARIO = `
name: sst
target: { uri: embedded, domain: ${KAMAILIO_DOMAIN} }
populations:
  - name: callers
    clients: ${CLIENTS}
    users: { csv: callers.csv }
    session: { expires: 90s, refresh_after: 0.01, hold: 3s }
    messages: { size: 4KiB, to: { population: readers, pick: ring } }
  - name: readers
    clients: ${CLIENTS}
    users: { csv: readers.csv }
phases:
  - { executor: constant-arrival-rate, rate: ${SESSIONS / 2}/s, duration: 2s }
`;

function usersFile(name: string): string {
  const users = Array.from({ length: CLIENTS }, (_, index) => `${name}${index}`);
  return ["user,password", ...users.map((user) => `${user},${kamailioPassword(user)}`), ""].join("\n");
}

const CASES = [
  { digest: "none", transport: "udp", method: "update" },
  { digest: "MD5", transport: "udp", method: "reinvite" },
  { digest: "SHA-256", transport: "tcp", method: "update" },
] as const;

for (const { digest, transport, method } of CASES) {
  const what = `${method} over ${transport}, digest ${digest}`;
  Deno.test(`sessions that Kamailio answers 422 come back with its Min-SE and are refreshed through it by ${what}`, async (t) => {
    const kamailio = await startKamailio({ digest, minSe: 120 });
    try {
      await judged(t, { ports: [kamailio.port], hosts: [OWN_HOST] }, async () => {
        const settings = [
          `populations.callers.transport=${transport}`,
          `populations.readers.transport=${transport}`,
          `populations.callers.session.refresh_method=${method}`,
        ].flatMap((set) => ["--set", set]);
        const run = await runScenario(SCENARIO, {
          args: ["--target", `sip:${kamailio.address};transport=${transport}`, "--local", OWN_HOST, ...settings],
          files: { "callers.csv": usersFile("caller"), "readers.csv": usersFile("reader") },
        });
        assertAllDelivered(run);
        const { messages, session_timer: timer, responses } = run.summary;
        assertEquals(messages.large.attempted, SESSIONS);
        assertEquals(timer, {
          started: SESSIONS,
          // 120 s, a hundredth of which are 1.2 s, in 3 s
          refreshes_sent: 2 * SESSIONS,
          refreshes_received: 2 * SESSIONS,
          refreshes_failed: 0,
          // each session has a memory of its own (RFC 4028 §7.3)
          interval_too_small_422: SESSIONS,
          expired: 0,
        });
        const { "407": challenged = 0, ...others } = responses.INVITE!;
        assertEquals(challenged > 0, digest !== "none");
        assertEquals(others, { "422": SESSIONS, "200": SESSIONS });
        assertEquals(responses[method === "update" ? "UPDATE" : "re-INVITE"], { "200": 2 * SESSIONS });
        assertEquals(kamailio.log().includes("malformed:"), false, kamailio.log());
      });
    } finally {
      await kamailio.stop();
    }
  });
}

/** Pager messages through a small server on the npm package `sip`, a stack and a digest of another maker. */
import { assert, assertEquals } from "@std/assert";
import { PeerChild, poll } from "./peers/child.ts";
import { judged } from "./peers/judged.ts";
import { freePort, LOOPBACK } from "./peers/ports.ts";
import { ROOT } from "./program.ts";
import { assertAllDelivered, runScenario } from "./scenario_run.ts";

/** Our clients listen here and nobody else does. */
const OWN_HOST = "127.0.0.81";
const CLIENTS = 10;

function usersFile(name: string, password: (user: string) => string): string {
  const users = Array.from({ length: CLIENTS }, (_, index) => `${name}${index}`);
  return ["user,password", ...users.map((user) => `${user},${password(user)}`), ""].join("\n");
}

const SCENARIO = `
name: npm-sip
target: { uri: embedded, domain: ims.test }
populations:
  - name: phones
    clients: ${CLIENTS}
    users: { csv: phones.csv }
    messages: { size: [{ weight: 1, constant: 0 }, { weight: 1, constant: 20 }, { weight: 2, uniform: [100, 500] }] }
phases:
  - { executor: constant-arrival-rate, rate: 25/s, duration: 2s }
`;

/** Runs `act` beside the server. */
async function withServer(act: (port: number) => Promise<void>): Promise<void> {
  const port = freePort();
  const program = new URL("./peers/npm_sip_server.ts", import.meta.url).pathname;
  const child = PeerChild.start(Deno.execPath(), ["run", "-P=e2e", "--quiet", program, `${port}`], { folder: ROOT });
  try {
    const ready = await poll(
      20_000,
      () => Promise.resolve(child.log().includes("ready\n") || (child.ended ? false : undefined)),
    );
    assert(ready, child.log());
    await act(port);
    assert(!child.log().includes("npm sip:"), child.log());
  } finally {
    await child.stop();
  }
}

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`messages through a server on npm sip with digest arrive over ${transport}`, async (t) => {
    await withServer(async (port) => {
      await judged(t, { ports: [port], hosts: [OWN_HOST] }, async () => {
        const run = await runScenario(SCENARIO, {
          args: ["--target", `sip:${LOOPBACK}:${port};transport=${transport}`, "--local", OWN_HOST],
          files: { "phones.csv": usersFile("phones", (user) => `pw-${user}`) },
        });
        assertAllDelivered(run);
        const { summary } = run;
        assertEquals(summary.clients, { configured: CLIENTS, registered: CLIENTS, failed: 0 });
        assertEquals(summary.messages.pager.attempted, 50);
        assert(summary.responses.REGISTER!["401"]! >= CLIENTS);
        assertEquals(Object.keys(summary.responses.MESSAGE!).sort(), ["200", "407"]);
      });
    });
  });
}

Deno.test("a wrong password at a server on npm sip is one failed registration, not an endless loop", async () => {
  await withServer(async (port) => {
    const run = await runScenario(SCENARIO, {
      args: ["--target", `sip:${LOOPBACK}:${port}`, "--local", OWN_HOST],
      files: { "phones.csv": usersFile("phones", () => "guessed") },
    });
    assertEquals(run.summary.clients, { configured: CLIENTS, registered: 0, failed: CLIENTS }, run.stderr);
    assert(run.summary.responses.REGISTER!["401"]! <= 4 * CLIENTS);
  });
});

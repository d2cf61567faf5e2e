/** Clients at many addresses and ports, registered with Kamailio: what they write of themselves is where they really are. */
import { assert, assertEquals } from "@std/assert";
import { captureObstacle, startCapture } from "./peers/capture.ts";
import { runToEnd } from "./peers/child.ts";
import { KAMAILIO_DOMAIN, startKamailio } from "./peers/kamailio.ts";
import { assertAllDelivered, runScenario } from "./scenario_run.ts";

const SCENARIO = `
name: sources
target: { uri: "sip:127.0.0.1:5060", domain: ${KAMAILIO_DOMAIN} }
populations:
  - name: phones
    clients: 60
    source: { addresses: 127.0.33.1-127.0.33.5, ports: 6 }
    register: { rate: 200/s }
    messages: { size: [{ weight: 1, uniform: [50, 300] }, { weight: 1, uniform: [2000, 3000] }] }
phases:
  - { executor: constant-arrival-rate, rate: 60/s, duration: 3s }
`;
const FIELDS = ["sip.Method", "ip.src", "udp.srcport", "sip.Via.sent-by.address", "sip.Via.sent-by.port", "sip.r-uri"];
const OBSTACLE = await captureObstacle();

/** SIP requests over UDP in a capture: method, source, top Via, Request-URI. */
async function requestsIn(file: string, ports: readonly number[], direction: string): Promise<string[][]> {
  const decode = ports.flatMap((port) => ["-d", `udp.port==${port},sip`]);
  const fields = [...FIELDS, "ip.dst", "udp.dstport"].flatMap((field) => ["-e", field]);
  const args = ["-n", "-r", file, ...decode, "-Y", `sip.Method && udp && ${direction}`, "-T", "fields", ...fields];
  const { output, errors } = await runToEnd("tshark", [...args, "-E", "occurrence=f"], 60_000);
  const rows = output.trimEnd().split("\n").map((line) => line.split("\t"));
  assert(rows.length > 1, errors);
  return rows;
}

Deno.test({
  name: "Kamailio has clients at 30 sources, whose requests name where they come from, and reaches each at its own",
  ignore: OBSTACLE !== undefined,
  fn: async () => {
    const kamailio = await startKamailio();
    const capture = await startCapture([kamailio.port]);
    try {
      const run = await runScenario(SCENARIO, { args: ["--target", `sip:${kamailio.address}`] });
      assertEquals([run.code, run.summary.clients.registered], [0, 60], run.stdout + run.stderr);
      assertAllDelivered(run);
      assert(run.summary.messages.pager.attempted > 50 && run.summary.messages.large.attempted > 50);
      assertEquals((await capture.stop()).dropped, 0);

      const ours = await requestsIn(capture.file, [kamailio.port], `udp.dstport == ${kamailio.port}`);
      const methods = new Set(ours.map(([method]) => method));
      assertEquals([...methods].sort(), ["ACK", "BYE", "INVITE", "MESSAGE", "REGISTER"]);
      for (const [, host, port, viaHost, viaPort] of ours) assertEquals([viaHost, viaPort], [host, port]);
      const sources = new Set(ours.map(([, host, port]) => `${host}:${port}`));
      assertEquals([sources.size, new Set(ours.map(([, host]) => host)).size], [30, 5]);

      const theirs = await requestsIn(capture.file, [kamailio.port], `udp.srcport == ${kamailio.port}`);
      for (const [method, , , , , uri, host, port] of theirs) {
        assert(
          uri!.includes(`@${host}:${port}`) && sources.has(`${host}:${port}`),
          `${method} ${uri} to ${host}:${port}`,
        );
      }
    } finally {
      await capture.remove();
      await kamailio.stop();
    }
  },
});

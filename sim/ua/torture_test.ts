/** What a user agent answers to the samples of RFC 4475 and RFC 5118 that are refused, or taken, above the parser. */
import { assertEquals } from "@std/assert";
import { FlowRecorder } from "../testing/flow_recorder.ts";
import { samplesOf } from "../testing/torture.ts";
import { UserAgentStand } from "../testing/user_agent_stand.ts";

for (const { file, clause, about, octets, layer, agent } of samplesOf()) {
  if (layer === "dropped") continue;
  Deno.test(`A user agent answers ${agent ?? layer} to ${file}: ${about} (${clause})`, () => {
    const { alice, network } = new UserAgentStand();
    // it comes from the port of its sent-by, so that its answers come back here
    const flow = file === "ipv6/mult-ip-in-header.dat"
      ? new FlowRecorder({ remote: { host: "2001:db8::9:1", port: 6050 } })
      : new FlowRecorder();
    alice.endpoint.transactions.receive(octets, flow, network.wheel.now);
    network.wait(10);
    const statuses = flow.startLines().filter((line) => line.startsWith("SIP/2.0 ")).map((line) => line.split(" ")[1]!);
    if (agent !== undefined) assertEquals(statuses.at(-1), String(agent));
    network.wait(200_000);
    assertEquals(alice.endpoint.leftovers(), {
      timers: 0,
      dialogs: 0,
      transactions: 0,
      msrpSessions: 0,
      msrpConnections: 0,
    });
  });
}

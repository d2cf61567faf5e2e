/** Clients that send from many ports and addresses: what a server that we did not write sees of them. */
import { assert, assertEquals } from "@std/assert";
import { AnsweringServer } from "./answering_server.ts";
import { assertAllDelivered, runScenario } from "./scenario_run.ts";

const PORTS = `
name: ports
target: { uri: "sip:127.0.0.1:5060", domain: ims.example }
populations:
  - name: phones
    clients: 120
    source: { ports: 40 }
    register: { rate: 200/s }
    messages: { size: 100, to: { uri: "sip:bob@ims.example" } }
phases:
  - { executor: constant-arrival-rate, rate: 150/s, duration: 3s }
`;

for (const env of [{}, { SIM_UDP: "portable" }]) {
  Deno.test(`a server sees clients at 40 ports, each always at the same one ${JSON.stringify(env)}`, async () => {
    await using server = AnsweringServer.start();
    const run = await runScenario(PORTS, { args: ["--target", `sip:127.0.0.1:${server.port}`], env });
    assertEquals([run.code, run.summary.clients.registered], [0, 120], run.stdout + run.stderr);
    assertEquals([run.summary.messages.attempted, run.summary.messages.accepted_200], [450, 450]);
    const { seen } = server;
    assertEquals(new Set(seen.map(({ method }) => method)), new Set(["REGISTER", "MESSAGE"]));
    assertEquals(new Set(seen.map(({ from }) => from)).size, 40);
    for (const each of seen) {
      assertEquals(each.via, each.from);
      if (each.method === "REGISTER") assertEquals(each.contact, each.from);
    }
    const portsOf = Map.groupBy(seen, ({ user }) => user).values().map((all) => new Set(all.map(({ from }) => from)));
    assert(portsOf.every((ports) => ports.size === 1));
    const users = Map.groupBy(seen, ({ from }) => from).values().map((all) =>
      new Set(all.map(({ user }) => user)).size
    );
    assertEquals(new Set(users), new Set([3]));
  });
}

Deno.test("a request for a client that comes to the port of another one finds nobody there", async () => {
  await using server = AnsweringServer.start();
  const few = PORTS.replace("clients: 120", "clients: 4").replace("ports: 40", "ports: 4");
  const running = runScenario(few, { args: ["--target", `sip:127.0.0.1:${server.port}`] });
  while (server.seen.filter(({ method }) => method === "MESSAGE").length < 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [first, other] = ["phones000000", "phones000001"].map((user) =>
    server.seen.find((each) => each.user === user)!
  );
  assertEquals([await statusOf(first!.user, first!.from), await statusOf(first!.user, other!.from)], [200, 404]);
  const { summary } = await running;
  assertEquals(summary.failures, { request_to_unknown_client: 1 });
});

/** The status that a MESSAGE for a user is answered with at an address. */
async function statusOf(user: string, address: string): Promise<number> {
  const [hostname, port] = address.split(":");
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const own = `127.0.0.1:${(socket.addr as Deno.NetAddr).port}`;
  const lines = [
    `MESSAGE sip:${user}@${address} SIP/2.0`,
    `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${crypto.randomUUID()}`,
    "Max-Forwards: 70",
    "From: <sip:bob@ims.example>;tag=b",
    `To: <sip:${user}@ims.example>`,
    `Call-ID: ${crypto.randomUUID()}`,
    "CSeq: 1 MESSAGE",
    "Content-Type: text/plain",
    "Content-Length: 2",
    "",
    "hi",
  ];
  await socket.send(new TextEncoder().encode(lines.join("\r\n")), {
    transport: "udp",
    hostname: hostname!,
    port: Number(port),
  });
  const [octets] = await socket.receive();
  socket.close();
  return Number(new TextDecoder().decode(octets).slice(8, 11));
}

const ADDRESSES = `
name: addresses
target: { uri: embedded }
populations:
  - name: phones
    clients: 60
    source: { addresses: [127.0.9.1-127.0.9.20, 127.0.10.0/28], ports: 1 }
    register: { rate: 200/s }
    messages: { size: { uniform: [50, 3000] } }
phases:
  - { executor: constant-arrival-rate, rate: 60/s, duration: 3s }
`;

Deno.test("messages of both modes reach clients at 34 addresses, with one event loop and with two", async () => {
  for (const workers of [1, 2]) {
    const run = await runScenario(ADDRESSES, { args: ["--workers", String(workers)] });
    assertEquals(run.code, 0, run.stdout + run.stderr);
    assertAllDelivered(run);
    assert(run.summary.messages.pager.attempted > 20 && run.summary.messages.large.attempted > 20);
  }
});

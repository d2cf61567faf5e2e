/** Large messages to and from an MSRP endpoint of another hand, strict in all that RFC 4975 and RFC 6135 ask for. */
import { assert, assertEquals } from "@std/assert";
import { writeContent } from "../im/body.ts";
import { startTarget } from "../target/server.ts";
import { formatAddress } from "../transport/address.ts";
import { OwnClient } from "./own_client.ts";
import { judged } from "./peers/judged.ts";
import { addressOf, callByMsrp, startMsrpAnswering } from "./peers/msrp_peer.ts";
import { freePort, LOOPBACK } from "./peers/ports.ts";
import { runProgram } from "./program.ts";
import { assertConserved, runScenario } from "./scenario_run.ts";

/** Our receiving client listens here and nobody else does: its MSRP port is not known beforehand. */
const OWN_HOST = "127.0.0.78";
const DOMAIN = "ims.example";

async function sha256(octets: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", octets.slice())).toHex();
}

/** SHA-256 of what `send --bytes` sends. */
function sentBySize(size: number): Promise<string> {
  return sha256(writeContent(size, { run: 1, sequence: 1 }));
}

Deno.test("contents of 0 octets to 1 MB arrive whole at the peer of another hand, in one chunk (RFC 4975 §5.1)", async (t) => {
  const sizes = [0, 1, 2047, 2048, 2049, 100_000, 1_000_000];
  await using peer = await startMsrpAnswering({ count: sizes.length });
  await judged(t, { ports: [peer.port, peer.msrpPort] }, async () => {
    for (const size of sizes) {
      const end = await runProgram([
        ...["send", "--from", "sip:alice@ims.example", "--to", `sip:peer@${LOOPBACK}`, "--mode", "large"],
        ...["--target", `sip:${addressOf(peer)}${size === 2048 ? ";transport=tcp" : ""}`, "--bytes", `${size}`],
      ]);
      assertEquals([end.code, end.stderr], [0, ""], end.stdout);
      assert(end.stdout.endsWith("large message: accepted 200\n"), end.stdout);
    }
    const lines = await peer.results();
    assertEquals(lines.map(({ size }) => size), sizes);
    assertEquals(lines.map(({ sha256 }) => sha256), await Promise.all(sizes.map(sentBySize)));
    assertEquals(new Set(lines.map(({ chunks }) => chunks)), new Set([1]));
  }, (check) => {
    assertEquals(check.msrp, { SEND: sizes.length, "200": sizes.length });
    assertEquals([check.requests.INVITE, check.requests.ACK, check.requests.BYE], Array(3).fill(sizes.length));
  });
});

for (const setup of ["actpass", "active"]) {
  for (const transport of ["udp", "tcp"]) {
    Deno.test(`messages in chunks of 2048 octets with success report arrive whole, a=setup:${setup} over ${transport}`, async (t) => {
      const sizes = [1, 2047, 2048, 2049, 100_000];
      const count = 20;
      await using peer = await startMsrpAnswering({ count, report: true });
      const scenario = `
name: chunks
target: { uri: "sip:${addressOf(peer)};transport=${transport}", domain: ims.example }
populations:
  - name: senders
    clients: 5
    register: false
    mode: { force: large }
    msrp: { chunking: 2048, success_report: true, setup: ${setup} }
    messages:
      size: [${sizes.map((size) => `{ weight: 1, constant: ${size} }`).join(", ")}]
      to: { uri: "sip:peer@${LOOPBACK}" }
phases:
  - { executor: constant-arrival-rate, rate: 10/s, duration: 2s }
`;
      await judged(t, { ports: [peer.port, peer.msrpPort] }, async () => {
        const run = await runScenario(scenario);
        const { messages, sessions } = run.summary;
        assertConserved(run.summary);
        assertEquals([messages.large.attempted, messages.accepted_200], [count, count], run.stderr);
        assertEquals([sessions.released, sessions.failed, sessions.leaked], [count, 0, 0]);
        const lines = await peer.results();
        assertEquals(lines.length, count);
        for (const { size, chunks } of lines) {
          assert(sizes.includes(size), `a message of ${size} octets`);
          assertEquals(chunks, Math.ceil(size / 2048));
        }
        assertEquals(new Set(lines.map(({ size }) => size)).size > 2, true, "several sizes came up");
      }, (check) => {
        assertEquals(check.requests.INVITE! - check.resent <= count, true);
        assertEquals(check.msrp.SEND, check.msrp["200"]);
        assertEquals(check.msrp.REPORT, count);
      });
    });
  }
}

Deno.test("a MESSAGE is answered by the peer of another hand, which finds no fault in it", async (t) => {
  await using peer = await startMsrpAnswering();
  await judged(t, { ports: [peer.port, peer.msrpPort] }, async () => {
    for (const bytes of ["12", "4000"]) {
      const end = await runProgram([
        ...["send", "--from", "sip:alice@ims.example", "--to", `sip:peer@${LOOPBACK}`],
        ...["--target", `sip:${addressOf(peer)}`, "--bytes", bytes],
      ]);
      assertEquals([end.code, end.stderr], [0, ""], end.stdout);
    }
    const lines = await peer.results();
    assertEquals(lines.map(({ size, pager = false }) => [size, pager]), [[12, true], [4000, false]]);
  }, (check) => assertEquals(check.requests, { MESSAGE: 1, INVITE: 1, ACK: 1, BYE: 1 }));
});

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`messages of the peer of another hand arrive whole at our client through the embedded target over ${transport}`, async (t) => {
    const port = freePort();
    const address = { host: LOOPBACK, port };
    const target = await startTarget({ listen: [{ transport: "udp", address }, { transport: "tcp", address }] });
    await using bob = new OwnClient({
      user: "bob",
      target: formatAddress(address),
      domain: DOMAIN,
      host: OWN_HOST,
      transport,
    });
    const calls = [
      { size: 0, report: true },
      { size: 1, report: true },
      { size: 2048, chunk: 2048, report: true },
      { size: 2049, chunk: 2048, report: true },
      { size: 100_000, chunk: 1000, report: true },
      { size: 1_000_000, report: true },
      { size: 5000 },
    ];
    try {
      await judged(t, { ports: [port], hosts: [OWN_HOST] }, async () => {
        assertEquals(await bob.register(), { kind: "registered" });
        for (const call of calls) {
          const sent = await callByMsrp({
            ...call,
            transport,
            type: "text/plain;charset=UTF-8",
            target: formatAddress(address),
            from: `sip:peer@${DOMAIN}`,
            to: `sip:bob@${DOMAIN}`,
          });
          assertEquals(sent.size, call.size);
          const { content, from } = await bob.until("a delivery", () => bob.received.shift());
          assertEquals([from, await sha256(content)], [`sip:peer@${DOMAIN}`, sent.sha256]);
        }
        await bob.settled();
        assertEquals(bob.received, [], "each arrives once");
      }, (check) => {
        assertEquals(check.msrp["200"], check.msrp.SEND);
        assert(check.msrp.REPORT! >= calls.length - 1);
      });
    } finally {
      await target.close();
    }
  });
}

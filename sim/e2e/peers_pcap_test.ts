/** The files that `--pcap` writes, read by tshark: every message of both protocols, each with the size that was asked for. */
import { assert, assertEquals } from "@std/assert";
import { runToEnd } from "./peers/child.ts";
import { freePort } from "./peers/ports.ts";
import { type CaptureCheck, checkCapture } from "./peers/tshark.ts";
import { type RunningTarget, startTargetProgram } from "./program.ts";
import { assertAllDelivered, Folder, runScenario, type ScenarioRun } from "./scenario_run.ts";

const EDGE = `
name: edge
target: { uri: embedded, domain: ims.example }
populations:
  - name: datagrams
    clients: 10
    transport: udp
    auth: { password: secret }
    register: { rate: 200/s }
    messages: { size: { total: [1100, 1298, 1299, 1300, 1301] }, to: { population: streams } }
  - name: streams
    clients: 10
    transport: tcp
    auth: { password: secret }
    register: { rate: 200/s }
    msrp: { chunking: 500, success_report: true }
    messages: { size: { total: [1100, 1298, 1299, 1300, 1301] }, to: { population: datagrams } }
  - name: reliable
    clients: 10
    transport: udp
    auth: { password: secret }
    register: { rate: 200/s }
    mode: { end_to_end_reliable: true, boundary: inclusive }
    messages: { size: { total: [1299, 1300, 1301, 2000] }, to: { population: datagrams } }
phases:
  - { executor: constant-arrival-rate, rate: 60/s, duration: 4s }
`;

/** Runs `EDGE` with a capture and has `judge` read it. */
async function captured(
  targetArgs: readonly string[],
  judge: (file: string, run: ScenarioRun, target: RunningTarget) => Promise<void>,
): Promise<void> {
  await using target = await startTargetProgram(["--domain", "ims.example", ...targetArgs], freePort());
  await using folder = await Folder.make();
  const file = `${folder.path}/run.pcapng`;
  const run = await runScenario(EDGE, { args: ["--target", `sip:${target.address}`, "--pcap", file] });
  assertAllDelivered(run);
  await judge(file, run, target);
}

/** tshark's verdict on the capture; ports of ours are those that our messages name. */
async function check(file: string, target: RunningTarget): Promise<CaptureCheck> {
  const text = new TextDecoder("latin1").decode(await Deno.readFile(file));
  const portsOf = (
    regexp: RegExp,
  ): number[] => [...new Set([...text.matchAll(regexp)].map(([, port]) => Number(port)))];
  return await checkCapture(file, {
    sip: [target.port, ...portsOf(/Contact: <sip:[^@>]+@127\.0\.0\.1:(\d+)/g)],
    msrp: portsOf(/m=message (\d+) TCP\/MSRP/g),
  });
}

/** Octets of each MESSAGE on its way to the target, with whether it went over TCP and who sent it. */
async function sizesOf(
  file: string,
  target: RunningTarget,
): Promise<{ size: number; tcp: boolean; from: string; callId: string }[]> {
  const { port } = target;
  const { code, output, errors } = await runToEnd("tshark", [
    ...["-n", "-r", file, "-d", `udp.port==${port},sip`, "-d", `tcp.port==${port},sip`],
    ...["-Y", `sip.Method == "MESSAGE" && (udp.dstport == ${port} || tcp.dstport == ${port})`],
    ...["-T", "fields", "-e", "udp.length", "-e", "tcp.len", "-e", "sip.from.user", "-e", "sip.Call-ID"],
  ], 60_000);
  assertEquals(code, 0, errors);
  return output.trimEnd().split("\n").map((line) => {
    const [datagram = "", segment = "", from = "", callId = ""] = line.split("\t");
    // 8 octets of UDP header
    const size = datagram === "" ? Number(segment) : Number(datagram) - 8;
    return { size, tcp: datagram === "", from: from.replace(/\d+$/, ""), callId };
  });
}

/** The sizes that occur, smallest first. */
function distinct(sizes: readonly number[]): number[] {
  return [...new Set(sizes)].sort((a, b) => a - b);
}

Deno.test("--pcap holds every SIP and MSRP message, and tshark finds nothing malformed", async () => {
  await captured([], async (file, run, target) => {
    const seen = await check(file, target);
    assertEquals([seen.malformed, seen.warnings], [[], []]);
    const { messages, sessions, clients } = run.summary;
    // each once on its way to the target and once from there
    assertEquals(seen.requests.MESSAGE, 2 * messages.pager.attempted);
    assertEquals(seen.requests.INVITE, 2 * sessions.invited);
    assertEquals(seen.requests.BYE, 2 * sessions.invited);
    assertEquals(seen.requests.REGISTER, 2 * clients.registered);
    assertEquals(seen.msrp["200"], seen.msrp.SEND);
    // chunks of 500 octets and a report for each message of one population, one chunk for those of the others
    const reports = seen.msrp.REPORT!;
    assert(reports > 0 && seen.msrp.SEND! >= sessions.invited + reports);
  });
});

for (const digest of ["none", "SHA-256"]) {
  Deno.test(`requests have exactly the total size that was asked for at their first hop, digest ${digest}`, async () => {
    const options = digest === "none" ? [] : ["--digest", digest, "--password", "secret", "--challenge-requests"];
    await captured(options, async (file, run, target) => {
      const all = await sizesOf(file, target);
      // the last request of each Call-ID: with credentials when it was challenged
      const last = [...new Map(all.map((each) => [each.callId, each])).values()];
      assertEquals(last.length, run.summary.messages.pager.attempted);
      const of = (from: string, tcp: boolean): number[] =>
        distinct(last.filter((each) => each.from === from && each.tcp === tcp).map(({ size }) => size));
      assertEquals(of("datagrams", false), [1100, 1298, 1299]);
      assertEquals(of("streams", true), [1100, 1298, 1299]);
      // up to 1300 octets fit a datagram, more go over TCP (RFC 3261 §18.1.1)
      assertEquals(of("reliable", false), [1299, 1300]);
      assertEquals(of("reliable", true), [1301, 2000]);
      assertEquals([of("datagrams", true), of("streams", false)], [[], []]);
      assert(run.summary.transport.switched_to_tcp > 0);
    });
  });
}

/** The steady scenarios against Kamailio as registrar and proxy with digest: both sides' counts, and the wire itself. */
import { assert, assertEquals } from "@std/assert";
import { type Capture, captureObstacle, startCapture } from "./peers/capture.ts";
import { type Kamailio, KAMAILIO_DOMAIN, kamailioPassword, startKamailio } from "./peers/kamailio.ts";
import { type CaptureCheck, checkCapture } from "./peers/tshark.ts";
import { ROOT } from "./program.ts";
import { assertAllDelivered, relaxedLatencies, runScenario, type ScenarioRun } from "./scenario_run.ts";

/** Our clients listen here and nobody else does, so that a capture holds all of theirs and nothing else. */
const OWN_HOST = "127.0.0.77";
/** Why this machine does not let us capture; then what tshark would say is left out, by name. */
const OBSTACLE = await captureObstacle();
const TRANSPORTS = ["udp", "tcp"] as const;

/** A file of users whose passwords Kamailio knows. */
function usersFile(name: string, count: number): string {
  const users = Array.from({ length: count }, (_, index) => `${name}${index}`);
  return ["user,password", ...users.map((user) => `${user},${kamailioPassword(user)}`), ""].join("\n");
}

/** Runs a scenario of the repository against Kamailio, its users with the passwords that Kamailio expects. */
async function runAgainst(
  kamailio: Kamailio,
  transport: "udp" | "tcp",
  name: string,
  populations: Readonly<Record<string, number>>,
  sets: readonly string[],
): Promise<ScenarioRun> {
  const text = await Deno.readTextFile(`${ROOT}scenarios/${name}.yaml`);
  const all = Object.entries(populations).flatMap(([population, clients]) => [
    `populations.${population}.clients=${clients}`,
    `populations.${population}.transport=${transport}`,
    `populations.${population}.register.rate=200/s`,
    `populations.${population}.users={csv: ${population}.csv}`,
  ]);
  const options = [`target.domain=${KAMAILIO_DOMAIN}`, ...all, ...sets].flatMap((set) => ["--set", set]);
  return await runScenario(text.replace(/^ *user: .*\n/m, ""), {
    args: [
      ...["--target", `sip:${kamailio.address};transport=${transport}`, "--local", OWN_HOST],
      ...options,
      ...relaxedLatencies(name),
    ],
    files: Object.fromEntries(
      Object.entries(populations).map(([population, count]) => [`${population}.csv`, usersFile(population, count)]),
    ),
  });
}

/** Ends a capture and has tshark read it; ports of ours are those that our messages name. */
async function judge(capture: Capture, kamailio: Kamailio): Promise<CaptureCheck> {
  const end = await capture.stop();
  assertEquals(end.dropped, 0, "the capture is whole");
  const text = new TextDecoder("latin1").decode(await Deno.readFile(capture.file));
  const portsOf = (
    regexp: RegExp,
  ): number[] => [...new Set([...text.matchAll(regexp)].map(([, port]) => Number(port)))];
  const own = portsOf(/Contact: <sip:[^@>]+@127\.0\.0\.77:(\d+)/g);
  const check = await checkCapture(capture.file, {
    sip: [kamailio.port, ...own],
    msrp: portsOf(/m=message (\d+) TCP\/MSRP/g),
  });
  assertEquals(check.frames, end.frames);
  return check;
}

/** Runs `act` with a Kamailio and, where we may, a capture; both are ended whatever happens. */
async function withPeers(
  digest: "MD5" | "SHA-256",
  act: (kamailio: Kamailio, capture: Capture | undefined) => Promise<void>,
): Promise<void> {
  const kamailio = await startKamailio({ digest, minSe: 90 });
  let capture: Capture | undefined;
  try {
    capture = OBSTACLE === undefined ? await startCapture([kamailio.port], [OWN_HOST]) : undefined;
    await act(kamailio, capture);
  } finally {
    await capture?.remove();
    await kamailio.stop();
  }
}

/** Sums of what a summary has by name. */
function sum(counts: Readonly<Record<string, number>> = {}): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** What must be true of every run: all arrived, counts of both sides are equal, Kamailio found nothing malformed. */
async function assertAgreed(run: ScenarioRun, kamailio: Kamailio): Promise<void> {
  const { summary } = run;
  assertAllDelivered(run);
  assertEquals(summary.clients, { configured: 200, registered: 200, failed: 0 });
  assertEquals(summary.thresholds.filter((threshold) => !threshold.passed), []);
  assertEquals([run.code, summary.verdict], [0, "passed"], run.stderr);

  const { pager, large, attempted } = summary.messages;
  const { MESSAGE = {}, INVITE = {}, REGISTER = {} } = summary.responses;
  assertEquals([MESSAGE["200"] ?? 0, INVITE["200"] ?? 0], [pager.attempted, large.attempted]);
  const challenged = (MESSAGE["407"] ?? 0) + (INVITE["407"] ?? 0);
  assert(challenged > 0 && challenged < attempted, "nonces are used again");
  const statistics = await kamailio.statistics();
  const resent = (method: string): number => summary.retransmissions[method] ?? 0;
  for (const [method, responses] of [["MESSAGE", MESSAGE], ["INVITE", INVITE], ["REGISTER", REGISTER]] as const) {
    const name = `core:rcv_requests_${method.toLowerCase()}`;
    assertEquals(statistics[name], sum(responses) + resent(method), `every ${method} and no other`);
  }
  assertEquals(statistics["core:rcv_requests_bye"], summary.sessions.released + resent("BYE"));
  assertEquals(statistics["usrloc:registered_users"], 0, "all bindings are removed");
  assert(!kamailio.log().includes("malformed:"), kamailio.log());
}

for (const transport of TRANSPORTS) {
  Deno.test(`pager-steady with 200 clients through Kamailio with SHA-256 digest over ${transport}: every message arrives`, async (t) => {
    await withPeers("SHA-256", async (kamailio, capture) => {
      const sets = ["phases.0.duration=6s", "phases.0.warmup=0s", "phases.0.rate=100/s"];
      const run = await runAgainst(kamailio, transport, "pager-steady", { phones: 200 }, sets);
      await assertAgreed(run, kamailio);
      // the longest go over to large mode when credentials make them too long
      assert(run.summary.messages.pager.attempted > 500);
      await t.step({
        name: "tshark finds nothing malformed",
        ignore: capture === undefined,
        fn: async () => {
          const check = await judge(capture!, kamailio);
          assertEquals([check.malformed, check.warnings], [[], []]);
          // each MESSAGE twice, on its way to Kamailio and from it; challenges once
          const { messages, responses } = run.summary;
          const challenged = responses.MESSAGE!["407"]!;
          const repeated = run.summary.retransmissions.MESSAGE ?? 0;
          assert(check.requests.MESSAGE! >= 2 * messages.pager.attempted + challenged + repeated);
          assert(check.requests.MESSAGE! - check.resent <= 2 * messages.pager.attempted + challenged);
          assert(check.responses["407"]! >= challenged);
        },
      });
    });
  });

  Deno.test(`large-steady with 200 clients through Kamailio with MD5 digest over ${transport}: every message arrives`, async (t) => {
    await withPeers("MD5", async (kamailio, capture) => {
      const sets = ["phases.0.stages.0.duration=2s", "phases.0.warmup=0s", "phases.1.duration=4s"];
      const run = await runAgainst(kamailio, transport, "large-steady", { senders: 100, readers: 100 }, sets);
      await assertAgreed(run, kamailio);
      const { messages, sessions } = run.summary;
      assert(messages.large.attempted > 60);
      assertEquals(messages.pager.attempted, 0);
      await t.step({
        name: "tshark and the second reader of MSRP find nothing malformed",
        ignore: capture === undefined,
        fn: async () => {
          const check = await judge(capture!, kamailio);
          assertEquals([check.malformed, check.warnings], [[], []]);
          assert(check.requests.BYE! >= 2 * sessions.released);
          // chunks of 2048 octets and one report each (success_report: true)
          assert(check.msrp.SEND! > 2 * messages.large.attempted);
          assertEquals(check.msrp["200"], check.msrp.SEND);
          assertEquals(check.msrp.REPORT, messages.large.attempted);
        },
      });
    });
  });
}

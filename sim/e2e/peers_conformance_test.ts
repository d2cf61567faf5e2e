/**
 * tshark reads what the conformance suite sends and receives. The suite itself leaves out (`captured: false`) the samples of
 * RFC 4475 and RFC 5118 with the answers to them, and header fields with a space before their colon, which tshark does not
 * know; and it leaves out single messages that the scripted peer breaks on purpose (`Peer.sendBroken`).
 */
import { assert, assertEquals } from "@std/assert";
import { CAPTURE_VARIABLE, type CapturedPorts } from "./conformance/captured.ts";
import { type CaptureCheck, checkCapture } from "./peers/tshark.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** Five minutes: the suite takes half a minute on an idle machine. */
const LIMIT = 300_000;

/** Runs the suite with its captures in a folder. */
async function runSuite(folder: string): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-P=e2e", "--no-check", "sim/e2e/conformance"],
    cwd: ROOT,
    env: { [CAPTURE_VARIABLE]: folder, NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(LIMIT),
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stdout) + decoder.decode(stderr));
}

/** Both captures of each test file. */
async function checkAll(folder: string): Promise<Map<string, { sip: CaptureCheck; msrp: CaptureCheck }>> {
  const checks: Map<string, { sip: CaptureCheck; msrp: CaptureCheck }> = new Map();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".ports.json")) continue;
    const base = name.replace(".ports.json", "");
    const ports = JSON.parse(await Deno.readTextFile(`${folder}/${name}`)) as CapturedPorts;
    checks.set(base, {
      sip: await checkCapture(`${folder}/${base}.sip.pcapng`, { sip: ports.sip }),
      msrp: await checkCapture(`${folder}/${base}.msrp.pcapng`, { sip: [], msrp: ports.msrp }),
    });
  }
  return checks;
}

function sumOf(checks: Iterable<CaptureCheck>, of: (check: CaptureCheck) => number | undefined): number {
  return [...checks].reduce((sum, check) => sum + (of(check) ?? 0), 0);
}

Deno.test("tshark finds nothing malformed and nothing to warn of in what the conformance suite sends and receives", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "imstorm-conformance-" });
  try {
    await runSuite(folder);
    const checks = await checkAll(folder);
    for (const [name, { sip, msrp }] of checks) {
      await t.step(`captures of ${name}.ts`, () => {
        assertEquals([sip.malformed, sip.warnings], [[], []]);
        assertEquals([msrp.malformed, msrp.warnings], [[], []]);
      });
    }
    const [sip, msrp] = [[...checks.values()].map((each) => each.sip), [...checks.values()].map((each) => each.msrp)];
    for (const method of ["INVITE", "ACK", "BYE", "CANCEL", "MESSAGE", "OPTIONS", "REGISTER", "UPDATE"]) {
      assert(sumOf(sip, ({ requests }) => requests[method]) > 0, `${method} was captured`);
    }
    for (const kind of ["SEND", "REPORT", "200", "413", "481", "506"]) {
      assert(sumOf(msrp, (check) => check.msrp[kind]) > 0, `${kind} was captured`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

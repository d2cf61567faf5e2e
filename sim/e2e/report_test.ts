/** `report`: every format from a results folder, by the real program. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runProgram } from "./program.ts";
import { Folder, SHARED_MACHINE } from "./scenario_run.ts";

/** Both modes, and every third request refused, so that there is evidence. */
const REFUSING = `
name: refusing
target: { uri: embedded, embedded: { refuse: { share: 0.3, status: 486 } } }
populations:
  - name: phones
    clients: 20
    register: { rate: 200/s }
    messages: { size: [{ weight: 1, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 20/s, duration: 3s }
limits: { lost_grace: 1s }
thresholds: [messages.rejected == 0, messages.corrupted == 0]
`;

Deno.test("report gives in every format what the run gave, from the folder alone", async (t) => {
  await using folder = await Folder.make();
  const file = await folder.write("scenario.yaml", REFUSING);
  const out = `${folder.path}/out`;
  const run = await runProgram(["run", file, "--out", out, ...SHARED_MACHINE]);
  assertEquals(run.code, 99, run.stderr);
  const written = await Deno.readTextFile(`${out}/summary.json`);
  const { messages } = JSON.parse(written);
  assert(messages.rejected > 0);
  // the reports must not need what run has written of its own
  await Deno.remove(`${out}/summary.json`);
  const junitWritten = await Deno.readTextFile(`${out}/junit.xml`);
  await Deno.remove(`${out}/junit.xml`);
  const report = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runProgram(["report", out, ...args]);
    assertEquals(code, 0, stderr);
    for (const name of ["summary.json", "junit.xml"]) assertStringIncludes(stderr, `${name} is missing`);
    return stdout;
  };

  await t.step("text, which is the default", async () => {
    assertEquals(await report(), run.stdout);
    assertEquals(await report("--format", "text"), run.stdout);
    assert(!run.stdout.includes("\x1b"), "no colours beside a terminal");
  });
  await t.step("json", async () => assertEquals(await report("--format", "json"), written));
  await t.step("junit", async () => {
    const xml = await report("--format", "junit");
    assertEquals(xml, junitWritten);
    assertEquals(xml.match(/<testcase /g)?.length, 3, "two thresholds and the validity");
    assertEquals(xml.match(/<failure/g)?.length, 1);
  });
  await t.step("csv", async () => {
    const [header = "", ...rows] = (await report("--format", "csv")).trimEnd().split("\n");
    const column = header.split(",").indexOf("messages.rejected");
    assert(column >= 0, header);
    const total = rows.reduce((sum, row) => sum + Number(row.split(",")[column]), 0);
    assertEquals(total, messages.rejected);
  });
  await t.step("evidence, with the texts of what was refused", async () => {
    const text = await report("--evidence");
    for (
      const what of ["SIP/2.0 486 Busy Here", "MESSAGE sip:phones", "INVITE sip:phones", "▶│ 1", " 486 Busy Here to "]
    ) {
      assertStringIncludes(text, what);
    }
  });
});

/** `send`: one message with everything that was said on its way, in order. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePort, LOOPBACK } from "./peers/ports.ts";
import { type ProgramEnd, runProgram, startTargetProgram } from "./program.ts";

const PARTIES = ["--from", "sip:alice@ims.example", "--to", "sip:bob@ims.example"];

const ENTRY_REGEXP = /^ *[\d.]+ ms {2}alice (────▶|◀────) \S+ (?:udp|tcp) {2}(.*) {2}\(\d+ octets\)/;

/** What went by, in order: `> MESSAGE`, `< 200 MESSAGE`, `> SEND`, `< 200 MSRP`, `> …` for content in between. */
function ladder({ stdout }: ProgramEnd): string[] {
  return stdout.split("\n\n").flatMap((entry) => {
    const [, arrow, start] = ENTRY_REGEXP.exec(entry) ?? [];
    if (arrow === undefined || start === undefined) return [];
    const [first = "", second = "", third = ""] = start.split(" ");
    const method = /CSeq: \d+ (\w+)/.exec(entry)?.[1];
    const what = first === "SIP/2.0"
      ? `${second} ${method}`
      : first === "MSRP"
      ? /^\d{3}$/.test(third) ? `${third} MSRP` : third
      : first;
    return [`${arrow === "────▶" ? ">" : "<"} ${what}`];
  });
}

Deno.test("send shows a pager message against the embedded target from REGISTER to the 200", async () => {
  const end = await runProgram(["send", ...PARTIES, "--target", "embedded", "--text", "Hello, Bob"]);
  assertEquals([end.code, end.stderr], [0, ""]);
  assertEquals(ladder(end), ["> REGISTER", "< 200 REGISTER", "> MESSAGE", "< 200 MESSAGE"]);
  assertStringIncludes(end.stdout, "│ Hello, Bob\n");
  assert(end.stdout.endsWith("pager message: accepted 200\n"), end.stdout);
});

Deno.test("send shows a large message against the embedded target from INVITE over MSRP to the 200 of BYE", async () => {
  const end = await runProgram(["send", ...PARTIES, "--target", "embedded", "--bytes", "4000"]);
  assertEquals([end.code, end.stderr], [0, ""]);
  const steps = ladder(end).filter((step) => step !== "> …" && step !== "< 100 INVITE");
  assertEquals(steps, [
    "> REGISTER",
    "< 200 REGISTER",
    "> INVITE",
    "< 200 INVITE",
    "> ACK",
    "> SEND",
    "< 200 MSRP",
    "> BYE",
    "< 200 BYE",
  ]);
  // change request I585 §9.1.1, items 1 to 7
  for (
    const what of ["Accept-Contact: *;+g.oma.sip-im", "User-Agent: IM-client/", "Session-Expires: 1800;refresher=uac"]
  ) {
    assertStringIncludes(end.stdout, what);
  }
  for (const what of ["m=message ", "a=path:msrp://", "a=accept-types:", "a=setup:actpass", "a=sendonly"]) {
    assertStringIncludes(end.stdout, what);
  }
  assertStringIncludes(end.stdout, "more, --verbose shows them");
  const longest = Math.max(...end.stdout.split("\n").map((line) => line.length));
  assert(longest < 300, `a line of ${longest} characters`);
  assert(end.stdout.endsWith("large message: accepted 200\n"), end.stdout);
});

Deno.test("send --verbose shows all of a content", async () => {
  const text = "word ".repeat(100);
  const args = ["send", ...PARTIES, "--target", "embedded", "--text", text];
  assertStringIncludes((await runProgram([...args, "--verbose"])).stdout, text.trimEnd());
  assert(!(await runProgram(args)).stdout.includes(text));
});

Deno.test("send --register answers challenges, masks secrets and removes its binding", async () => {
  await using target = await startTargetProgram(
    ["--digest", "SHA-256", "--password", "secret", "--challenge-requests", "--domain", "ims.example"],
    freePort(),
  );
  const end = await runProgram(
    ["send", ...PARTIES, "--target", `sip:${target.address}`, "--register", "--password", "secret", "--text", "Hi"],
  );
  assertEquals(ladder(end), [
    "> REGISTER",
    "< 401 REGISTER",
    "> REGISTER",
    "< 200 REGISTER",
    "> MESSAGE",
    "< 407 MESSAGE",
    "> MESSAGE",
    "< 480 MESSAGE",
    "> REGISTER",
    "< 200 REGISTER",
  ]);
  assertEquals(end.code, 99, "bob is not registered: refused");
  assert(end.stdout.endsWith("pager message: rejected (rejected 480)\n"), end.stdout);
  assert(!/response="[0-9a-f]{32}/.test(end.stdout), "the digest is masked");
  assertEquals((await target.stop())("bindings"), 0);
});

Deno.test("send ends with 4 when nobody answers in time", async () => {
  const socket = Deno.listenDatagram({ hostname: LOOPBACK, port: 0, transport: "udp" });
  const { port } = socket.addr as Deno.NetAddr;
  const end = await runProgram(
    ["send", ...PARTIES, "--target", `sip:127.0.0.1:${port}`, "--text", "Hi", "--timeout", "1s"],
  );
  socket.close();
  assertEquals(end.code, 4, end.stderr);
  const [first, ...others] = ladder(end);
  assertEquals(first, "> MESSAGE");
  assert(others.every((step) => step === "> MESSAGE"), "retransmissions");
  assert(end.stdout.endsWith("pager message: unanswered\n"), end.stdout);
});

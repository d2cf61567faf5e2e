import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describeMissing, findProgram, installCommand, needProgram, PEERS } from "./packages.ts";

Deno.test("describeMissing names every program, its package and what to type", () => {
  const text = describeMissing(PEERS.filter((peer) => peer.program === "sipp"));
  assertStringIncludes(text, "sipp (Debian package sip-tester)");
  assertStringIncludes(text, "apt-get update && apt-get install -y --no-install-recommends sip-tester");
  assertStringIncludes(text, "deno task test --peers=none");
});

Deno.test("installCommand names each package once", () => {
  const command = installCommand([...PEERS, ...PEERS]);
  assertEquals(command.length, new Set(command).size);
});

Deno.test("findProgram finds what is in PATH and tells what is not", async () => {
  assert((await findProgram("cat"))?.endsWith("/cat"));
  assertEquals(await findProgram("no-such-program-of-imstorm"), undefined);
  await assertRejects(() => needProgram("no-such-program-of-imstorm"), Error, "no-such-program-of-imstorm");
});

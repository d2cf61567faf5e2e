import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Evidence } from "../metrics/evidence.ts";
import { toEvidenceText } from "./evidence.ts";

const ENTRY: Evidence = {
  at: 1530,
  kind: "rejected_486",
  sender: 4,
  receiver: 9,
  sequence: 17,
  mode: "pager",
  detail: "pager message 17 of 140 octets: rejected 486",
  messages: [
    { direction: "sent", at: 1500, text: "MESSAGE sip:b@x SIP/2.0\r\nCSeq: 3 MESSAGE\r\n\r\nhello" },
    { direction: "received", at: 1530, text: "SIP/2.0 486 Busy Here\r\nCSeq: 3 MESSAGE\r\n\r\n" },
  ],
};

Deno.test("toEvidenceText draws a ladder and shows the texts", () => {
  const text = toEvidenceText([ENTRY]);
  assertStringIncludes(text, "1 kept: 1 rejected_486");
  assertStringIncludes(text, "#1  1.530 s  rejected_486  client 4 to client 9");
  assertStringIncludes(text, "+0.000 ms │─ MESSAGE sip:b@x ─");
  assertStringIncludes(text, "+30.000 ms │◀──");
  assertStringIncludes(text, "─ 486 Busy Here to MESSAGE ─│ 2".replace("─ 486", " 486"));
  assertStringIncludes(text, "    │ hello\n");
  const rungs = text.split("\n").filter((line) => line.includes("│") && line.includes("─"));
  assertEquals(new Set(rungs.map((line) => line.length)).size, 1, "both arrows are as long");
});

Deno.test("toEvidenceText begins with the oldest failure, and says so where nothing was kept", () => {
  const text = toEvidenceText([ENTRY, { ...ENTRY, at: 100, kind: "lost", messages: [] }]);
  assertEquals([...text.matchAll(/^#\d+ {2}\S+ s {2}(\w+)/gm)].map(([, kind]) => kind), ["lost", "rejected_486"]);
  assertEquals(toEvidenceText([]), "no failure was kept");
});

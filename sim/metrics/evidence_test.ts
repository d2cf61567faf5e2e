import { assert, assertEquals } from "@std/assert";
import { type Evidence, EvidenceRing, maskSecrets } from "./evidence.ts";

function evidence(kind: string, text = "MESSAGE sip:bob@ims.example SIP/2.0\r\n"): Evidence {
  const messages = [{ direction: "sent" as const, at: 1, text }];
  return { at: 2, kind, sender: 0, receiver: 1, sequence: 7, mode: "pager", detail: "no answer", messages };
}

Deno.test("EvidenceRing keeps the first failures of each kind and counts the rest", () => {
  const ring = new EvidenceRing({ perKind: 2 });
  const kept = ["timed_out", "timed_out", "timed_out", "lost"].map((kind) => ring.add(evidence(kind)));
  assertEquals(kept, [true, true, false, true]);
  assertEquals([ring.kept, ring.dropped], [3, 1]);
  assert(!ring.wants("timed_out"));
  assert(ring.wants("lost"));
});

Deno.test("EvidenceRing keeps no more than its bound in all", () => {
  const ring = new EvidenceRing({ inAll: 2 });
  for (const kind of ["a", "b", "c"]) ring.add(evidence(kind));
  assertEquals([ring.kept, ring.dropped], [2, 1]);
});

Deno.test("EvidenceRing gives what was kept once; the bounds hold for the whole run", () => {
  const ring = new EvidenceRing({ perKind: 1 });
  ring.add(evidence("lost"));
  assertEquals(ring.take().length, 1);
  assertEquals(ring.take(), []);
  assert(!ring.add(evidence("lost")));
});

Deno.test("EvidenceRing cuts long messages and says by how much", () => {
  const ring = new EvidenceRing({ textLength: 10 });
  ring.add(evidence("lost", "0123456789abc"));
  assertEquals(ring.take()[0]!.messages[0]!.text, "0123456789… (3 more characters)");
});

Deno.test("EvidenceRing masks answers to challenges", () => {
  const ring = new EvidenceRing();
  ring.add(
    evidence("rejected", 'Authorization: Digest username="u", nonce="n", response="0123", uri="sip:x"\r\nTo: b'),
  );
  assertEquals(
    ring.take()[0]!.messages[0]!.text,
    'Authorization: Digest username="u", nonce="***", response="***", uri="sip:x"\r\nTo: b',
  );
});

Deno.test("maskSecrets masks folded and proxy credentials, unquoted answers and answers cut off", () => {
  const texts = [
    'Proxy-Authorization: Digest nonce="a",\r\n response = "beef"',
    "authorization:Digest response=beef, uri=x",
    'Authorization: Digest response="beef',
  ];
  for (const text of texts) assert(!maskSecrets(text).includes("beef"), text);
});

Deno.test("maskSecrets masks every line of credentials of a message", () => {
  const line = 'Authorization: Digest response="beef"\r\n';
  assert(!maskSecrets(line + "CSeq: 1 MESSAGE\r\n" + line).includes("beef"));
});

Deno.test("maskSecrets masks passwords in text and in URIs, and nothing else", () => {
  assertEquals(maskSecrets("password: hunter2, user"), "password: ***, user");
  assertEquals(maskSecrets("<sip:bob:hunter2@ims.example>"), "<sip:bob:***@ims.example>");
  const harmless = "Via: SIP/2.0/UDP 127.0.0.1:5060;response=1\r\nTo: <sip:bob@ims.example:5060>\r\n";
  assertEquals(maskSecrets(harmless), harmless);
});

import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { octetLength } from "../bytes/text.ts";
import { Random } from "../clock/random.ts";
import { type AnsweredChallenges, ClientDigest } from "./client_digest.ts";
import {
  type Challenge,
  digestAlgorithmOf,
  digestResponse,
  hashSecret,
  hashSession,
  parseChallenge,
  parseDigestParameters,
} from "./digest.ts";

const CREDENTIALS = { username: "alice", password: "s3cret" };
const URI = "sip:ims.example";

function server(parameters: string): Challenge {
  return parseChallenge(`Digest ${parameters}`, false)!;
}

function proxy(parameters: string): Challenge {
  return parseChallenge(`Digest ${parameters}`, true)!;
}

function onlyValue(digest: ClientDigest, random: Random, method = "REGISTER"): ReadonlyMap<string, string> {
  const lines = digest.authorization(method, URI, random);
  assertEquals(lines.length, 1);
  return parseDigestParameters(lines[0]![1])!;
}

Deno.test("ClientDigest sends nothing before a challenge", () => {
  assertEquals(new ClientDigest(CREDENTIALS).authorization("REGISTER", URI, new Random(1)), []);
});

Deno.test("ClientDigest answers with the response of RFC 7616 §3.4.1 and echoes nonce, opaque and algorithm", () => {
  const random = new Random(1);
  for (const algorithm of ["MD5", "SHA-256", "SHA-512-256"] as const) {
    const digest = new ClientDigest(CREDENTIALS);
    const challenge = server(`realm="r", nonce="n1", opaque="op", algorithm=${algorithm}, qop="auth"`);
    assertEquals(digest.challenged([challenge], random), "answer");
    const [name, value] = digest.authorization("REGISTER", URI, random)[0]!;
    const sent = parseDigestParameters(value)!;
    assertEquals(name, "Authorization");
    assertStringIncludes(value, `algorithm=${algorithm}, `);
    assertStringIncludes(value, "qop=auth, nc=00000001");
    assertEquals([sent.get("username"), sent.get("realm"), sent.get("uri"), sent.get("opaque")], [
      "alice",
      "r",
      URI,
      "op",
    ]);
    const qop = { count: "00000001", cnonce: sent.get("cnonce")! };
    assertEquals(qop.cnonce.length, 16);
    const ha1 = hashSecret(algorithm, "alice", "r", "s3cret");
    assertEquals(
      sent.get("response"),
      digestResponse(algorithm, ha1, { method: "REGISTER", uri: URI, nonce: "n1", qop }),
    );
  }
});

Deno.test("ClientDigest answers a challenge without qop in the old form (RFC 3261 §22.4)", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  digest.challenged([server('realm="r", nonce="n1"')], random);
  const sent = onlyValue(digest, random);
  assertEquals(["qop", "nc", "cnonce"].filter((name) => sent.has(name)), []);
  const ha1 = hashSecret("MD5", "alice", "r", "s3cret");
  assertEquals(sent.get("response"), digestResponse("MD5", ha1, { method: "REGISTER", uri: URI, nonce: "n1" }));
});

Deno.test("ClientDigest counts the uses of a nonce over requests, in eight hexadecimal digits (RFC 7616 §3.4.3)", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  digest.challenged([server('realm="r", nonce="n1", qop="auth"')], random);
  const counts: (string | undefined)[] = [];
  const cnonces = new Set<string | undefined>();
  for (let i = 0; i < 17; i++) {
    const sent = onlyValue(digest, random, "MESSAGE");
    counts.push(sent.get("nc"));
    cnonces.add(sent.get("cnonce"));
  }
  assertEquals([counts[0], counts[1], counts[16]], ["00000001", "00000002", "00000011"]);
  assertEquals(cnonces.size, 17);
});

Deno.test("ClientDigest keeps the client nonce of a -sess session over its requests (RFC 7616 §3.4.2)", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  digest.challenged([server('realm="r", nonce="n1", algorithm=SHA-256-sess, qop="auth"')], random);
  const first = onlyValue(digest, random);
  const second = onlyValue(digest, random);
  assertEquals(first.get("cnonce"), second.get("cnonce"));
  assertNotEquals(first.get("response"), second.get("response"));
  const algorithm = digestAlgorithmOf(second.get("algorithm"))!;
  const cnonce = second.get("cnonce")!;
  const ha1 = hashSession(algorithm, hashSecret(algorithm, "alice", "r", "s3cret"), "n1", cnonce);
  const qop = { count: "00000002", cnonce };
  assertEquals(
    second.get("response"),
    digestResponse(algorithm, ha1, { method: "REGISTER", uri: URI, nonce: "n1", qop }),
  );
});

Deno.test("ClientDigest is refused when the nonce it answered comes again (RFC 3261 §22.1)", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  const challenge = server('realm="r", nonce="n1", qop="auth"');
  assertEquals(digest.challenged([challenge], random), "answer");
  digest.authorization("REGISTER", URI, random);
  assertEquals(digest.challenged([challenge], random), "refused");
});

Deno.test("ClientDigest answers one further challenge of a request with a new nonce, then is refused", () => {
  for (const parameters of ['qop="auth"', 'qop="auth", stale=true']) {
    const digest = new ClientDigest(CREDENTIALS);
    const random = new Random(1);
    const verdicts = ["n1", "n2", "n3"].map((nonce) => {
      const verdict = digest.challenged([server(`realm="r", nonce="${nonce}", ${parameters}`)], random);
      if (verdict === "answer") assertEquals(onlyValue(digest, random).get("nonce"), nonce);
      return verdict;
    });
    assertEquals(verdicts, ["answer", "answer", "refused"]);
  }
});

Deno.test("ClientDigest answers a stale nonce in every later request of its user (RFC 7616 §3.3)", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  for (let request = 0; request < 5; request++) {
    digest.authorization("MESSAGE", URI, random);
    const challenge = server(`realm="r", nonce="n${request}", qop="auth", stale=true`);
    assertEquals(digest.challenged([challenge], random), "answer");
    const sent = onlyValue(digest, random, "MESSAGE");
    assertEquals([sent.get("nonce"), sent.get("nc")], [`n${request}`, "00000001"]);
  }
});

Deno.test("ClientDigest keeps requests in flight apart when each has its own memory", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  const requests: AnsweredChallenges[] = [new Map(), new Map(), new Map()];
  // all were sent without credentials, and the server gives the same nonce within one second
  const challenge = server('realm="r", nonce="n1", qop="auth"');
  const counts = requests.map((answered) => {
    assertEquals(digest.challenged([challenge], random, answered), "answer");
    return onlyValue(digest, random, "MESSAGE").get("nc");
  });
  assertEquals(counts, ["00000001", "00000002", "00000003"]);
  assertEquals(digest.challenged([challenge], random, requests[1]!), "refused");
});

Deno.test("ClientDigest answers the topmost challenge of a realm (RFC 8760 §2.4)", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  const challenges = ["SHA-256", "MD5"].map((name) => server(`realm="r", nonce="n", algorithm=${name}, qop="auth"`));
  assertEquals(digest.challenged(challenges, random), "answer");
  assertEquals(onlyValue(digest, random).get("algorithm"), "SHA-256");
});

Deno.test("ClientDigest answers a server whose realm changes, for the new realm only", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  digest.challenged([server('realm="old", nonce="n1", qop="auth"')], random);
  digest.authorization("REGISTER", URI, random);
  assertEquals(digest.challenged([server('realm="new", nonce="n2", qop="auth"')], random), "answer");
  const sent = onlyValue(digest, random);
  assertEquals([sent.get("realm"), sent.get("nc")], ["new", "00000001"]);
});

Deno.test("ClientDigest answers every proxy of the path beside the server (RFC 3261 §22.3)", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  digest.challenged([proxy('realm="p1", nonce="n1", qop="auth"')], random);
  digest.challenged([proxy('realm="p2", nonce="n2", qop="auth"')], random);
  digest.challenged([server('realm="s", nonce="n3", qop="auth"')], random);
  const lines = digest.authorization("MESSAGE", "sip:bob@ims.example", random);
  assertEquals(
    lines.map(([name, value]) => [name, parseDigestParameters(value)!.get("realm")]),
    [["Proxy-Authorization", "p1"], ["Proxy-Authorization", "p2"], ["Authorization", "s"]],
  );
});

Deno.test("ClientDigest forgets the oldest realm of a path that names ever new ones", () => {
  const digest = new ClientDigest(CREDENTIALS);
  const random = new Random(1);
  for (let i = 0; i < 50; i++) digest.challenged([proxy(`realm="p${i}", nonce="n"`)], random);
  const realms = digest.authorization("MESSAGE", URI, random).map(([, value]) =>
    parseDigestParameters(value)!.get("realm")
  );
  assertEquals(realms, ["p46", "p47", "p48", "p49"]);
});

Deno.test("ClientDigest tells when nothing can be answered", () => {
  assertEquals(new ClientDigest(CREDENTIALS).challenged([], new Random(1)), "unsupported");
});

Deno.test("ClientDigest escapes a user name in its quotes (RFC 3261 §25.1)", () => {
  const digest = new ClientDigest({ username: 'a"b\\c', password: "p" });
  const random = new Random(1);
  digest.challenged([server('realm="r", nonce="n"')], random);
  const [, value] = digest.authorization("REGISTER", URI, random)[0]!;
  assert(value.startsWith('Digest username="a\\"b\\\\c", '));
});

Deno.test("ClientDigest.size tells the octets of the lines without a use of the nonce", () => {
  const digest = new ClientDigest({ username: "zoë", password: "p" });
  const random = new Random(1);
  assertEquals(digest.size(URI), 0);
  digest.challenged([server('realm="r", nonce="n", algorithm=SHA-256, qop="auth", opaque="o"')], random);
  digest.challenged([proxy('realm="p", nonce="n", algorithm=MD5-sess')], random);
  const size = digest.size(URI);
  const lines = digest.authorization("MESSAGE", URI, random);
  assertEquals(size, octetLength(lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")));
  assertEquals(parseDigestParameters(lines[0]![1])!.get("nc"), "00000001");
});

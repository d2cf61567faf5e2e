import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HandClock } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { ClientDigest } from "./client_digest.ts";
import { type DigestAlgorithm, parseChallenge } from "./digest.ts";
import { ServerDigest } from "./server_digest.ts";

const URI = "sip:ims.example";

function secretOf(username: string): string | undefined {
  return username.startsWith("user") ? `pw-${username}` : undefined;
}

function newServer(algorithm: DigestAlgorithm = "SHA-256", clock = new HandClock(), seed = 7): ServerDigest {
  const random = new Random(seed);
  return new ServerDigest({ realm: "ims.example", algorithm, secretOf, random, nonceLife: 60_000, clock });
}

/** What the server makes of the answer to its challenge. */
function credentials(server: ServerDigest, random: Random, username = "user1", password = "pw-user1"): string {
  const client = new ClientDigest({ username, password });
  client.challenged([parseChallenge(server.challenge(), false)!], random);
  return client.authorization("REGISTER", URI, random)[0]![1];
}

Deno.test("ServerDigest accepts the right password in every algorithm (RFC 7616 §3.4, RFC 8760 §2.1)", () => {
  const algorithms = ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"] as const;
  for (const algorithm of algorithms) {
    const server = newServer(algorithm);
    assertEquals(server.verify("REGISTER", credentials(server, new Random(1))), "ok", algorithm);
  }
});

Deno.test("ServerDigest accepts every request of a session, and the same one again", () => {
  const server = newServer("MD5-sess");
  const random = new Random(1);
  const client = new ClientDigest({ username: "user1", password: "pw-user1" });
  client.challenged([parseChallenge(server.challenge(), false)!], random);
  for (let i = 0; i < 3; i++) {
    const [, value] = client.authorization("MESSAGE", "sip:bob@ims.example", random)[0]!;
    assertEquals(server.verify("MESSAGE", value), "ok");
    assertEquals(server.verify("MESSAGE", value), "ok");
  }
});

Deno.test("ServerDigest refuses another password, method, realm or algorithm, and unknown users", () => {
  const server = newServer();
  const random = new Random(1);
  const value = credentials(server, random);
  assertEquals(server.verify("REGISTER", credentials(server, random, "user1", "wrong")), "bad");
  assertEquals(server.verify("REGISTER", credentials(server, random, "mallory", "x")), "unknown_user");
  assertEquals(server.verify("INVITE", value), "bad");
  assertEquals(server.verify("REGISTER", value.replace('realm="ims.example"', 'realm="other"')), "bad");
  assertEquals(server.verify("REGISTER", value.replace("algorithm=SHA-256", "algorithm=MD5")), "bad");
  assertEquals(server.verify("REGISTER", value.replace("nc=00000001", "nc=00000002")), "bad");
  assertEquals(server.verify("REGISTER", value.replace("nc=00000001", "nc=1")), "bad");
  assertEquals(server.verify("REGISTER", value.replace("qop=auth", "qop=auth-int")), "bad");
  for (const broken of ["", "Basic dTpw", "Digest", 'Digest username="user1"']) {
    assertEquals(server.verify("REGISTER", broken), "bad", broken);
  }
});

Deno.test("ServerDigest finds a nonce stale after its life (RFC 7616 §3.3)", () => {
  const clock = new HandClock(5000);
  const server = newServer("MD5", clock);
  const value = credentials(server, new Random(1));
  clock.moveTo(65_000);
  assertEquals(server.verify("REGISTER", value), "ok");
  clock.moveTo(65_001);
  assertEquals(server.verify("REGISTER", value), "stale");
  assertEquals(server.verify("REGISTER", value.replace(/response="[^"]*"/, 'response="0"')), "bad");
  assertStringIncludes(server.challenge(true), ", stale=true");
  assertEquals(parseChallenge(server.challenge(), false)!.stale, false);
});

Deno.test("ServerDigest finds the nonce of another server stale when the password is right (RFC 7616 §3.3)", () => {
  const value = credentials(newServer("SHA-256", new HandClock(), 8), new Random(1));
  assertEquals(newServer("SHA-256", new HandClock(), 7).verify("REGISTER", value), "stale");
});

Deno.test("ServerDigest gives a nonce of its own in every challenge", () => {
  const server = newServer();
  assertNotEquals(parseChallenge(server.challenge(), false)!.nonce, parseChallenge(server.challenge(), false)!.nonce);
});

Deno.test("ServerDigest follows a changed password", () => {
  let secret = "one";
  const server = new ServerDigest({ realm: "r", algorithm: "MD5", secretOf: () => secret, random: new Random(1) });
  const random = new Random(2);
  assertEquals(server.verify("REGISTER", credentials(server, random, "user1", "one")), "ok");
  secret = "two";
  assertEquals(server.verify("REGISTER", credentials(server, random, "user1", "one")), "bad");
  assertEquals(server.verify("REGISTER", credentials(server, random, "user1", "two")), "ok");
});

Deno.test("ServerDigest throws for a life of nonces without a clock", () => {
  const random = new Random(1);
  assertThrows(() => new ServerDigest({ realm: "r", algorithm: "MD5", secretOf, random, nonceLife: 1 }), TypeError);
});

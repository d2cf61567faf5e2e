import { assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import { ClientDigest } from "../sip/client_digest.ts";
import { parseChallenge } from "../sip/digest.ts";
import { type StandClient, TargetStand } from "../testing/target_stand.ts";

const DIGEST = {
  realm: "ims.example",
  algorithm: "SHA-256",
  secretOf: (username: string) => username === "alice" || username === "bob" ? "secret" : undefined,
} as const;

/** Credentials for the last response. */
function answerTo(client: StandClient, method: string, uri: string, password: string) {
  const random = new Random(9);
  const digest = new ClientDigest({ username: client.name, password });
  const response = client.responses.at(-1)!;
  const proxy = response.status === 407;
  const challenge = parseChallenge(response.header(proxy ? "Proxy-Authenticate" : "WWW-Authenticate")!, proxy)!;
  digest.challenged([challenge], random);
  return digest.authorization(method, uri, random);
}

Deno.test("Gate challenges REGISTER with 401 until the password is right (RFC 3261 §22.2)", () => {
  const stand = new TargetStand({ digest: DIGEST });
  for (const [name, password, last] of [["alice", "secret", 200], ["alice", "wrong", 401], ["eve", "secret", 401]]) {
    const client = stand.client(String(name));
    client.register(60);
    stand.pass(10);
    client.register(60, { headers: answerTo(client, "REGISTER", "sip:ims.example", String(password)) });
    stand.pass(10);
    assertEquals(client.statuses(), [401, Number(last)]);
  }
  assertEquals(stand.proxy.location.size, 1);
});

Deno.test("Gate lets requests pass unless told to challenge them with 407 (RFC 3261 §22.3)", () => {
  const register = (stand: TargetStand, client: StandClient) => {
    client.register(60);
    stand.pass(10);
    client.register(60, { headers: answerTo(client, "REGISTER", "sip:ims.example", "secret") });
    stand.pass(10);
    client.responses.length = 0;
  };
  for (const challengeRequests of [false, true]) {
    const stand = new TargetStand({ digest: DIGEST, challengeRequests });
    const [alice, bob] = [stand.client("alice"), stand.client("bob")];
    register(stand, alice);
    register(stand, bob);
    alice.send("MESSAGE", { uri: bob.uri() });
    stand.pass(10);
    assertEquals(alice.statuses(), [challengeRequests ? 407 : 200]);
    if (!challengeRequests) continue;
    alice.send("MESSAGE", { uri: bob.uri(), headers: answerTo(alice, "MESSAGE", bob.uri(), "secret") });
    stand.pass(10);
    assertEquals([alice.statuses(), bob.requests.length], [[407, 200], 1]);
    assertEquals(bob.requests[0]!.header("Proxy-Authorization"), undefined);
  }
});

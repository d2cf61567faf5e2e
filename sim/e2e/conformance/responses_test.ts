/** What the responses to an initial request teach (I585 §9.1.1, second and third list; RFC 4579, RFC 3428 §7, RFC 8760). */
import { assert, assertEquals } from "@std/assert";
import { type ChallengeParts, credentialsOf, digestHeader, expectedResponse } from "./digest_text.ts";
import { kindOf } from "./peer.ts";
import { sessionOf } from "./held.ts";
import { Stand } from "./stand.ts";

const TIMER = ["Require: timer", "Session-Expires: 600;refresher=uac"];

/** The method of the first refresh, after a 183 and a 200 with these header lines. */
async function refreshMethod(provisional: readonly string[], final: readonly string[]): Promise<string> {
  await using stand = new Stand({ session: { hold: 2_000_000 } });
  const { peer } = stand;
  stand.sendLarge();
  const invite = await peer.next("INVITE");
  peer.answer(invite, 183, { headers: provisional });
  await stand.quiet();
  peer.accept(invite, { headers: [...TIMER, ...final] });
  await stand.pass(301_000);
  const { method, body } = peer.arrived.findLast(({ method }) => method === "UPDATE" || method === "INVITE")!;
  return method === "UPDATE" ? `UPDATE with ${body.length} octets` : method;
}

/** The Session Identity of a client whose INVITE was answered so. */
async function identityAfter(
  answers: readonly (readonly [status: number, contact: string])[],
): Promise<{ uri: string; isFocus: boolean }> {
  await using stand = new Stand({ session: { hold: 100_000 } });
  const { peer } = stand;
  stand.sendLarge();
  const invite = await peer.next("INVITE");
  for (const [status, contact] of answers) {
    const headers = [`Contact: ${contact.replace("PORT", String(peer.port))}`];
    if (status === 200) peer.accept(invite, { headers });
    else peer.answer(invite, status, { headers });
    await stand.quiet();
  }
  const { uri, isFocus } = sessionOf(stand).identity!;
  return { uri: uri.replace(String(peer.port), "PORT"), isFocus };
}

Deno.test("T21 the Allow of a 183 counts where the 200 has none: refresh by re-INVITE (I585 §9.1.1, RFC 4028 §7.4)", async () => {
  assertEquals(await refreshMethod(["Allow: INVITE, ACK, BYE"], []), "INVITE");
});

Deno.test("T22 an Allow with UPDATE makes the refresh an UPDATE without SDP (I585 §9.1.1, RFC 4028 §7.4)", async () => {
  assertEquals(await refreshMethod([], ["Allow: INVITE, ACK, BYE, UPDATE"]), "UPDATE with 0 octets");
});

Deno.test("T23 Contact of the 200 is the Session Identity; isfocus makes it a focus (I585 §9.1.1, RFC 4579 §5.2)", async () => {
  const uri = "sip:conf1@127.0.0.1:PORT";
  assertEquals(await identityAfter([[200, `<${uri}>;isfocus`]]), { uri, isFocus: true });
  assertEquals(await identityAfter([[200, `<${uri}>`]]), { uri, isFocus: false });
});

Deno.test("T24 a later Contact replaces the identity of a 180; that of a 486 makes no session (I585 §9.1.1, RFC 4579 §5.2)", async () => {
  const [early, late] = ["sip:early@127.0.0.1:PORT", "sip:late@127.0.0.1:PORT"];
  assertEquals(await identityAfter([[180, `<${early}>`], [200, `<${late}>`]]), { uri: late, isFocus: false });
  await using stand = new Stand();
  const { peer } = stand;
  peer.on("INVITE", (invite) => peer.answer(invite, 486, { headers: [`Contact: <${late}>`, "Allow: INVITE"] }));
  stand.sendLarge();
  await peer.next("ACK");
  assertEquals(stand.alice.sessions.size, 0);
  assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
  await stand.end();
});

Deno.test("R1 the list of methods of any response's Allow is stored, the latest one (I585 §9.1.1)", async () => {
  assertEquals(await refreshMethod(["Allow: INVITE, UPDATE"], []), "UPDATE with 0 octets");
  assertEquals(await refreshMethod(["Allow: INVITE, UPDATE"], ["Allow: INVITE, ACK, BYE"]), "INVITE");
  assertEquals(await refreshMethod(["Allow: INVITE"], ["Allow: INVITE", "Allow: UPDATE"]), "UPDATE with 0 octets");
  assertEquals(await refreshMethod([], []), "INVITE", "nothing was said");
});

Deno.test("R2 the Contact of a provisional or final response is stored as Session Identity (I585 §9.1.1, RFC 4579 §5.2)", async () => {
  // only a session shows what it stores; what a provisional response alone says is seen in the tests of Invitation
  const [uri, other] = ["sip:conf2@127.0.0.1:PORT", "sip:conf3@127.0.0.1:PORT"];
  assertEquals(await identityAfter([[183, `<${uri}>`], [200, `<${uri}>;isfocus`]]), { uri, isFocus: true });
  assertEquals(await identityAfter([[183, `<${uri}>;isfocus`], [180, `<${uri}>`], [200, `<${other}>`]]), {
    uri: other,
    isFocus: false,
  });
});

Deno.test("R3 the session timer starts with the 200, from the value of its Session-Expires (I585 §9.1.1, RFC 4028 §7.2)", async () => {
  await using stand = new Stand({ session: { hold: 2_000_000 } });
  const { peer } = stand;
  peer.acceptAll({ headers: ["Require: timer", "Session-Expires: 200;refresher=uac"] });
  stand.sendLarge();
  await stand.pass(99_000);
  assertEquals(peer.all("INVITE").length, 1);
  assertEquals(stand.count("session_timer.started"), 1);
  await stand.pass(2000);
  assertEquals(peer.all("INVITE").length, 2, "asked for 1800 s, granted 200 s");
});

Deno.test("T53 200 and 202 count apart; a 2xx to MESSAGE with Contact or content is noted as the peer's fault (RFC 3428 §7)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  const answers = [
    [200, {}],
    [202, {}],
    [200, { headers: [`Contact: ${peer.contact()}`] }],
    [200, { headers: ["Content-Type: text/plain"], body: "thanks" }],
  ] as const;
  for (const [status, parts] of answers) {
    stand.send();
    peer.answer(await peer.next("MESSAGE"), status, parts);
    await stand.quiet();
  }
  assertEquals(stand.outcomes(), { attempted: 4, accepted_200: 3, accepted_202: 1 });
  assertEquals(stand.counts("violations."), { message_2xx_with_contact: 1, message_2xx_with_body: 1 });
  await stand.end();
});

Deno.test("T55 of MD5 and SHA-256 the first one supported is answered; stale once more, a wrong password once (RFC 8760 §2.3)", async () => {
  const offers: [ChallengeParts[], string][] = [
    [[{ algorithm: "SHA-256" }, { algorithm: "MD5" }], "SHA-256"],
    [[{ algorithm: "SHA-999" }, { algorithm: "SHA-512-256" }, { algorithm: "MD5" }], "SHA-512-256"],
    [[{ algorithm: "MD5" }], "MD5"],
  ];
  for (const [challenges, algorithm] of offers) {
    await using stand = new Stand({ password: "secret" });
    const { peer } = stand;
    stand.send();
    const first = await peer.next("MESSAGE");
    peer.answer(first, 401, { headers: challenges.map((each) => digestHeader("WWW-Authenticate", each)) });
    const second = await peer.next("MESSAGE");
    const fields = credentialsOf(second.header("Authorization")!);
    assertEquals([fields.algorithm, fields.nc, fields.uri], [algorithm, "00000001", "sip:bob@ims.example"]);
    assertEquals(fields.response, expectedResponse(fields, "MESSAGE", "secret"));
    assertEquals(second.sequence(), first.sequence() + 1);
    assertEquals(second.header("Call-ID"), first.header("Call-ID"));
    const stale = { algorithm, nonce: "nonce2", stale: true };
    peer.answer(second, 401, { headers: [digestHeader("WWW-Authenticate", stale)] });
    const third = await peer.next("MESSAGE");
    assertEquals(credentialsOf(third.header("Authorization")!).nonce, "nonce2");
    // the same nonce again, not stale: the password is wrong
    peer.answer(third, 401, { headers: [digestHeader("WWW-Authenticate", { algorithm, nonce: "nonce2" })] });
    await stand.end();
    assertEquals(peer.kinds(), ["MESSAGE", "MESSAGE", "MESSAGE"]);
    assertEquals(stand.outcomes(), { attempted: 1, rejected: 1 });
  }
});

Deno.test("T55 the vector of the specification comes out of the peer's own arithmetic (RFC 7616 §3.9.1)", () => {
  const fields = {
    username: "Mufasa",
    realm: "http-auth@example.org",
    uri: "/dir/index.html",
    nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    nc: "00000001",
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    qop: "auth",
  };
  const of = (algorithm: string): string => expectedResponse({ ...fields, algorithm }, "GET", "Circle of Life");
  assertEquals(of("MD5"), "8ca523f5e9506fed4657c9700eebdbec");
  assertEquals(of("SHA-256"), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
});

Deno.test("T56 Service-Route and P-Associated-URI of the 200 to REGISTER shape the next initial requests (RFC 3608 §6.1, RFC 7315 §4.1)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  const routes = ["<sip:p1.ims.example;lr>", "<sip:p2.ims.example;lr>"];
  peer.on("REGISTER", (register) => {
    const identities = "P-Associated-URI: <sip:alice.public@ims.example>, <sip:alice@ims.example>";
    peer.answer(register, 200, {
      headers: [`Contact: ${register.header("Contact")}`, `Service-Route: ${routes.join(", ")}`, identities],
    });
  });
  for (const method of ["INVITE", "MESSAGE"]) peer.on(method, (request) => peer.answer(request, 480));
  stand.register();
  await stand.quiet();
  stand.send();
  stand.sendLarge();
  for (const request of [await peer.next("MESSAGE"), await peer.next("INVITE")]) {
    assertEquals(request.all("Route"), routes);
    assertEquals(request.header("P-Preferred-Identity"), "<sip:alice.public@ims.example>");
  }
  await stand.end();
});

Deno.test("T57 423 is answered with the interval it asks for, and a removal has expires 0 (RFC 3261 §10.2.2, §10.3)", async () => {
  await using stand = new Stand({ registerExpires: 600 });
  const { peer, alice } = stand;
  stand.register();
  const first = await peer.next("REGISTER");
  assertEquals([first.uri, first.header("Expires")], ["sip:ims.example", "600"]);
  peer.answer(first, 423, { headers: ["Min-Expires: 3600"] });
  const second = await peer.next("REGISTER");
  assertEquals([second.header("Expires"), second.sequence()], ["3600", first.sequence() + 1]);
  assertEquals(second.header("Call-ID"), first.header("Call-ID"));
  peer.answer(second, 200, { headers: [`Contact: ${second.header("Contact")}`] });
  await stand.quiet();
  alice.registration!.unregister();
  const removal = await peer.next("REGISTER");
  assert(removal.header("Contact")!.endsWith(";expires=0"));
  assertEquals([removal.header("Expires"), removal.header("Call-ID")], ["0", first.header("Call-ID")]);
  peer.answer(removal, 200);
  await stand.end();
  assertEquals(stand.registrations.map(({ kind }) => kind), ["registered", "removed"]);
  assertEquals(peer.arrived.map(kindOf), ["REGISTER", "REGISTER", "REGISTER"]);
});

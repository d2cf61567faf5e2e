/** linphonec, a phone of another maker, at our server: messages both ways, and its refusal of our INVITE. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { judged } from "./peers/judged.ts";
import { startLinphone } from "./peers/linphone.ts";
import { PHONE_DOMAIN, PHONE_PASSWORD, startPhoneStand } from "./peers/phone.ts";

/** Our client listens here and nobody else does. */
const OWN_HOST = "127.0.0.83";
const DAVE = `sip:dave@${PHONE_DOMAIN}`;
const CASES = [["udp", "MD5"], ["tcp", "MD5"], ["udp", "SHA-256"], ["tcp", "SHA-256"]] as const;

for (const [transport, algorithm] of CASES) {
  Deno.test(`linphone registers at our server with ${algorithm}, and messages go both ways, over ${transport}`, async (t) => {
    await using stand = await startPhoneStand(algorithm, OWN_HOST);
    const { alice, server, target, port } = stand;
    await judged(t, { ports: [port], hosts: [OWN_HOST] }, async () => {
      await using phone = await startLinphone({
        user: "dave",
        password: PHONE_PASSWORD,
        domain: PHONE_DOMAIN,
        target,
        transport,
        algorithm,
      });
      await alice.until("linphone registered", () => server.bindings() === 2 || undefined);

      alice.send({ to: DAVE, text: "good morning, dave" });
      await alice.settled();
      assertEquals([alice.count("messages.accepted_200"), alice.count("responses.MESSAGE.200")], [1, 1]);
      await alice.until(
        "linphone shows the text",
        () => phone.log().includes(`Message received from ${alice.agent.aor}: good morning, dave`) || undefined,
      );
      // it tells that it has the message in a MESSAGE of a type that we do not take, compressed as well
      const [refused] = await alice.until("a refusal", () => nonEmpty(alice.messages("sent", "SIP/2.0 415")));
      assertStringIncludes(refused!.text, "\r\nAccept: text/plain\r\n");

      await phone.type(`chat ${alice.agent.aor} good morning, alice`);
      const { from, content } = await alice.until("a delivery", () => alice.received.shift());
      assertEquals([from, new TextDecoder().decode(content)], [DAVE, "good morning, alice"]);

      // it knows no MSRP: one counted outcome, and nothing is left behind
      alice.send({ to: DAVE, size: 4096 });
      await alice.settled();
      assertEquals(
        ["messages.rejected", "sessions.failed", "failures.invite_rejected_488"].map((name) => alice.count(name)),
        [1, 1, 1],
      );
      assertEquals(server.counters()["responses.INVITE.488"], 1);
      assertEquals(alice.received, []);
    }, (check) => {
      assert(check.responses["488"]! >= 1);
      assertEquals(check.requests.BYE, undefined);
    });
  });
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** baresip, a phone of another maker, at our server: messages both ways, and its refusal of our INVITE. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startBaresip } from "./peers/baresip.ts";
import { judged } from "./peers/judged.ts";
import { PHONE_DOMAIN, PHONE_PASSWORD, startPhoneStand } from "./peers/phone.ts";

/** Our client listens here and nobody else does. */
const OWN_HOST = "127.0.0.82";
const CAROL = `sip:carol@${PHONE_DOMAIN}`;

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`baresip registers at our server with MD5, and messages go both ways, over ${transport}`, async (t) => {
    await using stand = await startPhoneStand("MD5", OWN_HOST);
    const { alice, server, target, port } = stand;
    await judged(t, { ports: [port], hosts: [OWN_HOST] }, async () => {
      await using phone = await startBaresip({
        user: "carol",
        password: PHONE_PASSWORD,
        domain: PHONE_DOMAIN,
        target,
        transport,
        partner: alice.agent.aor,
      });
      await alice.until("baresip registered", () => server.bindings() === 2 || undefined);

      alice.send({ to: CAROL, text: "good morning, carol" });
      await alice.settled();
      assertEquals([alice.count("messages.accepted_200"), alice.count("responses.MESSAGE.200")], [1, 1]);
      await alice.until(
        "baresip shows the text",
        () => phone.log().includes(`${alice.agent.aor}: "good morning, carol"`) || undefined,
      );

      await phone.command("message", "good morning, alice");
      const { from, content } = await alice.until("a delivery", () => alice.received.shift());
      assertEquals([from, new TextDecoder().decode(content)], [CAROL, "good morning, alice"]);

      // it knows no MSRP: one counted outcome, and nothing is left behind
      alice.send({ to: CAROL, size: 4096 });
      await alice.settled();
      assertEquals(
        ["messages.rejected", "sessions.failed", "failures.invite_rejected_488"].map((name) => alice.count(name)),
        [1, 1, 1],
      );
      assertStringIncludes(phone.log(), "no common audio codecs - rejected");
      assertEquals(server.counters()["responses.INVITE.488"], 1);
    }, (check) => {
      assert(check.responses["488"]! >= 1);
      assertEquals(check.requests.BYE, undefined);
    });
  });
}

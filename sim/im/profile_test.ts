import { assert, assertEquals, assertMatch } from "@std/assert";
import { ALLOW, FEATURE_TAGS, PROFILES, SERVER, USER_AGENT, VERSION } from "./profile.ts";

Deno.test("User-Agent and Server name the IM release first (I585 §9.1.1 item 2)", () => {
  assertMatch(VERSION, /^\d+\.\d+\.\d+/);
  assertEquals(USER_AGENT, `IM-client/OMA1.0 imstorm/${VERSION}`);
  assertEquals(SERVER, `IM-serv/OMA1.0 imstorm/${VERSION}`);
});

Deno.test("Allow lists the methods of the change request (I585 §9.1.1 item 3)", () => {
  assertEquals(ALLOW, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE");
});

Deno.test("Profile seed uses one tag in both modes (I585 §9.1.1 items 1 and 4)", () => {
  const { registerTags, sessionTags, acceptContact, lines } = PROFILES.seed;
  assertEquals([registerTags, sessionTags], [";+g.oma.sip-im", ";+g.oma.sip-im"]);
  assertEquals(acceptContact, { pager: "*;+g.oma.sip-im", large: "*;+g.oma.sip-im" });
  assertEquals(lines, { pager: [], large: [] });
});

Deno.test("Profile oma-v1 has a tag of its own for large messages", () => {
  const { registerTags, sessionTags, acceptContact } = PROFILES["oma-v1"];
  assertEquals(registerTags, ";+g.oma.sip-im;+g.oma.sip-im.large-message");
  assertEquals(sessionTags, ";+g.oma.sip-im.large-message");
  assertEquals(acceptContact, { pager: "*;+g.oma.sip-im", large: "*;+g.oma.sip-im.large-message" });
});

Deno.test("Profile cpm names the service by its escaped name in tags and plainly in P-Preferred-Service", () => {
  const { registerTags, sessionTags, acceptContact, lines } = PROFILES.cpm;
  const large = '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg"';
  assertEquals(sessionTags, `;${large}`);
  assertEquals(acceptContact.large, `*;${large};explicit;require`);
  assertEquals(
    acceptContact.pager,
    '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg";explicit;require',
  );
  assertEquals(
    registerTags,
    ';+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg,' +
      'urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg"',
  );
  assertEquals(lines.large, [["P-Preferred-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg"]]);
  assertEquals(lines.pager, [["P-Preferred-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"]]);
});

Deno.test("Every profile registers the tags that its requests look for (RFC 3841 §7.2.4)", () => {
  for (const { registerTags, sessionTags, acceptContact } of Object.values(PROFILES)) {
    for (const tags of [registerTags, sessionTags]) assert(FEATURE_TAGS.some((tag) => tags.includes(tag)));
    for (const value of Object.values(acceptContact)) {
      const wanted = value.split(";")[1]!.replace(/^.*="|"$/g, "");
      assert(registerTags.includes(wanted), `${wanted} in ${registerTags}`);
    }
  }
});

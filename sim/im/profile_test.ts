import { assert, assertEquals, assertMatch } from "@std/assert";
import { profileOf, VERSION } from "./profile.ts";

const NAMES = ["seed", "oma-v1", "cpm"] as const;

Deno.test("Every profile names the IM release first in User-Agent and Server (I585 §9.1.1 item 2)", () => {
  assertMatch(VERSION, /^\d+\.\d+\.\d+/);
  for (const name of NAMES) {
    assertEquals(profileOf(name).userAgent, `IM-client/OMA1.0 imstorm/${VERSION}`);
    assertEquals(profileOf(name).server, `IM-serv/OMA1.0 imstorm/${VERSION}`);
  }
});

Deno.test("Every profile allows the methods of the change request (I585 §9.1.1 item 3)", () => {
  for (const name of NAMES) assertEquals(profileOf(name).allow, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE");
});

Deno.test("Profile seed uses one tag in both modes (I585 §9.1.1 items 1 and 4)", () => {
  const profile = profileOf("seed");
  assertEquals(profile.contactParameters, ";+g.oma.sip-im");
  assertEquals([profile.acceptContactPager, profile.acceptContactLarge], ["*;+g.oma.sip-im", "*;+g.oma.sip-im"]);
  assertEquals([...profile.extraPager, ...profile.extraLarge], []);
});

Deno.test("Profile oma-v1 has a tag of its own for large messages", () => {
  const profile = profileOf("oma-v1");
  assertEquals(profile.contactParameters, ";+g.oma.sip-im;+g.oma.sip-im.large-message");
  assertEquals(profile.acceptContactPager, "*;+g.oma.sip-im");
  assertEquals(profile.acceptContactLarge, "*;+g.oma.sip-im.large-message");
});

Deno.test("Profile cpm names the service by its escaped name in tags and plainly in P-Preferred-Service", () => {
  const profile = profileOf("cpm");
  assertEquals(
    profile.contactParameters,
    ';+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg,' +
      'urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg"',
  );
  assertEquals(
    profile.acceptContactPager,
    '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg";explicit;require',
  );
  assertEquals(
    profile.acceptContactLarge,
    '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg";explicit;require',
  );
  assertEquals(profile.extraPager, [["P-Preferred-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"]]);
  assertEquals(profile.extraLarge, [["P-Preferred-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg"]]);
});

Deno.test("Every profile puts into its Contact what its requests look for (RFC 3841 §7.2.4)", () => {
  for (const { contactParameters, acceptContactPager, acceptContactLarge } of NAMES.map(profileOf)) {
    for (const value of [acceptContactPager, acceptContactLarge]) {
      const wanted = value.split(";")[1]!.replace(/^.*="|"$/g, "");
      assert(contactParameters.includes(wanted), `${wanted} in ${contactParameters}`);
    }
  }
});

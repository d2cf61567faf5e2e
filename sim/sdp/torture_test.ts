/** The session descriptions of the samples of RFC 5118. */
import { assert, assertEquals } from "@std/assert";
import { toText } from "../bytes/text.ts";
import { samplesOf } from "../testing/torture.ts";
import { parseDescription } from "./description.ts";

for (const { file, clause, octets, sdp } of samplesOf()) {
  if (sdp === undefined) continue;
  Deno.test(`parseDescription reads the addresses of ${file}: ${sdp} (${clause})`, () => {
    const description = parseDescription(toText(octets).split("\r\n\r\n")[1]!);
    assert(typeof description !== "string", `fault ${JSON.stringify(description)}`);
    const addresses = [description.connection, ...description.media.map(({ connection }) => connection)];
    const types = addresses.filter((address) => address !== undefined).map((it) => it.includes(":") ? "IP6" : "IP4");
    assertEquals(types.join(" "), sdp);
  });
}

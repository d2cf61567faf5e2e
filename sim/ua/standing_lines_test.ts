import { assertEquals } from "@std/assert";
import { profileOf } from "../im/profile.ts";
import { standingLines } from "./standing_lines.ts";

Deno.test("standingLines follow the profile and what is asked of the session timer, whatever came before", () => {
  const [seed, cpm] = [profileOf("seed"), profileOf("cpm")];
  const start = (allow: string) => `Allow: ${allow}\r\nSupported: timer\r\nSession-Expires: `;
  const extra = cpm.extraLarge.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  for (let again = 0; again < 2; again++) {
    assertEquals(standingLines(seed, { expires: 1800 }), `${start(seed.allow)}1800\r\n`);
    assertEquals(standingLines(cpm, { expires: 1800 }), `${start(cpm.allow)}1800\r\n${extra}`);
    assertEquals(standingLines(seed, { expires: 90, minSe: 90 }), `${start(seed.allow)}90\r\nMin-SE: 90\r\n`);
    const refreshed = standingLines(seed, { expires: 90, minSe: 90, refresher: "uac" });
    assertEquals(refreshed, `${start(seed.allow)}90;refresher=uac\r\nMin-SE: 90\r\n`);
  }
});

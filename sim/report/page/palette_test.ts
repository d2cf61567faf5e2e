/** Whether what is written and drawn can be read, in light and dark (WCAG 2.2, contrast of text and of graphics). */
import { assert, assertEquals } from "@std/assert";
import palette from "./palette.css" with { type: "text" };

const GROUNDS = ["paper", "card"] as const;
const TEXTS = ["ink", "muted", "bad", "good", "warn"] as const;
const DRAWN = ["pager", "large", "offered", "achieved", "health"] as const;

/** The colours of each block of the palette: light, dark by the system, dark by the button. */
function themes(): Map<string, string>[] {
  return palette.split(/:root[^{]*\{/).slice(1).map((block) =>
    new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]))
  );
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

Deno.test("contrast is that of black on white, and none with itself", () => {
  assertEquals([contrast("#000000", "#ffffff"), contrast("#123456", "#123456")], [21, 1]);
});

Deno.test("every text and every line stands out from its ground, in every theme", () => {
  assertEquals(themes().length, 3);
  const [light, dark] = themes();
  for (const theme of themes()) {
    const colourOf = (name: string): string => theme.get(name) ?? light!.get(name)!;
    for (const ground of GROUNDS) {
      for (const name of TEXTS) {
        const ratio = contrast(colourOf(name), colourOf(ground));
        assert(ratio >= 4.5, `${name} on ${ground}: ${ratio}`);
      }
      for (const name of DRAWN) {
        const ratio = contrast(colourOf(name), colourOf(ground));
        assert(ratio >= 3, `${name} on ${ground}: ${ratio}`);
      }
    }
  }
  for (const name of ["badge-good", "badge-bad", "badge-warn"]) {
    assert(contrast(light!.get(name)!, "#ffffff") >= 4.5, name);
  }
  assert(dark!.size > 10, "dark has colours of its own");
});

Deno.test("dark is the same whether the system or the button asks for it", () => {
  const [, bySystem, byButton] = themes();
  assertEquals(bySystem, byButton);
});

/** Pages without any script: a head, a badge, and whatever sections they are given. */
import { type Markup, markup } from "./markup.ts";
import pageStyle from "./page.css" with { type: "text" };
import { pageHead } from "./page_head.ts";
import paletteStyle from "./palette.css" with { type: "text" };
import plainStyle from "./plain.css" with { type: "text" };
import printStyle from "./print.css" with { type: "text" };
import tableStyle from "./tables.css" with { type: "text" };
import verdictStyle from "./verdict.css" with { type: "text" };

const STYLES: readonly string[] = [paletteStyle, pageStyle, verdictStyle, tableStyle, plainStyle, printStyle];

/** Nothing may be fetched or run. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A whole document; `made`: how it came to be, for its foot. */
export function plainPage(title: string, contents: readonly Markup[], made: string): string {
  return markup`${pageHead(title, POLICY, STYLES)}<body>
<div class="top"><span class="brand">imstorm</span></div>
<main>
${contents}</main>
<footer><p>${made}</p></footer>
</body>
</html>
`.text;
}

/** The colours a verdict has: those of a run that passed, failed or could not be judged. */
export type Tone = "passed" | "failed" | "invalid";

const SIGNS: Readonly<Record<Tone, string>> = { passed: "✓", failed: "✗", invalid: "?" };

/** The head of a page: the verdict in colour, what it is about, and sentences that explain it. */
export function plainHero(tone: Tone, word: string, title: string, sentences: readonly string[]): Markup {
  return markup`<section class="hero ${tone}"><div class="badge"><span class="sign" aria-hidden="true">${
    SIGNS[tone]
  }</span><strong>${word}</strong></div><div class="what"><h1>${title}</h1>${
    sentences.map((sentence) => markup`<p class="muted">${sentence}</p>`)
  }</div></section>\n`;
}

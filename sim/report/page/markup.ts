/** HTML as a value of its own: whatever is put into it is escaped, unless it is HTML already. */

/** A piece of HTML that may be put into other pieces as it is. */
export class Markup {
  /** The HTML itself. */
  readonly text: string;

  /** Only for text that is known to be HTML; everything else goes through `markup`. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, lists are joined, undefined leaves nothing. */
export type Insertion = string | number | Markup | undefined | readonly Insertion[];

/** A template whose insertions are escaped for element contents and for attributes in double quotes. */
export function markup(parts: TemplateStringsArray, ...insertions: readonly Insertion[]): Markup {
  const texts = insertions.map((insertion, i) => textOf(insertion) + parts[i + 1]!);
  return new Markup(parts[0]! + texts.join(""));
}

function textOf(insertion: Insertion): string {
  if (insertion === undefined) return "";
  if (insertion instanceof Markup) return insertion.text;
  if (typeof insertion === "string" || typeof insertion === "number") return escaped(String(insertion));
  return insertion.map(textOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text with entities for what HTML reads as markup; control characters that HTML forbids become U+FFFD. */
export function escaped(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- these are what is meant
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** JSON that may stand inside a script element: no text in it can end the element or open a comment. */
export function embeddedJson(value: unknown): Markup {
  const text = JSON.stringify(value)
    .replace(/[<>&\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return new Markup(text);
}

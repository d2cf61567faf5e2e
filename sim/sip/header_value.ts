/** Texts of header values: folds, comma-separated lists, quoted strings (RFC 3261 §7.3.1, §25.1). */

const FOLD_REGEXP = /\r?\n[ \t]*/g;

/** A header value on one line: every fold becomes one space (RFC 3261 §7.3.1). */
export function unfold(value: string): string {
  return value.includes("\n") ? value.replace(FOLD_REGEXP, " ").trim() : value;
}

/** The elements of a comma-separated list, trimmed; commas in quoted strings and angle brackets do not part. */
export function splitList(value: string): string[] {
  const elements: string[] = [];
  let from = 0;
  let quoted = false;
  let bracketed = false;
  for (let i = 0; i < value.length; i++) {
    const char = value[i];
    if (quoted) {
      if (char === "\\") i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (bracketed) bracketed = char !== ">";
    else if (char === "<") bracketed = true;
    else if (char === ",") {
      elements.push(value.slice(from, i).trim());
      from = i + 1;
    }
  }
  elements.push(value.slice(from).trim());
  return elements.filter((element) => element !== "");
}

/** A text as quoted string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The text of a quoted string; anything else as it is. */
export function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/gs, "$1");
}

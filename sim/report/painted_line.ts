/** Lines with colours, cut to a terminal's width. */
import stringWidth from "fast-string-width";

// deno-lint-ignore no-control-regex -- the escape sequences of a terminal begin with this control character
const ESCAPES_REGEXP = /(\x1b\[[0-9;]*m)/;

/** A line of at most `width` columns; what ends a colour stays, so that the next line does not inherit it. */
export function cutLine(line: string, width: number): string {
  let room = width;
  return line.split(ESCAPES_REGEXP).map((part, i) => {
    // every second part is an escape sequence
    if (i % 2 === 1 || room === 0) return i % 2 === 1 ? part : "";
    const partWidth = stringWidth(part);
    if (partWidth <= room) {
      room -= partWidth;
      return part;
    }
    let cut = "";
    for (const character of part) {
      const next = stringWidth(character);
      if (next > room) break;
      room -= next;
      cut += character;
    }
    room = 0;
    return cut;
  }).join("");
}

/** A label and parts with two spaces between them, broken between parts into lines of at most `width` columns. */
export function flowLines(label: string, parts: readonly string[], width: number): string[] {
  const indent = " ".repeat(stringWidth(label));
  const lines: string[] = [];
  let line = label;
  for (const part of parts) {
    if (line !== label && line !== indent && stringWidth(line) + 2 + stringWidth(part) > width) {
      lines.push(line);
      line = indent;
    }
    line += `  ${part}`;
  }
  return [...lines, line];
}

/** Columns of text for a terminal, whatever the width of the characters. */
import stringWidth from "fast-string-width";

/** Widest line of a report. */
export const REPORT_WIDTH = 100;

/** Lines of a table: the first column to the left, the others to the right, two spaces between them. */
export function table(rows: readonly (readonly string[])[], indent = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const space = " ".repeat(widths[column]! - stringWidth(cell));
      return column === 0 ? cell + space : space + cell;
    });
    return `${" ".repeat(indent)}${cells.join("  ")}`.trimEnd();
  });
}

/** A text broken between words into lines of at most `width` columns; all but the first start with `indent` spaces. */
export function wrapped(text: string, indent = 0, width = REPORT_WIDTH): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    const room = lines.length === 0 ? width : width - indent;
    if (line !== "" && stringWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each, i) => i === 0 ? each : " ".repeat(indent) + each);
}

/** Where the texts of labelled lines begin. */
const LABEL_WIDTH = 14;

/** A labelled text over as many lines as it takes. */
export function labelled(label: string, text: string): string[] {
  const lines = wrapped(text, 0, REPORT_WIDTH - LABEL_WIDTH);
  return lines.map((line, i) => (i === 0 ? `  ${label}` : "").padEnd(LABEL_WIDTH) + line);
}

/** A left and a right text on one line of the report. */
export function spread(left: string, right: string, width = REPORT_WIDTH): string {
  const space = Math.max(2, width - stringWidth(left) - stringWidth(right));
  return `${left}${" ".repeat(space)}${right}`;
}

/** A text of at most `width` columns, cut with `…`. */
export function fitted(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = "";
  for (const character of text) {
    if (stringWidth(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

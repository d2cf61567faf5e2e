/** What went wrong, as text for people: each failure with its messages in order. */
import type { Evidence } from "../metrics/evidence.ts";

/** The failures of a run, oldest first. */
export function toEvidenceText(entries: readonly Evidence[]): string {
  if (entries.length === 0) return "no failure was kept";
  return entries.map(textOf).join("\n");
}

function textOf(entry: Evidence): string {
  const lines = [`${seconds(entry.at)}  ${entry.kind}  client ${entry.sender} to ${entry.receiver}: ${entry.detail}`];
  for (const { direction, at, text } of entry.messages) {
    lines.push(`  ${seconds(at)}  ${direction === "sent" ? "────▶" : "◀────"}`);
    for (const line of text.trimEnd().split(/\r?\n/)) lines.push(`    │ ${line}`);
  }
  return `${lines.join("\n")}\n`;
}

function seconds(at: number): string {
  return `${(at / 1000).toFixed(3).padStart(9)} s`;
}

/** What went wrong, as text for people: each failure as a ladder of its messages, and their texts. */
import type { Evidence, EvidenceMessage } from "../metrics/evidence.ts";
import { REPORT_WIDTH } from "./table.ts";

/** Columns of a ladder between its two sides. */
const RUNGS = 60;

/** The failures of a run, oldest first. */
export function toEvidenceText(entries: readonly Evidence[]): string {
  if (entries.length === 0) return "no failure was kept";
  const ordered = entries.toSorted((a, b) => a.at - b.at);
  const kinds = [...Map.groupBy(entries, ({ kind }) => kind)].map(([kind, { length }]) => `${length} ${kind}`);
  return [`${entries.length} kept: ${kinds.join(", ")}`, "", ...ordered.map(textOf)].join("\n");
}

function textOf(entry: Evidence, index: number): string {
  const { at, kind, sender, receiver, detail, messages } = entry;
  const who = [...(sender < 0 ? [] : [`client ${sender}`]), ...(receiver < 0 ? [] : [`to client ${receiver}`])].join(
    " ",
  );
  const head = [`#${index + 1}`, seconds(at).trim(), kind, who].filter((each) => each !== "").join("  ");
  const lines = [head, `    ${detail}`];
  if (messages.length > 0) lines.push(...ladderOf(messages), ...messages.flatMap(textLines));
  return `${lines.join("\n")}\n`;
}

/** One line a message, with its arrow and when it was since the first one. */
function ladderOf(messages: readonly EvidenceMessage[]): string[] {
  const first = messages[0]!.at;
  const rows = messages.map(({ direction, at, text }, i) => {
    const title = titleOf(text).slice(0, RUNGS - 6);
    const line = direction === "sent"
      ? `─ ${title} ${"─".repeat(RUNGS - title.length - 4)}▶`
      : `◀${"─".repeat(RUNGS - title.length - 4)} ${title} ─`;
    return `    ${`+${(at - first).toFixed(3)} ms`.padStart(16)} │${line}│ ${i + 1}`;
  });
  return [`    ${" ".repeat(12)}our clients${" ".repeat(RUNGS - 8)}peer`, ...rows, ""];
}

/** What the first line of a message says, without the version, and what a response answers. */
export function titleOf(text: string): string {
  const [start = ""] = text.split(/\r?\n/, 1);
  const status = /^SIP\/2\.0 (.*)$/.exec(start)?.[1];
  // content of MSRP goes to the kernel apart from the header of its chunk
  if (status === undefined && !/^(?:MSRP |[A-Z]+ sips?:)/.test(start)) return "(more of the content)";
  if (status === undefined) return start.replace(/ SIP\/2\.0$/, "");
  const method = /^CSeq[ \t]*:[ \t]*\d+[ \t]+(\S+)/im.exec(text)?.[1];
  return method === undefined ? status : `${status} to ${method}`;
}

function textLines({ direction, at, text }: EvidenceMessage, index: number): string[] {
  const head = `    ${index + 1}  ${seconds(at).trim()}  ${direction} `;
  return [
    head.padEnd(REPORT_WIDTH, "·"),
    ...text.trimEnd().split(/\r?\n/).map((line) => `    │ ${line}`.trimEnd()),
  ];
}

function seconds(at: number): string {
  return `${(at / 1000).toFixed(3).padStart(9)} s`;
}

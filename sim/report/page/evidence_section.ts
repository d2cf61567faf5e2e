/** What went wrong, with the messages that were exchanged as a ladder; bounded, because a page must stay small. */
import type { Evidence, EvidenceMessage } from "../../metrics/evidence.ts";
import { titleOf } from "../evidence.ts";
import { showCount } from "../units.ts";
import { type Markup, markup } from "./markup.ts";
import { section } from "./tables.ts";

/** Failures of one kind that are shown. */
const PER_KIND = 5;
/** Characters of all texts together; the rest is in the results folder. */
const TEXT_LIMIT = 300_000;
/** Characters of one message. */
const MESSAGE_LIMIT = 3000;

/** The failures of a run by kind, most frequent first. */
export function evidenceSection(evidence: readonly Evidence[]): Markup {
  if (evidence.length === 0) {
    return section("evidence", "Evidence", undefined, markup`<p>No failure was kept.</p>`);
  }
  const budget = { left: TEXT_LIMIT };
  const kinds = [...Map.groupBy(evidence, ({ kind }) => kind)].toSorted(([, a], [, b]) => b.length - a.length);
  const groups = kinds.map(([kind, entries]) => {
    const shown = entries.slice(0, PER_KIND).map((entry) => entryOf(entry, budget));
    const rest = entries.length - shown.length;
    return markup`<h3>${kind.replaceAll("_", " ")} <span class="muted">${showCount(entries.length)} kept</span></h3>
${shown}${
      rest > 0 ? markup`<p class="muted">and ${showCount(rest)} more of this kind in the results folder</p>` : undefined
    }`;
  });
  const lead = "The first failures of each kind, with the SIP and MSRP messages as they were sent and received. " +
    "Passwords and answers to challenges are masked. All that was kept: imstorm report RUN --evidence.";
  return section("evidence", "Evidence", lead, groups);
}

function entryOf(entry: Evidence, budget: { left: number }): Markup {
  const { at, sender, receiver, detail, messages } = entry;
  const receiverText = receiver < 0 ? "" : ` to ${receiver}`;
  const rows = messages.map((message) => rowOf(message, budget));
  return markup`<details class="evidence"><summary><span class="moment">${seconds(at)}</span> ${
    sender < 0 ? "" : `client ${sender}${receiverText}: `
  }${detail}</summary>
${
    rows.length === 0
      ? markup`<p class="muted">No message was kept.</p>`
      : markup`<ol class="ladder"><li class="ends" aria-hidden="true"><span>our clients</span><span>peer</span></li>${rows}</ol>`
  }</details>
`;
}

function rowOf({ direction, at, text }: EvidenceMessage, budget: { left: number }): Markup {
  const [start = "", ...rest] = text.trimEnd().split(/\r?\n/);
  const body = rest.join("\n");
  const cut = body.slice(0, Math.max(0, Math.min(MESSAGE_LIMIT, budget.left)));
  budget.left -= cut.length + start.length;
  const more = body.length > cut.length ? `\n… ${showCount(body.length - cut.length)} more characters` : "";
  const word = direction === "sent" ? "sent" : "received";
  return markup`<li class="${word}"><span class="moment">${
    seconds(at)
  }</span><span class="arrow"><span class="word">${word}</span></span>
<details><summary><code>${titleOf(text).slice(0, 300)}</code></summary><pre>${start.slice(0, 1000)}
${cut}${more}</pre></details></li>`;
}

function seconds(at: number): string {
  return `${(at / 1000).toFixed(3)} s`;
}

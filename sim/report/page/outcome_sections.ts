/** What was asked for and what came of it: thresholds, messages, responses, failures, and the sheet of RFC 6076. */
import {
  BESIDE_COUNTS,
  MESSAGE_COUNTS,
  type MessageCount,
  RECEIVER_COUNTS,
  SENDER_COUNTS,
} from "../../metrics/catalogue.ts";
import type { Summary } from "../summary.ts";
import { showActual, showSamples, showWaiver, type ThresholdStatus } from "../thresholds.ts";
import { showCount, showOctets, showShare } from "../units.ts";
import { type Insertion, type Markup, markup } from "./markup.ts";
import { section, tableOf } from "./tables.ts";

/** A sign with its word: colour alone would tell some readers nothing. */
function state(kind: "good" | "bad" | "unknown", word: string): Markup {
  const sign = { good: "✓", bad: "✗", unknown: "!" }[kind];
  return markup`<span class="state ${kind}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

const STATES: Readonly<Record<ThresholdStatus, Markup>> = {
  passed: state("good", "passed"),
  failed: state("bad", "failed"),
  "no_data": state("unknown", "no data"),
  waived: state("unknown", "failed, waived"),
};

/** Every threshold with what was measured. */
export function thresholdsSection({ thresholds }: Summary): Markup {
  if (thresholds.length === 0) {
    return section("thresholds", "Thresholds", undefined, markup`<p>The scenario has none.</p>`);
  }
  const rows = thresholds.map((each) => [
    markup`<code>${each.expression}</code>`,
    STATES[each.status],
    showActual(each),
    showSamples({ ...each, waiver: undefined }),
  ]);
  const waived = thresholds.flatMap(({ expression, waiver }) =>
    waiver === undefined ? [] : [markup`<li><code>${expression}</code> ${showWaiver(waiver)}</li>`]
  );
  const table = tableOf({
    caption: "Thresholds of the scenario",
    head: ["threshold", "result", "measured", "samples"],
    rows,
    texts: [1],
    isQuiet: true,
  });
  return section("thresholds", "Thresholds", "A threshold without data fails.", [
    table,
    waived.length === 0 ? undefined : markup`<h3>Waivers</h3><ul>${waived}</ul>`,
  ]);
}

const GOOD: ReadonlySet<MessageCount> = new Set(["accepted_200", "accepted_202", "delivered"]);
const NEUTRAL: ReadonlySet<MessageCount> = new Set(["open", "unobserved", "unmarked", "unanswered"]);

/** What became of every message, by sender and receiver. */
export function messagesSection({ messages, decisions }: Summary): Markup {
  const table = (caption: string, parts: readonly MessageCount[]): Markup => {
    const shown = parts.filter((part) =>
      messages[part] > 0 || part === "accepted_200" || part === "delivered" || part === "lost"
    );
    return tableOf({
      caption,
      head: ["", "all", "share", "pager", "large"],
      rows: shown.map((part) => countRow(part, messages)),
      classes: shown.map((part) => messages[part] > 0 && !GOOD.has(part) && !NEUTRAL.has(part) ? "bad" : undefined),
    });
  };
  const beside = BESIDE_COUNTS.filter((part) => messages[part] > 0);
  const decided = `${showCount(messages.attempted)} messages were counted: ${
    showCount(decisions.pager)
  } decided to be pager and ${showCount(decisions.large)} large, ${
    showCount(decisions.at_boundary)
  } of exactly the threshold's size. Each column adds up to what was attempted.`;
  return section("messages", "What became of the messages", decided, [
    bars(messages),
    markup`<div class="pair">${table("What the senders learned", SENDER_COUNTS)}${
      table("What the receivers saw", RECEIVER_COUNTS)
    }</div>`,
    beside.length === 0 && messages.unknown === 0
      ? markup`<p class="muted">None arrived twice, changed, cut, at another client, late or out of order.</p>`
      : tableOf({
        caption: "Seen besides",
        head: ["", "all", "share", "pager", "large"],
        rows: [
          ...beside.map((part) => countRow(part, messages)),
          ...(messages.unknown > 0
            ? [["arrivals that no message explains", showCount(messages.unknown), "", "", ""]]
            : []),
        ],
      }),
    markup`<p class="muted">Content delivered: ${showOctets(messages.octets_delivered)}.</p>`,
  ]);
}

function countRow(part: MessageCount, messages: Summary["messages"]): Insertion[] {
  const total = messages.attempted;
  return [
    markup`${part.replaceAll("_", " ")} <span class="muted">${MESSAGE_COUNTS[part]}</span>`,
    showCount(messages[part]),
    total === 0 ? "" : showShare(messages[part] / total),
    showCount(messages.pager[part]),
    showCount(messages.large[part]),
  ];
}

/** Two bars as long as all attempts: which share came to what. */
function bars({ attempted, ...messages }: Summary["messages"]): Markup | undefined {
  if (attempted === 0) return undefined;
  const bar = (label: string, parts: readonly MessageCount[]): Markup => {
    const pieces = parts.filter((part) => part !== "attempted" && messages[part] > 0).map((part) => {
      const kind = GOOD.has(part) ? "good" : NEUTRAL.has(part) ? "open" : "wrong";
      const share = messages[part as Exclude<MessageCount, "attempted">] / attempted;
      const name = part.replaceAll("_", " ");
      return markup`<span class="piece ${kind}" style="flex-grow:${
        Math.max(share, 0.004).toFixed(4)
      }" title="${name}: ${showCount(share * attempted)}">${share > 0.08 ? name : ""}</span>`;
    });
    return markup`<div class="stack"><span class="stack-label">${label}</span><div class="stack-bar" aria-hidden="true">${pieces}</div></div>`;
  };
  return markup`<div class="stacks">${bar("senders", SENDER_COUNTS)}${bar("receivers", RECEIVER_COUNTS)}</div>`;
}

/** Final responses by method and status, retransmissions, timeouts, failures and violations. */
export function responsesSection(summary: Summary): Markup {
  const { responses, requests, retransmissions, timeouts, failures, violations } = summary;
  const methods = [...new Set([...Object.keys(requests), ...Object.keys(responses)])].toSorted();
  const rows = methods.map((method) => [
    markup`<code>${method}</code>`,
    showCount(requests[method] ?? 0),
    Object.entries(responses[method] ?? {}).map(([status, count]) =>
      markup`<span class="status${isRefusal(status) ? " refused" : ""}">${showCount(count)} × ${status}</span> `
    ),
    showCount(retransmissions[method] ?? 0),
    showCount(timeouts[method] ?? 0),
  ]);
  const table = tableOf({
    caption: "SIP requests and their final responses, warm-up included",
    head: ["method", "requests", "final responses", "sent again", "no answer"],
    rows,
    texts: [2],
  });
  return section("responses", "Responses and failures", undefined, [
    rows.length === 0 ? markup`<p>No request was sent.</p>` : table,
    countTable("Failures by reason", failures, "No attempt and no session failed."),
    countTable("Rules that the server or a peer broke", violations, "No broken rules were seen in responses."),
  ]);
}

/** Whether a final response says no; a challenge asks for credentials only. */
function isRefusal(status: string): boolean {
  return status >= "400" && status !== "401" && status !== "407";
}

function countTable(caption: string, counts: Readonly<Record<string, number>>, none: string): Markup {
  const entries = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  if (entries.length === 0) return markup`<p class="muted">${none}</p>`;
  const rows = entries.map(([name, count]) => [name.replaceAll("_", " "), showCount(count)]);
  return tableOf({ caption, head: ["", "count"], rows });
}

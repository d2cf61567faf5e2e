/** The top of the page: what was run, whether it can be believed and passed, why, and the figures people ask for first. */
import type { Manifest } from "../../results/run_record.ts";
import { endedEarly } from "../early_end.ts";
import type { Summary } from "../summary.ts";
import type { ThresholdStatus } from "../thresholds.ts";
import { showCount, showMicros, showRate, showSeconds, showShare } from "../units.ts";
import { type Insertion, type Markup, markup } from "./markup.ts";

const SIGNS = { passed: "✓", failed: "✗", invalid: "!", interrupted: "‖" } as const;

const VALIDITY = {
  valid: "The measurement is valid: the figures are the server's.",
  floor: "The measurement is a lower bound: the server's limit may lie higher.",
  invalid: "The measurement is invalid: the figures may be the generator's, not the server's.",
} as const;

/** The verdict with its reasons, and what was run. */
export function verdictSection(manifest: Manifest, summary: Summary): Markup {
  const { verdict, generator } = summary;
  const reasons = [thresholdSentence(summary), VALIDITY[generator.validity]];
  return markup`<header class="hero ${verdict}">
<div class="badge"><span class="sign" aria-hidden="true">${SIGNS[verdict]}</span><strong>${verdict}</strong></div>
<div class="what"><h1>${manifest.scenario.name}</h1>
<p class="description">${manifest.scenario.description ?? ""}</p>
<ul class="reasons">${reasons.map((reason) => markup`<li>${reason}</li>`)}${
    generator.reasons.map((reason) => markup`<li class="reason">${reason}</li>`)
  }</ul></div>
<dl class="facts">${
    factsOf(manifest, summary).map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)
  }</dl>
</header>
`;
}

function thresholdSentence(summary: Summary): string {
  const { thresholds } = summary;
  const start = endedEarly(summary);
  if (thresholds.length === 0) return `${start}The scenario has no thresholds.`;
  const of = (status: ThresholdStatus): number => thresholds.filter((each) => each.status === status).length;
  const passed = of("passed");
  if (passed === thresholds.length) {
    return `${start}${passed === 1 ? "The threshold" : `All ${passed} thresholds`} passed.`;
  }
  const others = ([["failed", "failed"], ["no_data", "had no data"], ["waived", "waived"]] as const)
    .flatMap(([status, words]) => of(status) > 0 ? [`${of(status)} ${words}`] : []);
  return `${start}${passed} of ${thresholds.length} thresholds passed, ${others.join(", ")}.`;
}

function factsOf(manifest: Manifest, { duration_s: seconds, clients }: Summary): [string, Insertion][] {
  const { scenario, started_at: startedAt, workers, seed, versions } = manifest;
  return [
    ["Target", scenario.target.uri === "embedded" ? "embedded server, in the same process" : scenario.target.uri],
    ["Started", markup`<time datetime="${startedAt}">${startedAt.slice(0, 19).replace("T", " ")} UTC</time>`],
    ["Load", `${showSeconds(seconds)}, ${showCount(clients.configured)} clients`],
    ["By", `imstorm ${versions.imstorm}, ${workers} ${workers === 1 ? "worker" : "workers"}, seed ${seed}`],
  ];
}

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly isBad?: boolean;
}

/** The headline figures. */
export function headlineSection(summary: Summary): Markup {
  const tiles = [
    deliveredTile(summary),
    rateTile(summary),
    ...latencyTiles(summary),
    lossTile(summary),
    ...timerTiles(summary),
  ];
  return markup`<section id="headline" aria-label="Headline figures" class="tiles">${
    tiles.map(({ name, value, note, isBad }) =>
      markup`<div class="tile${
        isBad === true ? " bad" : ""
      }"><h2>${name}</h2><p class="value">${value}</p><p class="note">${note}</p></div>`
    )
  }</section>
`;
}

function deliveredTile({ messages }: Summary): Tile {
  const { attempted, delivered, unobserved } = messages;
  const observed = attempted - unobserved;
  return {
    name: "Delivered",
    value: observed === 0 ? "n/a" : showShare(delivered / observed),
    note: `${showCount(delivered)} of ${showCount(observed)} messages arrived whole`,
  };
}

function rateTile({ load }: Summary): Tile {
  const { attempted_per_second: offered, delivered_per_second: achieved } = load;
  return {
    name: "Achieved rate",
    value: achieved === null ? "n/a" : showRate(achieved),
    note: offered === null
      ? "nothing was measured"
      : `of ${showRate(offered)} offered; peak ${showCount(load.peak_delivered)} in one second`,
  };
}

function latencyTiles({ latency_us: latencies }: Summary): Tile[] {
  const tiles = [
    ["Pager, accepted", latencies.pager_accept, "due until the 2xx"],
    ["Large, delivered", latencies.large_delivery, "due until arrived whole"],
  ] as const;
  return tiles.flatMap(([name, { p50, p99, count }, meaning]) =>
    p99 === null || p50 === null || count === 0
      ? []
      : [{ name: `${name} p99`, value: showMicros(p99), note: `median ${showMicros(p50)}; ${meaning}` }]
  );
}

function lossTile({ messages }: Summary): Tile {
  const parts = [
    ["lost", messages.lost],
    ["rejected", messages.rejected],
    ["failed", messages.failed],
    ["timed out", messages.timed_out],
    ["unanswered", messages.unanswered],
    ["corrupted", messages.corrupted],
    ["truncated", messages.truncated],
    ["misrouted", messages.misrouted],
    ["duplicated", messages.duplicated],
  ] as const;
  const counted = parts.filter(([, count]) => count > 0);
  const wrong = messages.lost + messages.rejected + messages.failed + messages.timed_out + messages.unanswered;
  return {
    name: "Went wrong",
    value: showCount(wrong),
    note: counted.length === 0
      ? "none lost, refused, damaged or doubled"
      : counted.map(([name, count]) => `${showCount(count)} ${name}`).join(", "),
    isBad: counted.length > 0,
  };
}

function timerTiles({ session_timer: timer, sessions, latency_us: latencies }: Summary): Tile[] {
  if (sessions.invited === 0) return [];
  // requests that were sent are more: one with credentials or a longer interval is the same refresh again
  const done = latencies.refresh.count;
  if (timer.refreshes_sent === 0) {
    return [{
      name: "Sessions",
      value: showCount(sessions.established),
      note: `of ${showCount(sessions.invited)} invited; ${showCount(sessions.leaked)} left open`,
      isBad: sessions.leaked > 0,
    }];
  }
  return [{
    name: "Sessions refreshed",
    value: showCount(done),
    note: `of ${showCount(done + timer.refreshes_failed)} refreshes, in ${showCount(timer.started)} sessions`,
    isBad: timer.refreshes_failed > 0 || timer.expired > 0,
  }];
}

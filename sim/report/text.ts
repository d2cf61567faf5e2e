/** The report for a terminal: the verdict and why, then what was asked for, what happened, and how fast. */
import { type Paint, paintFor } from "./paint.ts";
import { BESIDE_COUNTS, type MessageCount, RECEIVER_COUNTS, SENDER_COUNTS } from "../metrics/catalogue.ts";
import type { LatencySummary } from "../metrics/histogram.ts";
import type { Manifest } from "../results/run_record.ts";
import { endedEarly } from "./early_end.ts";
import type { Summary } from "./summary.ts";
import { partRows, phaseLines } from "./text_parts.ts";
import { rfc6076Lines, rfc7501Lines } from "./text_sheets.ts";
import { fitted, labelled, REPORT_WIDTH, spread, table, wrapped } from "./table.ts";
import { showActual, showSamples, showWaiver, type ThresholdStatus } from "./thresholds.ts";
import { inUnit, showCount, showMicros, showOctets, showRate, showSeconds, showShare, unitOf } from "./units.ts";

/** The report, with a line end; `colour`: with the escape sequences of a terminal. */
export function toText(manifest: Manifest, summary: Summary, colour: boolean): string {
  const paint = paintFor(colour);
  const sections = [
    headerOf(manifest, summary, paint),
    thresholdsOf(summary, paint),
    section("Load", loadOf(summary), paint),
    section("Messages", messagesOf(summary, paint), paint),
    section("Latency, from the intended instant", latenciesOf(summary, paint), paint),
    section("Latency by transport and response", partRows(summary), paint),
    section("Sessions", [...sessionsOf(summary), ...phaseLines(summary)], paint),
    section("Responses", responsesOf(summary), paint),
    section("RFC 6076", rfc6076Lines(summary), paint),
    section("RFC 7501", rfc7501Lines(summary), paint),
    section("Generator", generatorOf(summary), paint),
  ];
  return `${sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const BADGES = { passed: "green", failed: "red", invalid: "yellow", interrupted: "yellow" } as const;

function headerOf(manifest: Manifest, summary: Summary, paint: Paint): string[] {
  const verdict = summary.verdict.toUpperCase();
  const startedAt = `${manifest.started_at.slice(0, 19).replace("T", " ")} UTC`;
  const title = spread(`imstorm  ${fitted(summary.scenario, 50)}  ${startedAt}`, verdict)
    .replace(new RegExp(`${verdict}$`), paint.bold(paint[BADGES[summary.verdict]](verdict)));
  const { scenario, workers, transport, seed } = manifest;
  const facts = [
    `target ${scenario.target.uri}`,
    `${workers} ${workers === 1 ? "worker" : "workers"}`,
    ...(transport === null ? [] : [udpOf(transport)]),
    `seed ${seed}`,
  ];
  return [
    title,
    paint.dim("─".repeat(REPORT_WIDTH)),
    ...reasonsOf(summary).flatMap((reason) => wrapped(reason, 2)),
    ...factLines(facts).map((line) => paint.dim(line)),
  ];
}

/** How datagrams moved; why, where that is not the best way there is. */
function udpOf({ implementation, reason }: NonNullable<Manifest["transport"]>): string {
  return implementation === "portable" ? `portable UDP (${reason})` : `${implementation} UDP`;
}

/** Facts with dots between them, broken after a dot only. */
function factLines(facts: readonly string[]): string[] {
  const whole = facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join("\u00a0· ");
  return wrapped(whole).map((line) => line.replaceAll("\u00a0", " "));
}

/** Why the verdict is what it is, the most important first. */
function reasonsOf(summary: Summary): string[] {
  const { thresholds, generator } = summary;
  const of = (status: ThresholdStatus): number => thresholds.filter((each) => each.status === status).length;
  const counts = ([["failed", of("failed")], ["waived", of("waived")]] as const)
    .filter(([, count]) => count > 0).map(([status, count]) => `${count} ${status}`);
  const judged = thresholds.length === 0
    ? "There are no thresholds"
    : `${[`${of("passed")} of ${thresholds.length} thresholds passed`, ...counts].join(", ")}`;
  const measurement = {
    valid: "the measurement is valid",
    floor: "the server's limit may lie higher",
    invalid: "the measurement is invalid",
  }[generator.validity];
  return [`${endedEarly(summary)}${judged}; ${measurement}.`, ...generator.reasons.map((reason) => `- ${reason}`)];
}

const SIGNS = { passed: "✓", failed: "✗", no_data: "?", waived: "~" } as const;

function thresholdsOf({ thresholds }: Summary, paint: Paint): string[] {
  if (thresholds.length === 0) return [];
  const rows = thresholds.map((each) => [
    `${SIGNS[each.status]} ${fitted(each.expression, 58)}`,
    showActual(each),
    showSamples({ ...each, waiver: undefined }),
  ]);
  const lines = table(rows).flatMap((line, i) => {
    const { status, waiver } = thresholds[i]!;
    const colour = { passed: paint.green, failed: paint.red, no_data: paint.red, waived: paint.yellow }[status];
    const signed = line.replace(/^ {2}[✓✗?~]/, (sign) => colour(sign));
    return waiver === undefined
      ? [signed]
      : [signed, ...wrapped(showWaiver(waiver), 0, REPORT_WIDTH - 4).map((each) => `    ${each}`)];
  });
  return [paint.bold("Thresholds"), ...lines];
}

function loadOf({ load, clients, messages, decisions }: Summary): string[] {
  const rate = (value: number | null): string => value === null ? "n/a" : showRate(value);
  const lines = [
    ["asked for", `${showCount(load.planned)} messages in ${showSeconds(load.planned_s)}`],
    ["became due", `${showCount(load.arrivals)}, of which ${showCount(messages.attempted)} counted after the warm-up`],
    ["attempted", rate(load.attempted_per_second)],
    ["delivered", `${rate(load.delivered_per_second)}, at most ${showCount(load.peak_delivered)} in one second`],
    [
      "clients",
      `${showCount(clients.configured)}, ${showCount(clients.registered)} registered, ${
        showCount(clients.failed)
      } failed`,
    ],
    ["decided", decisionsOf(decisions)],
  ];
  return lines.flatMap(([label, text]) => labelled(label!, text!));
}

function decisionsOf(decisions: Summary["decisions"]): string {
  const parts = [`${showCount(decisions.pager)} pager`, `${showCount(decisions.large)} large`];
  if (decisions.at_boundary > 0) parts.push(`${showCount(decisions.at_boundary)} at the boundary`);
  if (decisions.switched_after_auth > 0) {
    parts.push(`${showCount(decisions.switched_after_auth)} switched by credentials`);
  }
  return parts.join(", ");
}

/** Rows of the table of messages that are shown also where nothing was counted. */
const ALWAYS: ReadonlySet<MessageCount> = new Set(["attempted", "accepted_200", "delivered", "lost"]);
const BAD: ReadonlySet<MessageCount> = new Set([
  "rejected",
  "failed",
  "timed_out",
  "lost",
  "corrupted",
  "truncated",
  "misrouted",
]);

function messagesOf({ messages }: Summary, paint: Paint): string[] {
  const parts = ["attempted", ...SENDER_COUNTS, ...RECEIVER_COUNTS, ...BESIDE_COUNTS] as const;
  const shown = parts.filter((part) => ALWAYS.has(part) || messages[part] > 0);
  const total = messages.attempted;
  const rows = shown.map((part) => [
    part.replaceAll("_", " "),
    showCount(messages[part]),
    total === 0 ? "" : showShare(messages[part] / total),
    showCount(messages.pager[part]),
    showCount(messages.large[part]),
  ]);
  const delivered = [
    "content delivered",
    showOctets(messages.octets_delivered),
    "",
    showOctets(messages.pager.octets_delivered),
    showOctets(messages.large.octets_delivered),
  ];
  const [head, ...body] = table([["", "all", "share", "pager", "large"], ...rows, delivered]);
  const lines = body.map((line, i) => {
    const part = shown[i];
    return part !== undefined && BAD.has(part) && messages[part] > 0 ? paint.red(line) : line;
  });
  if (messages.unknown > 0) lines.push(`  ${showCount(messages.unknown)} arrivals that no attempt explains`);
  return [paint.dim(head!), ...lines];
}

/** Shown by response class only. */
const IN_PARTS: ReadonlySet<string> = new Set(["pager_response", "large_response"]);

function latenciesOf({ latency_us: latencies, refused_latencies: refused = {} }: Summary, paint: Paint): string[] {
  const notGiven = Object.entries(refused).map(([name, why]) => paint.red(`${name} is not given: ${why}`));
  const measured = Object.entries(latencies).filter(([name, { count }]) => count > 0 && !IN_PARTS.has(name));
  if (measured.length === 0) return notGiven;
  const rows = measured.map(([name, latency]) => latencyRow(name, latency));
  const [head, ...body] = table([
    ["", "count", "", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"],
    ...rows,
  ]);
  return [paint.dim(head!), ...body, ...notGiven];
}

function latencyRow(name: string, latency: LatencySummary): string[] {
  const unit = unitOf(latency.p50 ?? 0);
  const { min, mean, p50, p90, p95, p99, p999, max } = latency;
  const figures = [min, mean, p50, p90, p95, p99, p999, max].map((micros) => inUnit(micros ?? 0, unit));
  return [name, showCount(latency.count), unit.name, ...figures];
}

function sessionsOf({ sessions, session_timer: timer, audit }: Summary): string[] {
  if (sessions.invited === 0) return countsLine("audit", audit);
  return [...countsLine("sessions", sessions), ...countsLine("timers", timer), ...countsLine("audit", audit)];
}

/** A labelled list of counts that are not 0, over as many lines as it takes. */
function countsLine(label: string, counts: Readonly<Record<string, number>>, of = " "): string[] {
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([name, count]) => `${showCount(count)}${of}${name.replaceAll("_", " ")}`);
  return parts.length === 0 ? [] : labelled(label, parts.join(", "));
}

function responsesOf({ responses, retransmissions, timeouts, failures, violations, transport }: Summary): string[] {
  const byMethod = Object.entries(responses).flatMap(([method, counts]) => countsLine(method, counts, " × "));
  return [
    ...byMethod,
    ...countsLine("sent again", retransmissions, " × "),
    ...countsLine("no answer", timeouts, " × "),
    ...countsLine("failures", failures, " × "),
    ...countsLine("violations", violations, " × "),
    ...countsLine("over TCP", { "switched for size": transport.switched_to_tcp }),
  ];
}

function generatorOf({ generator }: Summary): string[] {
  const { schedule_lag_us: lag, cpu_share: cpu, cpu_share_peak: peak, loop_delay_max_us: delay } = generator;
  const lagText = lag.p99 === null || lag.max === null
    ? "not measured"
    : `p99 ${showMicros(lag.p99)}, max ${showMicros(lag.max)}`;
  const delayText = delay === null ? "" : `; event loop stood still for ${showMicros(delay)} at most`;
  const cpuText = cpu === null || peak === null
    ? "not measured"
    : `${showShare(cpu)} of a core on average, ${showShare(peak)} at most (busiest worker)`;
  return [
    ...labelled("schedule", `${lagText}${delayText}`),
    ...labelled("processor", cpuText),
    ...labelled("left out", leftOutOf(generator)),
    ...labelled("machine", machineOf(generator)),
    ...labelled("own error", ownErrorOf(generator)),
    ...generator.notes.flatMap((note) => labelled("note", note)),
  ];
}

function leftOutOf({ dropped_arrivals: arrivals, socket_drops: drops, send_buffer_full: full }: Generator): string {
  const dropped = drops === null
    ? "datagrams dropped by our kernel: unknown"
    : `${showCount(drops)} datagrams dropped by our kernel`;
  return `${showCount(arrivals)} messages not started, ${dropped}${
    full > 0 ? `, ${showCount(full)} refused by a full send buffer` : ""
  }`;
}

function machineOf({ descriptors, descriptor_limit: limit, steal }: Generator): string {
  const open = descriptors === null || limit === null ? "unknown" : `${showCount(descriptors)} of ${showCount(limit)}`;
  return `file descriptors ${open}; time taken by the host ${steal === null ? "unknown" : showShare(steal)}`;
}

function ownErrorOf({ calibration, clock }: Generator): string {
  const echo = calibration === null || calibration === undefined
    ? "not measured"
    : `p50 ${showMicros(calibration.p50_us)}, p99 ${showMicros(calibration.p99_us)}: ${
      showCount(calibration.echoes)
    } echoes over loopback before the run`;
  if (clock === null || clock === undefined) return echo;
  return `${echo}; clocks of threads within ${showMicros(Math.abs(clock.offset_us) + clock.error_us)}`;
}

type Generator = Summary["generator"];

function section(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : [paint.bold(title), ...lines];
}

/** The explanation of a scenario for people. */
import type { Millis } from "../clock/clock.ts";
import type { Mode } from "../im/mode.ts";
import type { Population } from "../scenario/population.ts";
import { formatDuration, formatRate, formatSize } from "../scenario/quantity.ts";
import { sourceCount } from "../scenario/source.ts";
import { refreshAfter } from "../ua/binding_life.ts";
import type { Explanation, LoadRow, PhaseRow } from "./explanation.ts";
import type { WorkerChoice } from "./worker_count.ts";

const BAR_WIDTH = 30;

/** The explanation for people, lines of at most 100 columns. */
export function explanationText(explanation: Explanation): string {
  const { scenario, plan, sampled, isCut, peakRate, peakPackets, ports, duration } = explanation;
  const { name, description, target, seed } = scenario;
  const lines = [
    description === "" ? name : `${name}: ${description}`,
    "",
    `target        ${target.uri} (domain ${target.domain}), seed ${seed}`,
    `takes         about ${formatDuration(duration)}, and up to ${
      formatDuration(scenario.limits.drain)
    } for the last outcomes`,
    `clients       ${plan.clients}`,
    ...scenario.populations.flatMap((population) => populationLines(population, duration)),
    `messages      ${messagesText(explanation)}`,
    ...explanation.phases.map(phaseText),
    "load",
    ...explanation.loads.map((row) => loadText(row, peakRate)),
    ...actionLines(explanation),
    `modes         ${isCut ? `of the first ${sampled} messages` : "by an estimate of the size of headers"}`,
    modeText("pager", explanation),
    modeText("large", explanation),
    "sizes         bytes of content",
    ...sizeLines(explanation),
    `peak          ${formatRate(peakRate)} messages, about ${peakPackets} packets a second`,
    ...workersText(explanation.workers),
    `ports         about ${ports.udp} UDP and ${ports.tcp} TCP`,
    `thresholds    ${scenario.thresholds.length === 0 ? "none" : ""}`.trimEnd(),
    ...scenario.thresholds.map((threshold) => `  ${threshold}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The reason may be long: it goes on in the next lines. */
function workersText({ count, reason, warning }: WorkerChoice): string[] {
  const rest = [reason, ...(warning === undefined ? [] : [`warning: ${warning}`])];
  return [`workers       ${count}`, ...rest.map((text) => `  ${text}`)];
}

function populationLines(population: Population, duration: Millis): string[] {
  const { name, clients, transport, register, messages } = population;
  const registration = register === false
    ? "not registering"
    : `registering at ${formatRate(register.rate)} in ${formatDuration((clients / register.rate) * 1000)}`;
  const line = `  ${name.padEnd(12)}${clients} over ${transport}, ${registration}, ${receiverText(messages?.to)}`;
  return [line, ...sourceLines(population), ...refreshLines(population, duration)];
}

/** Refreshes are a load of their own, where they come before the end. */
function refreshLines({ clients, register }: Population, duration: Millis): string[] {
  if (register === false || !register.refresh) return [];
  const every = refreshAfter(Math.round(register.expires / 1000));
  const isSpread = register.refreshSpread > 0;
  if (every * (1 - register.refreshSpread) >= duration) return [];
  // those that registered one after another are refreshed one after another, at the same rate
  const rate = isSpread ? `${formatRate((clients * 1000) / every)} on average` : `${formatRate(register.rate)} at most`;
  return [`              refreshing every ${formatDuration(every)}, ${rate}`];
}

/** Where its clients send from, in a line of its own. */
function sourceLines({ source, clients }: Population): string[] {
  if (source === undefined) return [];
  const { addresses = [], ports } = source;
  const count = Math.min(sourceCount(source), clients);
  const hosts = addresses.length > 2 ? [addresses[0], `${addresses.length - 1} more`] : addresses;
  const where = hosts.length === 0 ? "" : ` at ${hosts.join(" and ")}`;
  const each = hosts.length > 0 && ports > 1 ? `, ${ports} at each` : "";
  return [`              from ${count} ${count === 1 ? "port" : "ports"}${where}${each}`];
}

function receiverText(to: NonNullable<Population["messages"]>["to"] | undefined): string {
  if (to === undefined) return "only receiving";
  return "uri" in to ? `sending to ${to.uri}` : `sending to ${to.population} (${to.pick})`;
}

function messagesText({ messages, plan, phases }: Explanation): string {
  const about = phases.some(({ isEstimate }) => isEstimate) ? "about " : "";
  return `${about}${messages} in ${formatDuration(plan.duration)}`;
}

function phaseText(row: PhaseRow, index: number): string {
  const { start, duration, executor, arrivals, burst, vus, messages, uncounted, isEstimate } = row;
  const left = isEstimate ? `about ${messages}` : String(messages);
  const how = vus === 0 ? `${arrivals}${burst > 1 ? ` in bursts of ${burst}` : ""}` : `${vus} clients, ${executor}`;
  const warmup = uncounted === 0 ? "" : `, of which ${uncounted} are warm-up`;
  const stir = uncounted === Infinity ? ", none of which count" : warmup;
  const span = `${formatDuration(start)} to ${formatDuration(start + duration)}`;
  return `  ${`phase ${index}`.padEnd(12)}${span}: ${left}, ${how}${stir}`;
}

function loadText({ phase, at, duration, from, to, rate, isRate }: LoadRow, peak: number): string {
  const ends = isRate ? [formatRate(from), formatRate(to)] : [`${from}`, `${to} clients`];
  const change = from === to ? ends[1]! : ends.join(" to ");
  return `  ${`${phase}: ${formatDuration(at)}`.padEnd(14)}${formatDuration(duration).padEnd(10)}${change.padEnd(24)}${
    bar(rate / Math.max(peak, Number.MIN_VALUE))
  }`;
}

/** Actions that are no messages, with how many there are among those looked at. */
function actionLines({ actions }: Explanation): string[] {
  const entries = Object.entries(actions).filter(([, count]) => count > 0);
  if (entries.length === 0) return [];
  return ["actions", ...entries.map(([name, count]) => `  ${name.padEnd(12)}${count}`)];
}

function modeText(mode: Mode, { modes, sampled }: Explanation): string {
  const { messages, octets } = modes[mode];
  const share = sampled === 0 ? 0 : (messages / sampled) * 100;
  const mean = messages === 0 ? "" : `, mean ${formatSize(Math.round(octets / messages))}`;
  return `  ${mode.padEnd(12)}${messages} (${share.toFixed(1)}%)${mean}`;
}

function sizeLines({ sizes }: Explanation): string[] {
  const most = Math.max(1, ...sizes.map(({ pager, large }) => pager + large));
  return sizes.map(({ least, most: last, pager, large }) => {
    const range = `${least} to ${last}`.padEnd(22);
    return `  ${range}${`${pager} pager`.padEnd(16)}${`${large} large`.padEnd(16)}${bar((pager + large) / most)}`;
  });
}

function bar(share: number): string {
  return "#".repeat(Math.round(share * BAR_WIDTH) || (share > 0 ? 1 : 0));
}

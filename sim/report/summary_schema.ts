/** The format of `summary.json` as a schema: the published `results/summary.schema.json` is made from it. */
import { z } from "zod";
import { counterEntry, LATENCIES, MESSAGE_COUNTS } from "../metrics/catalogue.ts";
import { ratioEntry } from "../metrics/ratio.ts";
import { RESULTS_FORMAT } from "../results/run_record.ts";
import { rfc7501Schema } from "./rfc_schema.ts";
import { CLIENTS, DECISIONS, LATENCIES_SHOWN, SESSION_TIMER, SESSIONS, TRANSPORT } from "./summary_parts.ts";

const count = z.int().min(0);
const micros = z.int().nullable();
const share = z.number().nullable();

const latency = z.strictObject({
  count: count.describe("Values recorded."),
  min: micros.describe("Smallest; null without values, as all below."),
  mean: micros.describe("Arithmetic mean."),
  stdev: micros.describe("Standard deviation."),
  p50: micros.describe("Half of the values do not exceed it."),
  p90: micros.describe("90 % of the values do not exceed it."),
  p95: micros.describe("95 % of the values do not exceed it."),
  p99: micros.describe("99 % of the values do not exceed it."),
  p999: micros.describe("99.9 % of the values do not exceed it."),
  max: micros.describe("Largest."),
}).meta({ id: "latency", description: "A latency in whole microseconds." });

type Counts<Name extends string> = z.ZodObject<Record<Name, typeof count>, z.core.$strict>;

function counts<Name extends string>(scope: string, names: readonly Name[]): Counts<Name> {
  const meaning = (name: Name): string => sentence(counterEntry(`${scope}.${name}`)?.meaning ?? name);
  const fields = names.map((name) => [name, count.describe(meaning(name))] as const);
  return z.strictObject(Object.fromEntries(fields) as Record<Name, typeof count>);
}

function byName(what: string): z.ZodRecord<z.ZodString, typeof count> {
  return z.record(z.string(), count).describe(what);
}

const messageCounts = counts("messages", Object.keys(MESSAGE_COUNTS) as (keyof typeof MESSAGE_COUNTS)[]);
const ratio = (name: string): typeof share =>
  share.describe(
    `${sentence(ratioEntry(`rfc6076.${name}`)?.meaning ?? name)} As a share of 1; null when it is undefined.`,
  );
const latencyAs = (what: string): typeof latency => latency.describe(what);

const load = z.strictObject({
  planned: count.describe("Messages of the phases, warm-up included."),
  planned_s: z.number().describe("Length of the phases."),
  arrivals: count.describe("Of the planned messages, became due."),
  measured_s: z.number().describe("Seconds in which attempts count: without warm-up."),
  attempted_per_second: z.number().nullable().describe("Mean over the measured seconds."),
  delivered_per_second: z.number().nullable().describe("Mean over the measured seconds."),
  peak_delivered: count.describe("Most messages delivered in one second."),
});

const generator = z.strictObject({
  validity: z.enum(["valid", "floor", "invalid"]).describe(
    "valid: the figures are the server's; floor: its limit lies at or above them; invalid: they may be the generator's.",
  ),
  schedule_lag_us: latencyAs("Due until the generator started the message."),
  dropped_arrivals: count.describe("Messages never started, because too many were under way."),
  cpu_share: share.describe("Share of a core that the busiest worker used, mean over the seconds of load."),
  cpu_share_peak: share.describe("The most of it in one second."),
  socket_drops: count.nullable().describe(
    "Datagrams that our kernel dropped at our sockets; null where it is not known.",
  ),
  send_buffer_full: count.describe("Sends that waited or failed because a buffer of the kernel was full."),
  no_resources: count.describe("Connections not made or taken because no file descriptor or port of ours was left."),
  loop_delay_max_us: micros.describe("Longest time that an event loop stood still while messages were started."),
  descriptors: count.nullable().describe("Most open file descriptors of the process; null where it is not known."),
  descriptor_limit: count.nullable().describe("How many of them it may open; null where it is not known."),
  steal: share.describe(
    "Mean share of processor time that the host took from this machine; null where it is not known.",
  ),
  calibration: z.strictObject({
    implementation: z.string().describe("Of UDP."),
    echoes: count.describe("Round trips measured."),
    p50_us: z.int().describe("Half of them did not take longer."),
    p99_us: z.int().describe("99 % of them did not take longer."),
    max_us: z.int().describe("The longest."),
  }).nullable().describe(
    "The tool's own error, by echoes over the loopback interface before the run; null: not measured.",
  ),
  clock: z.strictObject({
    offset_us: z.number().describe("Largest difference."),
    error_us: z.number().describe("How far that may be wrong."),
  }).nullable().describe("Between the clocks of two threads; null: not measured."),
  notes: z.array(z.string()).describe("What people should know of the run and no figure says, one sentence each."),
  reasons: z.array(z.string()).describe("Why the measurement is not valid, one sentence each."),
});

const threshold = z.strictObject({
  expression: z.string().describe("As the scenario has it."),
  actual: z.number().nullable().describe(
    "In the unit of the metric: microseconds, a count, octets, per second or a share of 1; null without samples.",
  ),
  passed: z.boolean().describe("False without samples, and for a waived failure."),
  samples: count.describe("Values it was judged by."),
  status: z.enum(["passed", "failed", "no_data", "waived"]).describe("What became of it."),
  required_samples: count.optional().describe("Samples asked for, where more than one."),
  abort: z.literal(true).optional().describe("Whether a run that fails it ends."),
  after_s: z.number().optional().describe("Seconds of load after which it is judged."),
  windows: z.strictObject({
    length_s: z.number().describe("Length of a window."),
    judged: count.describe("Windows judged."),
    failed: count.describe("Of these, failed."),
    without_data: count.describe("Windows with load and too few samples."),
    first_failed_s: z.number().nullable().describe("End of the first window that failed, since the load began."),
  }).optional().describe("The windows of a threshold that has them."),
  waiver: z.strictObject({
    until: z.string().describe("Last day it lets a failure through, ISO 8601."),
    reason: z.string().describe("Why."),
    expired: z.boolean().describe("Whether the run began after that day."),
  }).optional().describe("Lets a failure through."),
});

const rfc6076 = z.strictObject({
  RRD_us: latencyAs("Registration request delay."),
  IRA: ratio("IRA"),
  SRD_us: latencyAs("Session request delay of successes."),
  SRD_failed_us: latencyAs("Session request delay of failures."),
  SDD_us: latencyAs("Session disconnect delay."),
  SDT_us: latencyAs("Session duration time."),
  SDT_failed_us: latencyAs("Session duration time of sessions whose BYE nobody answered."),
  SER: ratio("SER"),
  SEER: ratio("SEER"),
  ISA: ratio("ISA"),
  SCR: ratio("SCR"),
  excluded: z.record(z.string(), z.string()).describe("Measures that are not taken, and why."),
});

/** What `summary.json` holds; unknown fields are faults here, and to be ignored by readers. */
export const summarySchema = z.strictObject({
  format: z.int().min(RESULTS_FORMAT).max(RESULTS_FORMAT).describe("Version of the format."),
  scenario: z.string().describe("Name of the scenario."),
  verdict: z.enum(["passed", "failed", "invalid", "interrupted"]).describe("How the run is judged."),
  duration_s: z.number().describe("Length of the phases, or of what was run of them."),
  aborted_by: z.string().optional().describe("The threshold that ended the run before its time."),
  clients: counts("clients", CLIENTS).describe("Clients of all populations."),
  decisions: counts("decisions", DECISIONS).describe("Between pager and large mode."),
  load: load.describe("What was asked for and how much came of it."),
  messages: messageCounts.extend({
    unknown: count.describe("Arrivals that no message of the run explains."),
    pager: messageCounts.describe("Those sent as one MESSAGE."),
    large: messageCounts.describe("Those sent in a session with MSRP."),
  }).describe("What senders learned and what receivers saw of messages; each of the two adds up to attempted."),
  sessions: counts("sessions", SESSIONS).describe("Sessions, once each, at the calling side."),
  session_timer: counts("session_timer", SESSION_TIMER).describe("Session timers (RFC 4028)."),
  audit: byName("Findings of the audit of sessions, by name."),
  retransmissions: byName("Requests sent again by a transaction, by method."),
  responses: z.record(z.string(), z.record(z.string(), count)).describe("Final responses, by method and status."),
  requests: byName("New requests sent, by method."),
  timeouts: byName("Requests without a final response, by method."),
  failures: byName("Attempts and sessions that failed, by reason."),
  violations: byName("Rules that the peer broke in its responses, by rule."),
  transport: counts("transport", TRANSPORT).describe("The wire, warm-up included."),
  latency_us: z.strictObject(
    Object.fromEntries(
      LATENCIES_SHOWN.map((name) => [name, latencyAs(sentence(meaningOf(name)))]),
    ) as Record<(typeof LATENCIES_SHOWN)[number], typeof latency>,
  ).describe("Latencies, from the intended instant unless the name says otherwise."),
  latency_parts_us: z.record(z.string(), latency).describe("Latencies by transport, size, response class and phase."),
  refused_latencies: z.record(z.string(), z.string()).optional().describe(
    "Latencies that are not given, by name, and why: clocks that could not be compared.",
  ),
  rfc6076: rfc6076.describe("Measures by RFC 6076."),
  rfc7501: rfc7501Schema.describe("Set-up and rates as RFC 7501 names them."),
  generator: generator.describe("Whether the generator was the limit."),
  thresholds: z.array(threshold).describe("What became of each threshold, in the order of the scenario."),
});

/** What a file that follows the schema holds. */
export type PublishedSummary = z.output<typeof summarySchema>;

/** The JSON Schema of `summary.json` (draft 7); `strict`: with fields that it does not name as faults. */
export function summaryJsonSchema(strict = false): Readonly<Record<string, unknown>> {
  const made = z.toJSONSchema(summarySchema, { target: "draft-7", io: "output" });
  const { $schema, ...rest } = cleaned(made, strict) as Record<string, unknown>;
  return { $schema, title: "imstorm summary", ...rest };
}

/** The text of `results/summary.schema.json`. */
export function summarySchemaText(): string {
  return `${JSON.stringify(summaryJsonSchema(), undefined, 2)}\n`;
}

/** Without the bounds that every number has; unless `strict`, without what forbids fields that a later version adds. */
function cleaned(schema: unknown, strict: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((each) => cleaned(each, strict));
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key, value]) =>
    Math.abs(value) !== Number.MAX_SAFE_INTEGER && (strict || key !== "additionalProperties" || value !== false)
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, cleaned(value, strict)]));
}

function meaningOf(name: string): string {
  return LATENCIES.find((each) => each.name === name)?.meaning ?? name;
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

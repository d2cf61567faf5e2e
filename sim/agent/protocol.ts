/** What controllers and agents say to each other over HTTP: the schemas that check it and describe it. */
import { z } from "zod";
import { MOST_WORKERS } from "../load/worker_count.ts";

/** Largest body of a request from a controller, in octets: a scenario of the largest size, escaped in JSON. */
export const MAX_BODY = 4 * 1_048_576;

/** Where a run stands. */
export const RUN_STATES = [
  "preparing",
  "ready",
  "running",
  "paused",
  "draining",
  "done",
  "failed",
  "aborted",
] as const;

const micros = (meaning: string): z.ZodNumber => z.number().describe(`${meaning}, microseconds since the Unix epoch.`);
const runId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);
const count = z.int().min(0);

/** The part of a whole. */
export const shareSchema = z.strictObject({
  index: z.int().min(0).describe("This agent's number, from 0."),
  count: z.int().min(1).max(1000).describe("How many agents there are."),
}).describe("The part of users, arrivals and seeds that this agent takes: client k belongs to agent k mod count.");

const otherAgent = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("Where the agent listens, such as http://10.0.0.7:7070."),
  token: z.string().min(1).max(1000).describe("Its bearer token."),
});

/** Body of `POST /v1/runs`. */
export const runRequestSchema = z.strictObject({
  id: runId.optional().describe("Name of the run; default: made up. The same request twice makes one run."),
  version: z.string().optional().describe("Version of imstorm the controller expects; another one is refused."),
  scenario: z.union([z.string(), z.record(z.string(), z.unknown())])
    .describe("The scenario: a YAML or JSON text, or the object itself."),
  share: shareSchema.prefault({ index: 0, count: 1 }),
  workers: z.int().min(1).max(MOST_WORKERS).optional()
    .describe(
      "Worker threads of each agent; default: by the load and the cores of the lead, which the others need too.",
    ),
  seed: z.int().min(0).max(2 ** 32 - 1).optional().describe("Another seed than the scenario's."),
  target: z.string().optional().describe("Another target than the scenario's, such as sip:10.0.0.9:5060."),
  overrides: z.record(z.string(), z.unknown()).prefault({})
    .describe("Fields of the scenario to change, by path, such as populations.0.clients."),
  lead: z.strictObject({
    agents: z.array(otherAgent).max(999).describe("The other agents, in the order of their share: 1, 2 and so on."),
    max_clock_error_ms: z.number().positive().prefault(1)
      .describe("Deliveries across agents have no latency when clocks cannot be compared better; default 1 ms."),
  }).optional().describe("Makes this agent the lead: it makes, starts and ends the run on the others and adds it up."),
  led: z.boolean().prefault(false).describe("Set by the lead: orders come from it alone."),
  lease_s: z.number().min(1).max(3600).prefault(15)
    .describe("Without a request for so long the agent drains and stops by itself; default 15 s."),
});

/** Body of `POST /v1/runs/{id}/start`. */
export const startSchema = z.strictObject({
  at_us: micros("Start of the first phase; default: at once").optional(),
});

/** Body of `POST /v1/runs/{id}/rate`. */
export const rateSchema = z.strictObject({
  factor: z.number().min(0).max(1000).describe("The scenario's rates are multiplied by it from now on."),
});

/** Body of orders that say all by their name. */
export const emptySchema = z.strictObject({});

const runState = z.enum(RUN_STATES).describe("Where the run stands.");
const verdict = z.enum(["passed", "failed", "invalid", "interrupted"]);

const agentOfRun = z.object({
  index: count,
  url: z.string().nullable().describe("Null for the agent that answers."),
  state: runState,
  lost: z.string().nullable().describe("Why it counts as lost; null while it answers."),
  clock_offset_us: z.number().nullable().describe("Its clock minus the lead's."),
  clock_error_us: z.number().nullable().describe("How far that may be off."),
});

/** Answer to `GET /v1/runs/{id}`. */
export const runAnswerSchema = z.object({
  id: runId,
  state: runState,
  share: z.object({ index: count, count: z.int().min(1) }),
  scope: z.enum(["merged", "own"]).describe("merged: figures are those of all agents; own: of this one."),
  led: z.boolean().describe("Whether orders are taken from the lead alone."),
  workers: z.int().min(1).describe("Worker threads of each agent."),
  workers_reason: z.string().describe("Why so many."),
  phase: count.describe("Index of the phase under way."),
  elapsed_s: z.number().describe("Since the first phase began; 0 before."),
  lease_left_s: z.number().nullable().describe("Until the agent ends the run by itself; null when it is over."),
  reason: z.string().optional().describe("Why it ended as it did, or is about to."),
  verdict: verdict.optional().describe("Of a run that is over, where this agent has the whole of it."),
  results: z.string().optional().describe("Folder of the results on the agent's machine."),
  agents: z.array(agentOfRun).optional().describe("Of a lead: all agents of the run."),
});

/** Answer to `GET /v1/agent`. */
export const agentAnswerSchema = z.object({
  version: z.string(),
  state: z.enum(["idle", "busy"]).describe("busy: it has a run that is not over; another one is refused."),
  run: runAnswerSchema.optional().describe("The present run, or the last one."),
  now_us: micros("The agent's clock"),
  machine: z.record(z.string(), z.unknown()).describe("What it runs on."),
});

const latency = z.object({
  count,
  min: z.number().nullable(),
  mean: z.number().nullable(),
  stdev: z.number().nullable(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  p999: z.number().nullable(),
  max: z.number().nullable(),
}).describe("Microseconds.");

const numbers = z.record(z.string(), z.number());

/** Answer to `GET /v1/runs/{id}/snapshot`. */
export const snapshotAnswerSchema = z.object({
  id: runId,
  sequence: count.describe("Give it as `since` next time."),
  since: count.describe("The window begins after it; later than asked for when that is no longer kept."),
  state: runState,
  scope: z.enum(["merged", "own"]),
  phase: count,
  elapsed_s: z.number(),
  counters: numbers.describe("Since the run began."),
  deltas: numbers.describe("In the window."),
  window: z.record(z.string(), latency).describe("Latencies of the window."),
  total: z.record(z.string(), latency).describe("Latencies since the run began."),
  refused: z.record(z.string(), z.string()).describe("Latencies that are not given, and why."),
  health: z.object({
    valid: z.boolean().describe("Whether the figures are the server's, so far."),
    reasons: z.array(z.string()),
    gauges: numbers.describe("Latest values, workers and agents merged."),
  }),
  thresholds: z.array(z.object({
    expression: z.string(),
    actual: z.number().nullable(),
    passed: z.boolean().describe("False without samples."),
    samples: z.number(),
  })).optional().describe("The scenario's thresholds so far, where the agent has the whole run."),
});

/** Answer to `GET /v1/runs/{id}/histograms`. */
export const histogramsAnswerSchema = z.object({
  sequence: count,
  scope: z.enum(["merged", "own"]),
  histograms: z.record(z.string(), z.base64()).describe("HdrHistogram V2, uncompressed, in base64; microseconds."),
});

/** What is known of one message in the answer to a ledger query. */
const ledgerEntry = z.object({
  at_s: z.number().describe("Since the run began."),
  kind: z.string(),
  sequence: z.int().describe("Number of the arrival; -1 when no message is meant."),
  sender: z.int(),
  receiver: z.int(),
  mode: z.enum(["pager", "large"]).nullable(),
  detail: z.string(),
});

/** Answer to `GET /v1/runs/{id}/ledger`. */
export const ledgerAnswerSchema = z.object({
  outcome: z.string(),
  count: count.describe("Messages with that outcome so far."),
  entries: z.array(ledgerEntry).describe("The first of them, as many as are kept and asked for."),
});

/** Answer to `GET /v1/runs/{id}/evidence`. */
export const evidenceAnswerSchema = z.object({
  entries: z.array(ledgerEntry.extend({
    messages: z.array(z.object({ direction: z.enum(["sent", "received"]), at_s: z.number(), text: z.string() })),
  })),
});

/** Body of every refusal. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    faults: z.array(z.object({
      path: z.string(),
      what: z.string(),
      line: z.int().optional(),
      column: z.int().optional(),
    })).optional(),
  }),
});

/** A request for a run, as checked. */
export type RunRequest = z.output<typeof runRequestSchema>;
/** The same, as a controller writes it. */
export type RunRequestInput = z.input<typeof runRequestSchema>;
/** Where a run stands. */
export type RunStateName = (typeof RUN_STATES)[number];
/** What is told of a run. */
export type RunAnswer = z.output<typeof runAnswerSchema>;
/** What is told of an agent. */
export type AgentAnswer = z.output<typeof agentAnswerSchema>;
/** What is told of one agent of a run. */
export type AgentOfRun = z.output<typeof agentOfRun>;
/** What is told of a run's figures. */
export type SnapshotAnswer = z.output<typeof snapshotAnswerSchema>;
/** Answer to a ledger query. */
export type LedgerAnswer = z.output<typeof ledgerAnswerSchema>;
/** Failures with their messages. */
export type EvidenceAnswer = z.output<typeof evidenceAnswerSchema>;
/** Encodings that can be merged. */
export type HistogramsAnswer = z.output<typeof histogramsAnswerSchema>;

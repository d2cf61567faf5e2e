/** What the agent answers to: one entry a method and path, from which the router and the description are made. */
import type { z } from "zod";
import { sharedNow } from "../load/coordinator.ts";
import { RUN_FILES } from "../results/files.ts";
import type { Agent } from "./agent.ts";
import type { AgentRun } from "./agent_run.ts";
import { evidenceAnswer, histogramsAnswer, ledgerAnswer, runAnswer, snapshotAnswer } from "./answers.ts";
import type { OrderName } from "./life.ts";
import {
  agentAnswerSchema,
  emptySchema,
  evidenceAnswerSchema,
  histogramsAnswerSchema,
  ledgerAnswerSchema,
  rateSchema,
  runAnswerSchema,
  runRequestSchema,
  snapshotAnswerSchema,
  startSchema,
} from "./protocol.ts";
import { Refusal, type RefusalCode } from "./refusal.ts";

/** A request as a route sees it. */
export interface Call {
  /** Parameters of the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Checked by the route's schema. */
  readonly body: unknown;
}

/** An answer: JSON, octets of a media type, or a refusal. */
export type Reply =
  | { readonly status: 200 | 201; readonly json: unknown }
  | { readonly status: 200; readonly octets: ReadableStream<Uint8Array>; readonly type: string }
  | Refusal;

/** A parameter of a query. */
export interface QueryParameter {
  readonly name: string;
  readonly type: "integer" | "string";
  readonly meaning: string;
}

/** One method of one path. */
export interface Route {
  readonly method: "GET" | "POST";
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly query?: readonly QueryParameter[];
  readonly body?: z.ZodType;
  /** Schema of the answer; absent where it is no JSON of ours. */
  readonly answer?: z.ZodType;
  /** Media types of an answer without a schema. */
  readonly types?: readonly string[];
  readonly status: 200 | 201;
  /** Besides those every route has. */
  readonly refusals: readonly RefusalCode[];
  handle(agent: Agent, call: Call): Reply | Promise<Reply>;
}

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  xml: "application/xml",
  html: "text/html; charset=utf-8",
  msgpack: "application/vnd.msgpack",
};

/** All routes but the description itself and the stream of events. */
export const ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/agent",
    id: "describeAgent",
    summary: "What the agent is, and its present or last run.",
    answer: agentAnswerSchema,
    status: 200,
    refusals: [],
    handle: (agent) => ({ status: 200, json: agent.describe() }),
  },
  {
    method: "POST",
    path: "/v1/runs",
    id: "createRun",
    summary: "Makes a run and registers its clients; it is ready when they are.",
    body: runRequestSchema,
    answer: runAnswerSchema,
    status: 201,
    refusals: [
      "invalid_scenario",
      "share_out_of_range",
      "target_not_allowed",
      "target_unknown",
      "busy",
      "version_mismatch",
      "agents_unreachable",
      "cannot_write",
    ],
    async handle(agent, { body }) {
      const made = await agent.create(runRequestSchema.parse(body));
      return made instanceof Refusal ? made : { status: 201, json: runAnswer(made, sharedNow()) };
    },
  },
  {
    method: "GET",
    path: "/v1/runs/{id}",
    id: "describeRun",
    summary: "Where a run stands.",
    answer: runAnswerSchema,
    status: 200,
    refusals: ["not_found"],
    handle: (agent, call) => withRun(agent, call, (run) => runAnswer(run, sharedNow())),
  },
  {
    ...orderRoute("start", "Starts the first phase, at once or at an instant.", startSchema, (run, body) => {
      const { at_us } = startSchema.parse(body);
      return run.start(at_us === undefined ? undefined : at_us / 1000);
    }),
    refusals: ["not_found", "wrong_state", "led", "start_in_the_past"],
  },
  orderRoute(
    "rate",
    "Changes the rates while the run runs.",
    rateSchema,
    (run, body) => run.order("rate", { kind: "pace", factor: rateSchema.parse(body).factor }),
  ),
  orderRoute("pause", "No arrivals until it is resumed.", emptySchema, (run) => run.order("pause", { kind: "pause" })),
  orderRoute("resume", "Goes on after a pause.", emptySchema, (run) => run.order("resume", { kind: "resume" })),
  orderRoute(
    "drain",
    "No more arrivals; the run ends when nothing is under way, and counts as complete.",
    emptySchema,
    (run) => run.order("drain", { kind: "drain" }),
  ),
  orderRoute(
    "stop",
    "Ends the run now: sessions and bindings are released, and it counts as interrupted.",
    emptySchema,
    (run) => run.order("stop", { kind: "stop" }),
  ),
  orderRoute("heartbeat", "Renews the lease, as every other request about the run does.", emptySchema, () => undefined),
  {
    method: "GET",
    path: "/v1/runs/{id}/snapshot",
    id: "snapshot",
    summary: "Counters, latencies and health, in all and since an earlier snapshot.",
    query: [{ name: "since", type: "integer", meaning: "Sequence number of the earlier snapshot; default 0." }],
    answer: snapshotAnswerSchema,
    status: 200,
    refusals: ["not_found"],
    handle: (agent, call) => withRun(agent, call, (run) => snapshotAnswer(run, wholeOf(call.query.since, 0))),
  },
  {
    method: "GET",
    path: "/v1/runs/{id}/histograms",
    id: "histograms",
    summary: "Latencies so far as HdrHistogram encodings, which can be merged exactly.",
    answer: histogramsAnswerSchema,
    status: 200,
    refusals: ["not_found"],
    handle: (agent, call) => withRun(agent, call, histogramsAnswer),
  },
  {
    method: "GET",
    path: "/v1/runs/{id}/ledger",
    id: "ledger",
    summary: "Messages of one outcome, such as lost: how many, and the first of them.",
    query: [
      { name: "outcome", type: "string", meaning: "As summary.json names it; default lost." },
      { name: "limit", type: "integer", meaning: "Most entries given; default 100." },
    ],
    answer: ledgerAnswerSchema,
    status: 200,
    refusals: ["not_found"],
    handle: (agent, call) =>
      withRun(agent, call, (run) => ledgerAnswer(run, call.query.outcome ?? "lost", wholeOf(call.query.limit, 100))),
  },
  {
    method: "GET",
    path: "/v1/runs/{id}/evidence",
    id: "evidence",
    summary: "Failures with their SIP and MSRP messages.",
    answer: evidenceAnswerSchema,
    status: 200,
    refusals: ["not_found"],
    handle: (agent, call) => withRun(agent, call, evidenceAnswer),
  },
  resultsRoute("/v1/runs/{id}/results", "results", "The summary of a run that is over.", ["application/json"]),
  resultsRoute(
    "/v1/runs/{id}/results/{file}",
    "resultsFile",
    "A file of the results folder, such as series.msgpack.",
    Object.values(TYPES),
  ),
];

function orderRoute(
  name: OrderName | "heartbeat",
  summary: string,
  body: z.ZodType,
  order: (run: AgentRun, body: unknown) => Refusal | undefined,
): Route {
  return {
    method: "POST",
    path: `/v1/runs/{id}/${name}`,
    id: `${name}Run`,
    summary,
    body,
    answer: runAnswerSchema,
    status: 200,
    refusals: ["not_found", "wrong_state", "led"],
    handle(agent, call) {
      const run = agent.find(call.path.id!);
      if (run instanceof Refusal) return run;
      if (run.request.led && !run.life.isOver()) return new Refusal("led", "The lead of this run gives its orders");
      run.lease.renew(sharedNow());
      return order(run, call.body) ?? { status: 200, json: runAnswer(run, sharedNow()) };
    },
  };
}

function resultsRoute(path: string, id: string, summary: string, types: readonly string[]): Route {
  return {
    method: "GET",
    path,
    id,
    summary,
    types,
    status: 200,
    refusals: ["not_found"],
    async handle(agent, call) {
      const run = agent.find(call.path.id!);
      if (run instanceof Refusal) return run;
      if (!run.request.led) run.lease.renew(sharedNow());
      const file = call.path.file ?? RUN_FILES.summary;
      const octets = await run.record?.read(file);
      if (octets !== undefined) return { status: 200, octets, type: TYPES[file.split(".").at(-1)!] ?? TYPES.msgpack! };
      const why = run.record === undefined ? "the lead keeps the results" : `${file} does not exist, or not yet`;
      return new Refusal("not_found", `Cannot give ${file}: ${why}`);
    },
  };
}

/** An answer about a run; asking renews the lease, except of a led agent, which lives by its lead. */
function withRun(agent: Agent, { path }: Call, answer: (run: AgentRun) => unknown): Reply {
  const run = agent.find(path.id!);
  if (run instanceof Refusal) return run;
  if (!run.request.led) run.lease.renew(sharedNow());
  return { status: 200, json: answer(run) };
}

function wholeOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
}

/** The OpenAPI 3.1 description of the agent, made of the routes and their schemas. */
import { z } from "zod";
import { IMSTORM_VERSION } from "../results/run_record.ts";
import { EVENTS_ROUTE, EXCHANGE_ROUTE } from "./further_routes.ts";
import { errorSchema } from "./protocol.ts";
import { Refusal, type RefusalCode } from "./refusal.ts";
import { type Route, ROUTES } from "./routes.ts";

/** Refusals that any request may get, and those of requests with a body. */
const ALWAYS: readonly RefusalCode[] = ["unauthorized", "internal"];
const WITH_BODY: readonly RefusalCode[] = ["bad_json", "invalid_body", "too_large"];

type Json = Record<string, unknown>;

/** The description as it is served at `/openapi.json`. */
export function openApi(): Json {
  const paths: Record<string, Json> = {};
  for (const route of [...ROUTES, EVENTS_ROUTE, EXCHANGE_ROUTE]) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "imstorm agent",
      version: IMSTORM_VERSION,
      description: "Runs a share of a load of SIP messaging, as a controller asks.",
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Error: schemaOf(errorSchema, "output") },
    },
  };
}

function operationOf(route: Route): Json {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = (route.query ?? []).map(({ name, type, meaning }) => ({
    name,
    in: "query",
    description: meaning,
    schema: { type },
  }));
  return {
    operationId: route.id,
    summary: route.summary,
    parameters: [...inPath, ...inQuery],
    ...(route === EXCHANGE_ROUTE ? { requestBody: { content: contentOf(route) } } : {}),
    ...(route.body === undefined ? {} : {
      requestBody: { content: { "application/json": { schema: schemaOf(route.body, "input") } } },
    }),
    responses: { [route.status]: { description: route.summary, content: contentOf(route) }, ...refusalsOf(route) },
  };
}

function contentOf({ answer, types }: Route): Json {
  if (answer !== undefined) return { "application/json": { schema: schemaOf(answer, "output") } };
  return Object.fromEntries((types ?? []).map((type) => [type.split(";")[0], {}]));
}

/** Refusals by status, the codes of one status named in its description. */
function refusalsOf(route: Route): Json {
  const codes = [...route.refusals, ...ALWAYS, ...(route.body === undefined ? [] : WITH_BODY)];
  const byStatus: Record<string, Json> = {};
  for (const status of new Set(codes.map((code) => new Refusal(code, "").status()))) {
    const named = codes.filter((code) => new Refusal(code, "").status() === status);
    byStatus[status] = {
      description: named.join(", "),
      content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
    };
  }
  return byStatus;
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return json;
}

/** The agent over HTTP: tokens, sizes, JSON; everything else is in the routes. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { streamSSE } from "hono/streaming";
import type { z } from "zod";
import { concatenate } from "../bytes/concatenate.ts";
import { sharedNow } from "../load/coordinator.ts";
import type { Agent } from "./agent.ts";
import { EventSource } from "./events.ts";
import { EVENTS_ROUTE, EXCHANGE_ROUTE } from "./further_routes.ts";
import { MAX_EXCHANGE } from "./exchange.ts";
import { openApi } from "./openapi.ts";
import { MAX_BODY } from "./protocol.ts";
import { Refusal, type RequestFault } from "./refusal.ts";
import { type Reply, type Route, ROUTES } from "./routes.ts";
import { isAuthorized } from "./token.ts";

/** Milliseconds between two events of a stream. */
const EVENT_EVERY = 1000;

/** How the agent listens. */
export interface ListenOptions {
  readonly hostname: string;
  /** 0 for any. */
  readonly port: number;
  readonly token: string;
  /** PEM texts, for https. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Told what went wrong within the agent. */
  readonly onFailure: (what: string) => void;
}

/** A listening agent. */
export interface AgentServer {
  /** Such as `http://127.0.0.1:7070`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens until closed. */
export function serveAgent(agent: Agent, options: ListenOptions): AgentServer {
  const app = appOf(agent, options);
  const closing = new AbortController();
  const server = Deno.serve({
    hostname: options.hostname,
    port: options.port,
    signal: closing.signal,
    ...(options.tls ?? {}),
    onListen: () => {},
  }, (request) => app.fetch(request));
  const { hostname, port } = server.addr;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `${options.tls === undefined ? "http" : "https"}://${host}:${port}`,
    async close() {
      closing.abort();
      await server.finished;
    },
  };
}

function appOf(agent: Agent, { token, onFailure }: ListenOptions): Hono {
  const app = new Hono();
  app.use(authorized(token));
  app.get("/openapi.json", (context) => context.json(openApi()));
  app.get(honoPath(EVENTS_ROUTE), (context) => events(agent, context));
  app.post(honoPath(EXCHANGE_ROUTE), (context) => exchange(agent, context));
  for (const route of ROUTES) {
    app.on(route.method, honoPath(route), async (context) => {
      const body = route.body === undefined ? undefined : await bodyOf(context, route.body);
      if (body instanceof Refusal) return refused(body);
      return toResponse(await route.handle(agent, { path: context.req.param(), query: context.req.query(), body }));
    });
  }
  app.notFound((context) => refused(new Refusal("not_found", `There is nothing at ${context.req.path}`)));
  app.onError((error) => {
    onFailure(error.stack ?? error.message);
    return refused(new Refusal("internal", "The agent failed; its standard error says more"));
  });
  return app;
}

function authorized(token: string): MiddlewareHandler {
  return async (context, next) => {
    if (isAuthorized(context.req.header("authorization"), token)) return await next();
    const response = refused(new Refusal("unauthorized", "The token is missing or wrong"));
    response.headers.set("www-authenticate", "Bearer");
    return response;
  };
}

/** The checked body of a request; nothing stands for an object without fields. */
async function bodyOf(context: Context, schema: z.ZodType): Promise<unknown> {
  const octets = await limited(context.req.raw, MAX_BODY);
  if (octets instanceof Refusal) return octets;
  let value: unknown;
  try {
    value = octets.length === 0 ? {} : JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(octets));
  } catch (error) {
    return new Refusal("bad_json", `The body is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const checked = schema.safeParse(value);
  if (checked.success) return value;
  const faults = checked.error.issues.map(({ path, message }): RequestFault => ({
    path: path.join("."),
    what: message,
  }));
  return new Refusal("invalid_body", "The body is not as described in /openapi.json", faults);
}

/** The octets of a body, read no further than a limit. */
export async function limited(request: Request, limit: number): Promise<Uint8Array | Refusal> {
  const tooLarge = new Refusal("too_large", `The body is larger than ${limit} octets`);
  if (Number(request.headers.get("content-length") ?? 0) > limit) return tooLarge;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    if (size > limit) return tooLarge;
    parts.push(part);
  }
  return concatenate(parts);
}

function events(agent: Agent, context: Context): Response | Promise<Response> {
  const run = agent.find(context.req.param("id") ?? "");
  if (run instanceof Refusal) return refused(run);
  const source = new EventSource(run);
  return streamSSE(context, async (stream) => {
    while (!stream.aborted) {
      const isOver = source.isOver();
      for (const { event, data } of source.take()) await stream.writeSSE({ event, data: JSON.stringify(data) });
      if (isOver) return;
      await stream.sleep(EVENT_EVERY);
    }
  });
}

async function exchange(agent: Agent, context: Context): Promise<Response> {
  const receivedAt = sharedNow();
  const octets = await limited(context.req.raw, MAX_EXCHANGE);
  if (octets instanceof Refusal) return refused(octets);
  const answer = agent.exchange(context.req.param("id") ?? "", octets, receivedAt);
  if (answer instanceof Refusal) return refused(answer);
  return new Response(answer, { headers: { "content-type": "application/vnd.msgpack" } });
}

function toResponse(reply: Reply): Response {
  if (reply instanceof Refusal) return refused(reply);
  if ("octets" in reply) return new Response(reply.octets, { headers: { "content-type": reply.type } });
  return Response.json(reply.json, { status: reply.status });
}

function refused(refusal: Refusal): Response {
  const { code, message, faults } = refusal;
  const error = { code, message, ...(faults.length === 0 ? {} : { faults }) };
  return Response.json({ error }, { status: refusal.status() });
}

function honoPath({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

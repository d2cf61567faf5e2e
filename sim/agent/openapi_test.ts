import { assert, assertEquals } from "@std/assert";
import { EVENTS_ROUTE, EXCHANGE_ROUTE } from "./further_routes.ts";
import { openApi } from "./openapi.ts";
import { ROUTES } from "./routes.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

const DESCRIPTION = openApi() as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

Deno.test("openApi describes every route with its parameters, its body and its refusals", () => {
  const names = new Set<string>();
  for (const route of [...ROUTES, EVENTS_ROUTE, EXCHANGE_ROUTE]) {
    const operation = DESCRIPTION.paths[route.path]?.[route.method.toLowerCase()];
    assert(operation !== undefined, route.path);
    names.add(operation.operationId);
    const inPath = operation.parameters.filter((each) => each.in === "path").map(({ name }) => `{${name}}`);
    assertEquals(inPath, [...route.path.matchAll(/\{\w+\}/g)].map(([name]) => name));
    assertEquals(operation.requestBody !== undefined, route.body !== undefined || route === EXCHANGE_ROUTE);
    assert(operation.responses["401"] !== undefined && operation.responses[route.status] !== undefined);
  }
  assertEquals(names.size, ROUTES.length + 2, "operations have names of their own");
});

Deno.test("openApi is plain JSON without references that lead nowhere", () => {
  const text = JSON.stringify(DESCRIPTION);
  assertEquals(JSON.parse(text), DESCRIPTION);
  const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target));
  assertEquals(references, new Set(["#/components/schemas/Error"]));
});

/** The scenario format as JSON Schema, for editors and for hints. */
import { z } from "zod";
import type { FieldPath } from "./fault.ts";
import { scenarioSchema } from "./scenario.ts";

/** A JSON Schema of draft 7, as far as it is looked into here. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/** The schema of scenario files (draft 7, which editors read). */
export function scenarioJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(scenarioSchema, { target: "draft-7", io: "input" }) as JsonSchema;
  const { $schema, ...rest } = schema;
  return { $schema, title: "imstorm scenario", ...rest };
}

/** The text of `scenarios/scenario.schema.json`. */
export function scenarioSchemaText(): string {
  return `${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`;
}

/** Names of the fields which the schema has at a place, for all its forms. */
export function fieldNames(schema: JsonSchema, path: FieldPath): readonly string[] {
  let forms = formsOf(schema);
  for (const part of path) {
    forms = forms.flatMap(({ properties, items }) => {
      const inner = typeof part === "string" ? properties?.[part] : Array.isArray(items) ? items[part] : items;
      return inner === undefined ? [] : formsOf(inner as JsonSchema);
    });
  }
  return [...new Set(forms.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

function formsOf(schema: JsonSchema): JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []).flatMap(formsOf), ...(schema.oneOf ?? []).flatMap(formsOf)];
}

import { assert, assertEquals } from "@std/assert";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { fieldNames, scenarioJsonSchema, scenarioSchemaText } from "./json_schema.ts";
import { isFaults, parseScenario, readScenario } from "./read.ts";

const FOLDER = new URL("../../scenarios/", import.meta.url);

const SOUND = `name: sound
target: {uri: embedded, embedded: {loss: 5%, refuse: {share: 0.1}}}
populations:
  - name: a
    clients: 2
    register: false
    msrp: {chunking: 2KiB}
    messages: {size: [{weight: 2, total: [1299]}, {lognormal: {median: 100, p99: 1KiB}}], to: {uri: "sip:bob@ims.example"}}
phases:
  - {executor: ramping-arrival-rate, stages: [{target: 5/s, duration: 1s}]}
`;

/** Replacements which make the sound scenario unsound in the eyes of both schemas. */
const UNSOUND: readonly (readonly [string, string])[] = [
  ["name: sound\n", ""],
  ["loss: 5%", "loss: 5"],
  ["clients: 2", "clients: 0"],
  ["clients: 2", "clients: 2\n    colour: red"],
  ["register: false", "register: true"],
  ["chunking: 2KiB", "chunking: half"],
  ["total: [1299]", "total: [1299], constant: 5"],
  ["{weight: 2, total: [1299]}", "{weight: 2}"],
  ["target: 5/s", "target: 5"],
  ["ramping-arrival-rate", "constant-vus"],
  ["embedded: {loss", "embeded: {loss"],
];

Deno.test("the JSON Schema is one that validators and editors read, and agrees with the code", () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(scenarioJsonSchema());
  const agree = (text: string, isSound: boolean) => {
    assertEquals(validate(parse(text)), isSound, `${text}\n${JSON.stringify(validate.errors)}`);
    assertEquals(!isFaults(parseScenario(text, "x.yaml")), isSound, text);
  };
  agree(SOUND, true);
  for (const [from, to] of UNSOUND) {
    assert(SOUND.includes(from), from);
    agree(SOUND.replace(from, to), false);
  }
});

Deno.test("the published schema is that of the code: deno run -A sim/tools/scenario_schema.ts", () => {
  assertEquals(Deno.readTextFileSync(new URL("scenario.schema.json", FOLDER)), scenarioSchemaText());
});

Deno.test("every field of the published schema has a description", () => {
  const missing: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties } = schema as { properties?: Record<string, true | { description?: string }> };
    for (const [name, field] of Object.entries(properties ?? {})) {
      if (field !== true && field.description === undefined) missing.push(`${path}.${name}`);
    }
    for (const [key, inner] of Object.entries(schema)) walk(inner, `${path}.${key}`);
  };
  walk(scenarioJsonSchema(), "");
  assertEquals(missing, []);
});

Deno.test("every scenario is sound, by the reader and by the published schema, and names the schema to editors", () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(scenarioJsonSchema());
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => name.endsWith(".yaml"));
  assert(names.length >= 6);
  for (const name of names) {
    const text = Deno.readTextFileSync(new URL(name, FOLDER));
    const scenario = readScenario(new URL(name, FOLDER).pathname);
    assertEquals(`${scenario.name}.yaml`, name);
    assert(scenario.thresholds.length > 0, name);
    assert(text.startsWith("# yaml-language-server: $schema=./scenario.schema.json\n"), name);
    assert(validate(parse(text)), `${name}: ${JSON.stringify(validate.errors)}`);
  }
});

Deno.test("fieldNames finds the fields of a place in all its forms", () => {
  const schema = scenarioJsonSchema();
  assertEquals(fieldNames(schema, ["target"]), ["uri", "domain", "hosts", "embedded"]);
  assertEquals(fieldNames(schema, ["populations", 3, "messages", "to"]), ["population", "pick", "contacts", "uri"]);
  assert(fieldNames(schema, ["populations", 0, "messages", "size", 1]).includes("lognormal"));
  assert(fieldNames(schema, ["phases", 0]).includes("stages"));
  assertEquals(fieldNames(schema, ["name", "x"]), []);
});

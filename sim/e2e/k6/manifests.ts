/**
 * Checks Kubernetes manifests against the schemas of their makers, from the Go module proxy: the OpenAPI description of
 * k8s.io/kubernetes itself, and the CRD of github.com/grafana/k6-operator. Unknown fields are
 * faults, as `kubectl apply --validate=strict` has it.
 */
import { Ajv, type ValidateFunction } from "ajv";
import { parseAllDocuments } from "yaml";
import { runToEnd } from "../peers/child.ts";

/** A manifest: what any of them has, and the rest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // deno-lint-ignore no-explicit-any -- any shape of Kubernetes; the schemas judge it
  readonly [field: string]: any;
}

interface Schema {
  [keyword: string]: unknown;
  properties?: Record<string, Schema>;
}

const KUBERNETES = { module: "k8s.io/kubernetes", version: "v1.34.0", file: "api/openapi-spec/swagger.json" };
const OPERATOR = {
  module: "github.com/grafana/k6-operator",
  version: "v1.5.0",
  file: "config/crd/bases/k6.io_testruns.yaml",
};
const DEFINITIONS = "#/definitions/";

/** The documents of a YAML file. */
export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new SyntaxError(document.errors[0]!.message);
    return document.toJS() as Manifest;
  });
}

/** The schemas of all kinds. */
export class ManifestSchemas {
  readonly #ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  readonly #validators = new Map<string, ValidateFunction>();

  private constructor() {}

  /** Fetches the modules into Go's cache and reads them; throws with Go's words when it cannot. */
  static async load(): Promise<ManifestSchemas> {
    const schemas = new ManifestSchemas();
    const { definitions } = JSON.parse(await fileOf(KUBERNETES)) as { definitions: Record<string, Schema> };
    for (const definition of Object.values(definitions)) close(definition);
    allowBoth(definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]!, ["integer", "string"]);
    allowBoth(definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"]!, ["number", "string"]);
    schemas.#ajv.addSchema({ $id: "kubernetes", definitions });
    for (const [name, definition] of Object.entries(definitions)) {
      const kinds = definition["x-kubernetes-group-version-kind"] as
        | { group: string; version: string; kind: string }[]
        | undefined;
      if (kinds?.length !== 1 || definition.properties?.kind === undefined) continue;
      const { group, version, kind } = kinds[0]!;
      const key = `${group === "" ? "" : `${group}/`}${version} ${kind}`;
      schemas.#validators.set(key, schemas.#ajv.compile({ $ref: `kubernetes${DEFINITIONS}${name}` }));
    }
    const [crd] = readManifests(await fileOf(OPERATOR));
    for (const { name, schema } of crd!.spec.versions) {
      close(schema.openAPIV3Schema);
      schema.openAPIV3Schema.properties.metadata = { $ref: `kubernetes${DEFINITIONS}${METADATA}` };
      schemas.#validators.set(
        `${crd!.spec.group}/${name} ${crd!.spec.names.kind}`,
        schemas.#ajv.compile(schema.openAPIV3Schema),
      );
    }
    return schemas;
  }

  /** One sentence a fault, `path: what`. */
  faultsOf(manifest: Manifest): string[] {
    const validate = this.#validators.get(`${manifest.apiVersion} ${manifest.kind}`);
    if (validate === undefined) return [`Cannot find a schema of ${manifest.apiVersion} ${manifest.kind}`];
    if (validate(manifest)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath}: ${message}${"additionalProperty" in params ? ` ${params.additionalProperty}` : ""}`
    );
  }
}

const METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** A file of a module, which Go fetches when it has not; the version is checked by Go's checksum database. */
async function fileOf({ module, version, file }: typeof KUBERNETES): Promise<string> {
  const { code, output, errors } = await runToEnd("go", ["mod", "download", "-json", `${module}@${version}`], 120_000, {
    folder: "/tmp",
  });
  if (code !== 0) throw new Error(`Cannot fetch ${module} ${version}: ${errors}${output}`);
  return await Deno.readTextFile(`${JSON.parse(output).Dir}/${file}`);
}

/** Makes fields that a schema does not name a fault, where it names some and does not let others in. */
function close(schema: unknown): void {
  if (typeof schema !== "object" || schema === null) return;
  const own = schema as Schema;
  if (own["x-kubernetes-int-or-string"] === true) allowBoth(own, ["integer", "string"]);
  const isOpen = own["x-kubernetes-preserve-unknown-fields"] === true || own.additionalProperties !== undefined;
  if (own.properties !== undefined && !isOpen) own.additionalProperties = false;
  for (const [keyword, part] of Object.entries(own)) {
    // below `properties` stand names of fields, not keywords
    if (keyword === "properties") { for (const each of Object.values(part as Record<string, unknown>)) close(each); }
    else if (keyword === "items" || keyword === "additionalProperties") close(part);
  }
}

function allowBoth(schema: Schema, types: readonly string[]): void {
  delete schema.anyOf;
  schema.type = types;
}

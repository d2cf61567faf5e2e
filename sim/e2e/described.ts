/** Answers of a real agent against its own description. */
import { Ajv, type ValidateFunction } from "ajv";

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: unknown }>> }>>;
}

interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: unknown;
}

/** Judges answers by what `/openapi.json` says of them. */
export class Described {
  readonly description: Description;
  /** Operations and statuses that were seen, such as `POST /v1/runs 201`. */
  readonly seen: Set<string> = new Set();
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #validators: Map<string, ValidateFunction> = new Map();

  /** Of an agent's own words. */
  constructor(description: Description) {
    this.description = description;
  }

  /** Throws when an answer is not as described. */
  judge(method: string, path: string, status: number, type: string, body: unknown): void {
    const route = Object.keys(this.description.paths).find((each) =>
      new RegExp(`^${each.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path)
    );
    const operation = route === undefined ? undefined : this.description.paths[route]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`${method} ${path} is not described`);
    const described = operation.responses[status];
    if (described === undefined) throw new Error(`${method} ${path}: ${status} is not described`);
    const media = described.content?.[type];
    if (media === undefined) throw new Error(`${method} ${path}: ${status} as ${type} is not described`);
    this.seen.add(`${method} ${route} ${status}`);
    if (media.schema === undefined) return;
    const validate = this.#validator(`${method} ${route} ${status}`, media.schema);
    if (!validate(body)) throw new Error(`${method} ${path}: ${this.#ajv.errorsText(validate.errors)}`);
  }

  #validator(name: string, schema: unknown): ValidateFunction {
    let validate = this.#validators.get(name);
    if (validate === undefined) {
      validate = this.#ajv.compile({ ...schema as object, components: this.description.components });
      this.#validators.set(name, validate);
    }
    return validate;
  }
}

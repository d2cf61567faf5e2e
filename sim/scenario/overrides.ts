/** Values which options of the command line put in the place of those of the file. */
import { parseValue } from "./document.ts";
import type { FieldPath, ScenarioFault } from "./fault.ts";

/** What the command line changes in a scenario. */
export interface ScenarioOptions {
  /** `--target`: URI of the target, or `embedded`; the file's settings of the embedded target go when it is not. */
  readonly target?: string | undefined;
  /** `--seed`. */
  readonly seed?: number | undefined;
  /** `--set`: `path=value`, such as `populations.0.clients=50` or `populations.phones.messages.size=2KiB`. */
  readonly set?: readonly string[] | undefined;
}

/** A value that did not come from the file. */
export interface Override {
  readonly path: FieldPath;
  /** The option, as people wrote it. */
  readonly origin: string;
}

type Fields = Record<string, unknown> | unknown[];

/** Changes `root` in place; gives what came from where, and what could not be set. */
export function applyOptions(
  root: unknown,
  options: ScenarioOptions,
): { overrides: Override[]; faults: ScenarioFault[] } {
  const overrides: Override[] = [];
  const faults: ScenarioFault[] = [];
  const put = (path: readonly string[], value: unknown, origin: string): void => {
    const placed = place(root, path, value);
    if (placed === undefined) {
      faults.push({ file: origin, line: 0, column: 0, path: path.join("."), what: "does not exist" });
    } else overrides.push({ path: placed, origin });
  };
  for (const text of options.set ?? []) {
    const origin = `--set ${text}`;
    const [, path, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    const parsed = value === undefined ? undefined : parseValue(value);
    if (path === undefined || parsed === undefined) {
      faults.push({ file: origin, line: 0, column: 0, path: "", what: "is no path=value" });
    } else put(path.replaceAll(/\[(\d+)\]/g, ".$1").split("."), parsed.value, origin);
  }
  if (options.seed !== undefined) put(["seed"], options.seed, `--seed ${options.seed}`);
  if (options.target !== undefined) {
    put(["target", "uri"], options.target, `--target ${options.target}`);
    const target = isFields(root) && !Array.isArray(root) ? root.target : undefined;
    if (options.target !== "embedded" && isFields(target) && !Array.isArray(target)) delete target.embedded;
  }
  return { overrides, faults };
}

/** Sets one field, making the maps around it; gives its path with list entries by index, or undefined. */
function place(root: unknown, names: readonly string[], value: unknown): FieldPath | undefined {
  const path: (string | number)[] = [];
  let fields = root;
  for (const [depth, name] of names.entries()) {
    if (!isFields(fields) || name === "__proto__") return undefined;
    const key = Array.isArray(fields) ? indexOf(fields, name) : name;
    if (key === undefined) return undefined;
    path.push(key);
    const entries = fields as Record<string | number, unknown>;
    if (depth === names.length - 1) entries[key] = value;
    else if (entries[key] === undefined || entries[key] === null) entries[key] = {};
    fields = entries[key];
  }
  return path;
}

/** A list's entry by index, or by the `name` it has. */
function indexOf(list: readonly unknown[], name: string): number | undefined {
  const index = /^\d+$/.test(name)
    ? Number(name)
    : list.findIndex((entry) => isFields(entry) && !Array.isArray(entry) && entry.name === name);
  return index >= 0 && index < list.length ? index : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** Turns what the schema finds into sentences for the writer of a scenario. */
import type { z } from "zod";
import { hint } from "../bytes/nearest.ts";
import type { FieldFault, FieldPath } from "./fault.ts";
import { absence, show } from "./fields.ts";

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];
type Issue = z.core.$ZodIssue;

const EXPECTED: Readonly<Record<string, string>> = {
  object: "a map",
  array: "a list",
  tuple: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

/** What is wrong, for the kinds of fault that fields do not word themselves; the schema calls it. */
export function wordIssue(issue: RawIssue): string | undefined {
  const { input } = issue;
  const absent = absence(input);
  if (absent !== undefined) return absent;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${EXPECTED[issue.expected] ?? issue.expected}: ${show(input)}`;
    case "too_small":
      return issue.origin === "array" || issue.origin === "string"
        ? `must have at least ${issue.minimum} ${issue.origin === "array" ? "entry" : "letter"}`
        : `must be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}: ${show(input)}`;
    case "too_big":
      return `must be ${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}: ${show(input)}`;
    case "invalid_value": {
      const values = issue.values.map(String);
      const list = values.length === 1 ? values[0] : `one of ${values.join(", ")}`;
      return `must be ${list}: ${show(input)}${hint(typeof input === "string" ? input : show(input), values)}`;
    }
    case "invalid_union":
      return `has none of its forms: ${show(input)}`;
    default:
      return undefined;
  }
}

/** Names of the fields which a place may have. */
export type FieldNames = (path: FieldPath) => readonly string[];

/** The faults of schema issues: one for each unknown field, and of a union those of the form that was meant. */
export function faultsOf(issues: readonly Issue[], names: FieldNames, under: FieldPath = []): FieldFault[] {
  return issues.flatMap((issue): FieldFault[] => {
    const path = [...under, ...issue.path.map((part) => typeof part === "number" ? part : String(part))];
    if (issue.code === "unrecognized_keys") {
      const known = names(path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        what: known.includes(key)
          ? "is a field of another form than this one"
          : `is no field here${hint(key, known) || `; known: ${known.join(", ")}`}`,
        atName: true,
      }));
    }
    const meant = issue.code === "invalid_union" ? formMeant(issue.errors) : undefined;
    return meant === undefined ? [{ path, what: issue.message }] : faultsOf(meant, names, path);
  });
}

/** The form with the fewest faults among those of which the value is at least of the right kind. */
function formMeant(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const near = forms.filter((form) => !form.some(isOfOtherKind));
  return near.toSorted((a, b) => a.length - b.length)[0];
}

function isOfOtherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") return formMeant(issue.errors) === undefined;
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

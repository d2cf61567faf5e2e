/** Faults of scenarios: where they are and what is wrong, all of a file at once. */

/** A place inside a scenario: field names and list indices from the top. */
export type FieldPath = readonly (string | number)[];

/** What is wrong at a place inside a scenario, before it is known where that is in a file. */
export interface FieldFault {
  readonly path: FieldPath;
  readonly what: string;
  /** Whether the name of the field is at fault, not its value. */
  readonly atName?: boolean;
}

/** One thing that is wrong with a scenario. */
export interface ScenarioFault {
  /** The file, or the option that set the value; empty for scenarios made by a program. */
  readonly file: string;
  /** Line from 1; 0 when there is none. */
  readonly line: number;
  /** Column from 1, in UTF-16 units; 0 when there is none. */
  readonly column: number;
  /** The field, such as `populations[0].session.expires`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, as what follows the name of the field in a sentence. */
  readonly what: string;
}

/** Thrown for a scenario that cannot be used; the message has one fault a line. */
export class ScenarioError extends SyntaxError {
  /** Every fault, in the order of lines. */
  readonly faults: readonly ScenarioFault[];

  /** `faults`: at least one. */
  constructor(faults: readonly ScenarioFault[]) {
    super(faults.map(formatFault).join("\n"));
    this.name = "ScenarioError";
    this.faults = faults;
  }
}

/** A fault on one line: `file:line:column: path: what`, without the parts it does not have. */
export function formatFault({ file, line, column, path, what }: ScenarioFault): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return [place, path, what].filter((part) => part !== "").join(": ");
}

/** A path as people write it: `populations[0].clients`. */
export function formatPath(path: FieldPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** Faults in the order of files and lines; those without a line come last. */
export function sortFaults(faults: readonly ScenarioFault[]): ScenarioFault[] {
  const line = (fault: ScenarioFault) => fault.line === 0 ? Infinity : fault.line;
  return faults.toSorted((a, b) =>
    compare(line(a), line(b)) || a.column - b.column || compare(a.file, b.file) || compare(a.path, b.path)
  );
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

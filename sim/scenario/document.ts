/** A scenario's YAML as a value whose every field knows its place in the file. */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { FieldPath, ScenarioFault } from "./fault.ts";

/** Largest file read, in bytes: scenarios are written by people. */
export const MAX_FILE_SIZE = 1_048_576;
/** How often anchors may be repeated in all: against files that grow when they are read. */
const MAX_ALIASES = 100;

/** Deepest nesting of maps and lists; the format itself needs eight. */
const MAX_DEPTH = 50;

/** A place in a file. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A parsed file. */
export interface SourceDocument {
  /** Plain maps, lists and scalars. */
  readonly value: unknown;
  /** Where a field stands; a field that is not there has the place of the nearest thing around it. */
  placeOf(path: FieldPath, atName?: boolean): Place;
}

/** Parses YAML 1.2 (so JSON too), or gives every fault of its syntax. */
export function parseSource(text: string, file: string): SourceDocument | ScenarioFault[] {
  const whole = (what: string): ScenarioFault[] => [{ file, line: 1, column: 1, path: "", what }];
  if (text.length > MAX_FILE_SIZE) return whole(`is larger than ${MAX_FILE_SIZE} bytes`);
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    const problems = [...document.errors, ...document.warnings];
    if (problems.length > 0) {
      return problems.map(({ pos, message }) => ({ file, ...placeAt(pos[0]), path: "", what: wordProblem(message) }));
    }
    if (document.contents === null) return whole("is empty");
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (isDeeperThan(value, MAX_DEPTH)) return whole("is nested too deeply");
    return { value, placeOf: (path, atName = false) => placeAt(offsetOf(document, path, atName)) };
  } catch (error) {
    // a RangeError is the parser's recursion, a ReferenceError its limit of aliases
    if (error instanceof RangeError) return whole("is nested too deeply");
    if (error instanceof ReferenceError) return whole(`repeats anchors too often: ${firstLine(error.message)}`);
    throw error;
  }
}

/** Parses the value of an option such as `--set a=1KiB`; undefined when it is no YAML. */
export function parseValue(text: string): { value: unknown } | undefined {
  const document = parseDocument(text, { prettyErrors: false, logLevel: "error" });
  return document.errors.length > 0 ? undefined : { value: document.toJS({ maxAliasCount: 0 }) };
}

function offsetOf(document: Document, path: FieldPath, atName: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
      if (pair === undefined) return offset;
      const isLast = depth === path.length - 1;
      offset = (isLast && !atName ? startOf(pair.value) : undefined) ?? startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}

function wordProblem(message: string): string {
  // the parser words its own recursion so
  return message.includes("call stack") ? "is nested too deeply" : firstLine(message);
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0]!;
}

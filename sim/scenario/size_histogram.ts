// deno-lint-ignore-file camelcase -- options of csv-parse
/** Histograms of message sizes in CSV files: what a server log or another tool counted. */
import { parse } from "csv-parse/sync";
import { MAX_SIZE } from "./fields.ts";

/** One row: sizes in `[least, most]` bytes are equally likely within it. */
export interface SizeBin {
  readonly least: number;
  readonly most: number;
  /** Relative to the other rows. */
  readonly weight: number;
}

/** More rows are refused: they travel with the scenario to every worker and into `run.json`. */
const MOST_ROWS = 100_000;

/** What `csv-parse` gives with `info`. */
interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The rows of a histogram, or what is wrong with it as `line:column: what`.
 *
 * A header line with the columns `size` and `count`, or `from`, `to` and `count`; then a row a line (RFC 4180). Rows of
 * count 0 are left out.
 */
export function parseSizeHistogram(text: string): readonly SizeBin[] | { readonly fault: string } {
  let rows: readonly Row[];
  try {
    const options = { bom: true, skip_empty_lines: true, trim: true, info: true, relax_column_count: true };
    // its types do not know what `info` changes
    rows = parse(text, options) as unknown as readonly Row[];
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
  const [header, ...counted] = rows;
  if (header === undefined || counted.length === 0) return { fault: "has no sizes" };
  if (counted.length > MOST_ROWS) return { fault: `has more than ${MOST_ROWS} rows` };
  const columns = columnsOf(header.record);
  if (columns === undefined) {
    return { fault: `1:1: has the columns ${header.record.join(", ")}; known: size, count or from, to, count` };
  }
  const bins: SizeBin[] = [];
  for (const { record, info } of counted) {
    const bin = binOf(record, columns);
    if ("what" in bin) return { fault: `${info.lines}:${columnOf(record, bin.field)}: ${bin.what}` };
    if (bin.weight > 0) bins.push(bin);
  }
  return bins.length === 0 ? { fault: "has no count above 0" } : bins;
}

interface Columns {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

function columnsOf(names: readonly string[]): Columns | undefined {
  const count = names.indexOf("count");
  const size = names.indexOf("size");
  if (names.length === 2 && size >= 0 && count >= 0) return { from: size, to: size, count };
  const [from, to] = [names.indexOf("from"), names.indexOf("to")];
  return names.length === 3 && from >= 0 && to >= 0 && count >= 0 ? { from, to, count } : undefined;
}

function binOf(record: readonly string[], columns: Columns): SizeBin | { field: number; what: string } {
  for (const field of [columns.from, columns.to]) {
    const text = record[field] ?? "";
    if (!/^\d{1,12}$/.test(text) || Number(text) > MAX_SIZE) {
      return { field, what: `is no size in bytes, 0 to ${MAX_SIZE}: ${JSON.stringify(text)}` };
    }
  }
  const [least, most] = [Number(record[columns.from]), Number(record[columns.to])];
  if (least > most) return { field: columns.to, what: `must go upwards: ${least} to ${most}` };
  const text = record[columns.count] ?? "";
  const weight = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(weight)) return { field: columns.count, what: `is no count: ${JSON.stringify(text)}` };
  return { least, most, weight };
}

/** Where a field begins on its line, from 1; of fields without quotes and spaces. */
function columnOf(record: readonly string[], field: number): number {
  return 1 + record.slice(0, field).reduce((sum, text) => sum + text.length + 1, 0);
}

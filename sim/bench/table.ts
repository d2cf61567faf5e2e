/** What was measured, beside what was asked for. */
import { table } from "../report/table.ts";

/** One ratio and its bar. */
export interface Row {
  /** What was measured. */
  readonly name: string;
  /** Ours, with its unit. */
  readonly measured: string;
  /** What it is compared with, with its unit. */
  readonly reference: string;
  /** Ours by the reference; null: could not be measured, or what was measured does not count. */
  readonly ratio: number | null;
  /** What the ratio must be. */
  readonly bar: Bar;
  /** Why there is no ratio, or what else to know. */
  readonly note?: string;
}

/** What a ratio must be. */
export type Bar = { readonly kind: "at_most"; readonly limit: number } | {
  readonly kind: "exactly";
  readonly limit: number;
};

/** Whether a bar is met; a ratio that could not be measured misses it. */
export function isMet({ ratio, bar }: Row): boolean {
  if (ratio === null) return false;
  return bar.kind === "at_most" ? ratio <= bar.limit : ratio === bar.limit;
}

/** The table for people: one line for each row, and notes below. */
export function formatRows(rows: readonly Row[]): string {
  const head = ["", "imstorm", "reference", "ratio", "bar", ""];
  const body = rows.map((row) => [
    row.name,
    row.measured,
    row.reference,
    row.ratio === null ? "-" : row.ratio.toFixed(row.bar.kind === "exactly" ? 6 : 2),
    `${row.bar.kind === "at_most" ? "≤" : "="} ${row.bar.limit}`,
    isMet(row) ? "met" : "missed",
  ]);
  const notes = rows.filter((row) => row.note !== undefined).map((row) => `  ${row.name}: ${row.note}`);
  return [...table([head, ...body], 0), ...notes].join("\n");
}

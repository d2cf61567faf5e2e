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
  /** What we would like it to be, of the same kind as the bar. */
  readonly aim?: number;
  /** Why there is no ratio, or what else to know. */
  readonly note?: string;
}

/** What a ratio must be. */
export type Bar =
  | { readonly kind: "at_most" | "at_least" | "exactly"; readonly limit: number }
  /** Told, not judged. */
  | { readonly kind: "none" };

/** Whether a bar is met; a ratio that could not be measured misses it. */
export function isMet({ ratio, bar }: Row): boolean {
  if (bar.kind === "none") return true;
  return ratio !== null && reaches(ratio, bar.kind, bar.limit);
}

function reaches(ratio: number, kind: "at_most" | "at_least" | "exactly", limit: number): boolean {
  if (kind === "exactly") return ratio === limit;
  return kind === "at_most" ? ratio <= limit : ratio >= limit;
}

const SIGNS = { at_most: "≤", at_least: "≥", exactly: "=" } as const;

function limitText({ kind }: Bar, limit: number | undefined): string {
  return kind === "none" || limit === undefined ? "" : `${SIGNS[kind]} ${limit}`;
}

function verdictOf(row: Row): string {
  const { ratio, bar, aim } = row;
  if (bar.kind === "none") return "";
  if (!isMet(row)) return "missed";
  return aim !== undefined && ratio !== null && reaches(ratio, bar.kind, aim) ? "met, aim too" : "met";
}

/** The table for people: one line for each row, and notes below. */
export function formatRows(rows: readonly Row[]): string {
  const head = ["", "imstorm", "reference", "ratio", "bar", "aim", ""];
  const body = rows.map((row) => [
    row.name,
    row.measured,
    row.reference,
    row.ratio === null ? "-" : row.ratio.toFixed(row.bar.kind === "exactly" ? 6 : 2),
    limitText(row.bar, row.bar.kind === "none" ? undefined : row.bar.limit),
    limitText(row.bar, row.aim),
    verdictOf(row),
  ]);
  const notes = rows.filter((row) => row.note !== undefined).map((row) => `  ${row.name}: ${row.note}`);
  return [...table([head, ...body], 0), ...notes].join("\n");
}

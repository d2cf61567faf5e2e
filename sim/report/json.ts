/** The summary as `summary.json`. */
import type { Summary } from "./summary.ts";

/** JSON with two spaces and a line end, as it is written to the results folder. */
export function toJson(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}

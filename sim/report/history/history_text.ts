/** A night beside the nights before it, for a terminal and for JUnit. */
import type { JunitCase } from "../junit.ts";
import { paintFor } from "../paint.ts";
import { table } from "../table.ts";
import { showMicros, showRate, showShare } from "../units.ts";
import { type Change, MIN_NIGHTS } from "./change.ts";
import type { NightFigure } from "./night.ts";

/** A figure with its unit. */
export function showFigure({ unit }: Pick<NightFigure, "unit">, value: number): string {
  return unit === "us" ? showMicros(value) : unit === "share" ? showShare(value) : showRate(value);
}

/** The section of a night, with a line end; `earlier`: how many nights there are to compare with. */
export function toHistoryText(changes: readonly Change[], earlier: number, colour: boolean): string {
  const paint = paintFor(colour);
  const title = paint.bold("Beside the last nights");
  const nights = `${earlier} earlier ${earlier === 1 ? "night" : "nights"} of this scenario`;
  if (changes.length === 0) return `${title}\n  ${nights}; with ${MIN_NIGHTS} the usual range is known\n`;
  const [head, ...rows] = table([
    ["", "tonight", "usual", "usual range", "verdict"],
    ...changes.map((change) => [
      change.figure.name,
      showFigure(change.figure, change.value),
      showFigure(change.figure, change.usual),
      rangeOf(change),
      change.verdict,
    ]),
  ]);
  const marked = rows.map((row, i) => changes[i]!.verdict === "worse" ? paint.red(row) : row);
  return `${
    [title, paint.dim(head!), ...marked, paint.dim(`  ${nights}; median, and three deviations by the MAD`)].join("\n")
  }\n`;
}

/** One test case for each figure. */
export function historyCases(changes: readonly Change[]): JunitCase[] {
  return changes.map((change) => {
    const { figure, value, verdict } = change;
    const output = `${verdict}: ${showFigure(figure, value)}, usual ${rangeOf(change)}`;
    return { name: `nights: ${figure.name}`, failure: verdict === "worse" ? output : undefined, output };
  });
}

function rangeOf({ figure, low, high }: Change): string {
  return `${showFigure(figure, low)} to ${showFigure(figure, high)}`;
}

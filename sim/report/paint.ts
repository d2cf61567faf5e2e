/**
 * Colours for a terminal, or none (ECMA-48 §8.3.117). Our own five: the libraries read the whole environment when they are
 * imported, which needs a permission that nothing else here does, and stops a run on a terminal with a question.
 */

/** Ways to mark a text. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

function marked(on: number, off: number): (text: string) => string {
  return (text) => `\x1b[${on}m${text}\x1b[${off}m`;
}

const COLOURED: Paint = {
  bold: marked(1, 22),
  dim: marked(2, 22),
  red: marked(31, 39),
  green: marked(32, 39),
  yellow: marked(33, 39),
};

function unmarked(text: string): string {
  return text;
}

const PLAIN: Paint = { bold: unmarked, dim: unmarked, red: unmarked, green: unmarked, yellow: unmarked };

/** Marks that show when `colour` is true, and change nothing when it is not. */
export function paintFor(colour: boolean): Paint {
  return colour ? COLOURED : PLAIN;
}

/** Names of generated clients: `user{n:06}` gives `user000000`, `user000001`, … */

const NUMBER_REGEXP = /\{n(?::0?(\d{1,2}))?\}/g;

/** Gives the name of the client with a number. */
export type NamePattern = (n: number) => string;

/** Compiles a pattern with `{n}` or `{n:06}` (padded with zeros), or says what is wrong with it. */
export function compilePattern(text: string): NamePattern | { fault: string } {
  if (text === "") return { fault: "must not be empty" };
  const literals: string[] = [];
  const widths: number[] = [];
  let from = 0;
  for (const match of text.matchAll(NUMBER_REGEXP)) {
    literals.push(text.slice(from, match.index));
    widths.push(Number(match[1] ?? 0));
    from = match.index + match[0].length;
  }
  const tail = text.slice(from);
  if (/[{}]/.test(literals.join("") + tail)) {
    return { fault: `has braces which are no {n} or {n:06}: ${JSON.stringify(text)}` };
  }
  return (n) => {
    let name = "";
    for (let i = 0; i < widths.length; i++) name += literals[i]! + String(n).padStart(widths[i]!, "0");
    return name + tail;
  };
}

/** Whether a pattern gives every client a name of its own. */
export function isNumbered(text: string): boolean {
  return text.search(NUMBER_REGEXP) >= 0;
}

/** The number of which a pattern makes this name, undefined when there is none; a pattern without `{n}` has only 0. */
export function numberIn(pattern: string, name: string): number | undefined {
  const compiled = compilePattern(pattern);
  if (typeof compiled === "object") return undefined;
  const [prefix = ""] = pattern.split("{n");
  const digits = isNumbered(pattern) && name.startsWith(prefix)
    ? /^\d{1,15}/.exec(name.slice(prefix.length))?.[0]
    : "0";
  // what follows the number may begin with digits too
  for (let length = digits?.length ?? 0; length > 0; length--) {
    const number = Number(digits!.slice(0, length));
    if (compiled(number) === name) return number;
  }
  return undefined;
}

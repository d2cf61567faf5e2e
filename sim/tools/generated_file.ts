/** Files that are generated from the code: written, or with `--check` compared with what would be written. */

/** Whether the file holds exactly this text. */
export function isCurrent(file: URL, text: string): boolean {
  try {
    return Deno.readTextFileSync(file) === text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes the file; with `--check` only sets the exit code to 1, and says what to run, when it differs. */
export function writeOrCheck(file: URL, text: string, tool: string): void {
  if (!Deno.args.includes("--check")) {
    Deno.writeTextFileSync(file, text);
  } else if (!isCurrent(file, text)) {
    const message = `${file.pathname} differs from the schema in the code: run deno run -A sim/tools/${tool}\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(message));
    Deno.exitCode = 1;
  }
}

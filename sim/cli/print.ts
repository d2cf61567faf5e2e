/** The only caller of the standard streams: what was asked for goes out, progress and errors go beside. */

const ENCODER = new TextEncoder();

function write(stream: { writeSync(octets: Uint8Array): number }, text: string): void {
  const octets = ENCODER.encode(text);
  try {
    for (let written = 0; written < octets.length;) written += stream.writeSync(octets.subarray(written));
  } catch (error) {
    // the reader has gone, as with `imstorm report … | head`, or the terminal has: nobody is left to tell
    if (!(error instanceof Deno.errors.BrokenPipe) && (error as { code?: string }).code !== "EIO") throw error;
  }
}

/** Writes a line of what the user asked for. */
export function print(text: string): void {
  write(Deno.stdout, text.endsWith("\n") ? text : `${text}\n`);
}

/** Writes a line about what is going on. */
export function tell(text: string): void {
  write(Deno.stderr, text.endsWith("\n") ? text : `${text}\n`);
}

/** Writes to the terminal as it is, for a line that is drawn again. */
export function draw(text: string): void {
  write(Deno.stderr, text);
}

/** Whether a person watches standard error on a terminal that can be drawn on. */
export function isDrawable(): boolean {
  return Deno.stderr.isTerminal() && env("TERM") !== "dumb";
}

/** Size of the terminal, asked anew each time: people resize it; 80 by 24 when it does not say. */
export function terminalSize(): { readonly columns: number; readonly rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/** Whether a stream may carry colours: a terminal, and NO_COLOR is not set (no-color.org). */
export function mayColour(stream: { isTerminal(): boolean } = Deno.stdout): boolean {
  return stream.isTerminal() && env("NO_COLOR") === "";
}

/** A variable of the environment; empty as well where we are not permitted to read it. */
export function env(name: string): string {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return "";
  return Deno.env.get(name) ?? "";
}

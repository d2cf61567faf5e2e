/** The only caller of the standard streams: what was asked for goes out, progress and errors go beside. */

const ENCODER = new TextEncoder();

function write(stream: { writeSync(octets: Uint8Array): number }, text: string): void {
  const octets = ENCODER.encode(text);
  try {
    for (let written = 0; written < octets.length;) written += stream.writeSync(octets.subarray(written));
  } catch (error) {
    // the reader has gone, as with `imstorm report … | head`: nobody is left to tell
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
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

/** Whether a person watches standard error. */
export function isWatched(): boolean {
  return Deno.stderr.isTerminal();
}

/** Columns of the terminal, asked anew each time: people resize it; 80 when it does not say. */
export function watchedColumns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

/** Whether standard output may carry colours: a terminal, and NO_COLOR is not set (no-color.org). */
export function mayColour(): boolean {
  return Deno.stdout.isTerminal() && !isSet("NO_COLOR");
}

function isSet(name: string): boolean {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return false;
  return (Deno.env.get(name) ?? "") !== "";
}

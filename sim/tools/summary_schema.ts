/**
 * Writes `results/summary.schema.json` from the schema in the code; with `--check`, fails when the file differs.
 *
 * deno run -A sim/tools/summary_schema.ts [--check]
 */

const FILE = new URL("../../results/summary.schema.json", import.meta.url);
// loaded when it runs: as a module this file depends on nothing of ours, which the layer lint asks of tools
const SOURCE = new URL("../report/summary_schema.ts", import.meta.url).href;

/** Whether the file holds exactly this text. */
export function isCurrent(file: URL, text: string): boolean {
  try {
    return Deno.readTextFileSync(file) === text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (import.meta.main) {
  const { summarySchemaText }: typeof import("../report/summary_schema.ts") = await import(SOURCE);
  const text = summarySchemaText();
  if (!Deno.args.includes("--check")) {
    Deno.writeTextFileSync(FILE, text);
  } else if (!isCurrent(FILE, text)) {
    const message =
      `${FILE.pathname} differs from the schema in the code: run deno run -A sim/tools/summary_schema.ts\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(message));
    Deno.exitCode = 1;
  }
}

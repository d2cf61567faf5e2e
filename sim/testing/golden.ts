/** Comparison with files that people have looked at. */
import { assertEquals } from "./assert.ts";

/**
 * Fails unless a text equals the file at `url`; `deno test -A sim/… -- --update` writes the file instead, for a look at
 * the difference before it is committed.
 */
export function assertGolden(text: string, url: URL): void {
  if (Deno.args.includes("--update")) Deno.writeTextFileSync(url, text);
  else {assertEquals(
      text,
      Deno.readTextFileSync(url),
      `${url.pathname} differs; look, then run the test with -- --update`,
    );}
}

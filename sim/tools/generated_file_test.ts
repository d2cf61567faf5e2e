import { assert } from "@std/assert";
import { isCurrent } from "./generated_file.ts";

Deno.test("isCurrent compares the whole text, and takes a missing file as out of date", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const file = new URL(`file://${folder}/schema.json`);
    assert(!isCurrent(file, "{}\n"));
    Deno.writeTextFileSync(file, "{}\n");
    assert(isCurrent(file, "{}\n"));
    assert(!isCurrent(file, "{}"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

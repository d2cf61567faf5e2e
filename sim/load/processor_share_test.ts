import { assert, assertEquals } from "@std/assert";
import { ProcessorShare } from "./processor_share.ts";

Deno.test("ProcessorShare gives no number twice within one moment", () => {
  const share = new ProcessorShare(1000);
  assertEquals(share.take(1000), undefined);
  const first = share.take(2000)!;
  assert(first >= 0 && Number.isFinite(first));
  assertEquals(share.take(2000), undefined);
});

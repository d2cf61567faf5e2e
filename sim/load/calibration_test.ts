import { assert } from "@std/assert";
import { calibrate } from "./calibration.ts";

Deno.test("calibrate gives round trips over loopback, in order, and leaves no socket open", async () => {
  const result = await calibrate();
  assert(result !== undefined && result.echoes > 0 && result.echoes <= 200);
  assert(result.p50 > 0 && result.p50 <= result.p99 && result.p99 <= result.max);
});

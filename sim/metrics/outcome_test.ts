import { assert, assertEquals } from "@std/assert";
import { isAccepted, outcomeOfStatus, OUTCOMES } from "./outcome.ts";

Deno.test("outcomeOfStatus tells 202, other successes and refusals apart", () => {
  const statuses = [200, 202, 204, 302, 404, 487, 503, 603];
  assertEquals(statuses.map(outcomeOfStatus), [
    "accepted_200",
    "accepted_202",
    "accepted_200",
    "rejected",
    "rejected",
    "rejected",
    "rejected",
    "rejected",
  ]);
});

Deno.test("isAccepted is true for 200 and 202 only", () => {
  assertEquals(OUTCOMES.filter(isAccepted), ["accepted_200", "accepted_202"]);
  assert(!isAccepted("timed_out"));
});

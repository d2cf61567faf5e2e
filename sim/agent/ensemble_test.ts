import { assertEquals } from "@std/assert";
import { NOBODY } from "../load/reach.ts";
import { Ensemble } from "./ensemble.ts";

function ensembleOf(count: number): { ensemble: Ensemble; told: string[] } {
  const told: string[] = [];
  const ensemble = new Ensemble(count, {
    onAllReady: (unreachable) => told.push(`ready ${unreachable ?? ""}`.trim()),
    onAllQuiet: () => told.push("quiet"),
    onAllEnded: () => told.push("ended"),
  });
  return { ensemble, told };
}

Deno.test("Ensemble tells once each when the last part is ready, quiet and ended", () => {
  const { ensemble, told } = ensembleOf(3);
  for (const step of ["ready", "quiet", "ended"] as const) {
    for (const index of [2, 0, 1, 1]) {
      if (step === "ready") ensemble.ready(index, undefined);
      else ensemble[step](index);
    }
  }
  assertEquals(told, ["ready", "quiet", "ended"]);
});

Deno.test("Ensemble has reached the target when one part has", () => {
  const { ensemble, told } = ensembleOf(2);
  ensemble.ready(0, "refused");
  ensemble.ready(1, undefined);
  const nobody = ensembleOf(2);
  nobody.ensemble.ready(1, "timeout");
  nobody.ensemble.ready(0, "refused");
  assertEquals([told, nobody.told], [["ready"], ["ready refused"]]);
});

Deno.test("Ensemble asks those parts about the target that had clients to register", () => {
  const { ensemble, told } = ensembleOf(2);
  ensemble.ready(0, "refused");
  ensemble.ready(1, NOBODY);
  const idle = ensembleOf(2);
  idle.ensemble.ready(0, NOBODY);
  idle.ensemble.ready(1, NOBODY);
  assertEquals([told, idle.told], [["ready refused"], [`ready ${NOBODY}`]]);
});

Deno.test("Ensemble waits for no part that is lost", () => {
  const { ensemble, told } = ensembleOf(2);
  ensemble.ready(0, undefined);
  ensemble.ready(1, undefined);
  ensemble.ended(1);
  ensemble.quiet(0);
  ensemble.ended(0);
  assertEquals(told, ["ready", "quiet", "ended"]);
});

Deno.test("Ensemble whose parts all end by themselves has nobody to tell that it is quiet", () => {
  const { ensemble, told } = ensembleOf(2);
  ensemble.ended(0);
  ensemble.ended(1);
  assertEquals(told, ["ended"]);
});

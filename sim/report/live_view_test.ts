import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import stringWidth from "fast-string-width";
import { assertGolden } from "../testing/golden.ts";
import { sampleManifest, sampleScenario, sampleSnapshots } from "../testing/sample_run.ts";
import { Account } from "./account.ts";
import { LiveFigures } from "./live_figures.ts";
import { composeLive, type LiveView, WATCHED } from "./live_view.ts";
import { paintFor } from "./paint.ts";
import { summaryOf } from "./summary.ts";

const PLAIN = paintFor(false);

/** The sample run as it stands after its second `index`. */
function viewAfter(index: number, change: Partial<LiveView> = {}): LiveView {
  const scenario = sampleScenario();
  const account = new Account();
  const figures = new LiveFigures(2, WATCHED);
  for (const snapshot of sampleSnapshots().toSorted((a, b) => a.index - b.index)) {
    if (snapshot.index > index) break;
    account.add(snapshot);
    figures.add(snapshot);
  }
  const { thresholds } = summaryOf(sampleManifest(), account);
  return {
    scenario,
    workers: 2,
    clients: 100,
    planned: 6000,
    phases: [{ start: 0, duration: 6000 }],
    run: { state: "running", phase: 0, elapsed: (index + 1) * 1000 },
    totals: account.totals,
    figures,
    thresholds,
    validity: { validity: "valid", reasons: [] },
    notice: "",
    ...change,
  };
}

function textOf(view: LiveView, columns = 100, rows = 40): string {
  return composeLive(view, columns, rows, PLAIN).map((line) => `${line.trimEnd()}\n`).join("");
}

Deno.test("composeLive of a run under way is the golden file", () => {
  assertGolden(textOf(viewAfter(4)), new URL("./testdata/live_view.txt", import.meta.url));
});

Deno.test("composeLive of a run that registers shows how far it is, and nothing that was not counted", () => {
  const view = viewAfter(-1, { run: { state: "registering", phase: 0, elapsed: 0 } });
  view.totals.counters["clients.registered"] = 25;
  const text = textOf(view);
  assertStringIncludes(text, "REGISTERING");
  assertStringIncludes(text, "25 of 100 clients");
  assert(!text.includes("Latency") && !text.includes("NaN") && !text.includes("undefined"), text);
});

Deno.test("composeLive fits every terminal: no line too wide, never more lines than rows, the last one the keys", () => {
  const view = viewAfter(5);
  for (const [columns, rows] of [[1, 1], [20, 5], [40, 10], [80, 24], [100, 30], [300, 80]] as const) {
    for (const colour of [false, true]) {
      const lines = composeLive(view, columns, rows, paintFor(colour));
      assert(lines.length >= 1 && lines.length <= rows, `${lines.length} of ${rows}`);
      for (const line of lines) assert(stringWidth(line) <= columns, `${columns}: ${line}`);
    }
  }
  assertStringIncludes(composeLive(view, 80, 12, PLAIN).at(-1)!, "q or Ctrl-C ends the run");
});

Deno.test("composeLive on a low terminal keeps where the run stands, its generator and its rate", () => {
  const text = textOf(viewAfter(4), 80, 8);
  for (const part of ["RUNNING", "phase 1 of 1", "Generator", "Rate"]) assertStringIncludes(text, part);
  assert(!text.includes("Messages"), text);
});

Deno.test("composeLive on 80 by 24 shows every part, the longer ones in their short form", () => {
  assertGolden(textOf(viewAfter(4), 80, 24), new URL("./testdata/live_view_low.txt", import.meta.url));
});

Deno.test("composeLive shows what fails in red and what holds in green, and no colour without", () => {
  const view = viewAfter(5, { validity: { validity: "invalid", reasons: ["a worker used 99 % of a core"] } });
  const { red, green } = paintFor(true);
  const coloured = composeLive(view, 100, 60, paintFor(true));
  const lineWith = (text: string): string => coloured.find((line) => line.includes(text)) ?? "";
  assert(lineWith("✗ messages.success_ratio").startsWith(red("").slice(0, 5)), lineWith("success_ratio"));
  assert(lineWith("✓ pager_accept").startsWith(green("").slice(0, 5)), lineWith("pager_accept"));
  assertStringIncludes(lineWith("Generator"), red("invalid so far"));
  assert(coloured.includes(red("   a worker used 99 % of a core")));
  assert(!composeLive(view, 100, 60, PLAIN).join("").includes("\x1b"));
});

Deno.test("composeLive names phases that run side by side", () => {
  const phases = [{ start: 0, duration: 2000 }, { start: 2000, duration: 4000 }, { start: 3000, duration: 3000 }];
  assertStringIncludes(textOf(viewAfter(3, { phases })), " phases 2, 3 of 3 ");
  assertStringIncludes(textOf(viewAfter(0, { phases })), " phase 1 of 3: constant-arrival-rate ");
});

Deno.test("composeLive shows a notice instead of the keys", () => {
  const lines = composeLive(viewAfter(3, { notice: "releasing sessions" }), 80, 30, PLAIN);
  assertEquals(lines.at(-1), " releasing sessions");
});

Deno.test("composeLive shows the failing thresholds first when not all have room", () => {
  const view = viewAfter(5);
  const [holds, , fails] = view.thresholds;
  const many = [...Array.from({ length: 20 }, () => holds!), fails!];
  const text = textOf({ ...view, thresholds: many }, 80, 24);
  assertStringIncludes(text, "✗ messages.success_ratio >= 99%");
  assertStringIncludes(text, "and 19 more, none worse");
});

import { assertEquals } from "@std/assert";
import plugin, { forbiddenImport, PURE_FOLDERS, RANKS } from "./layer_lint.ts";

const ROOT = "/home/someone/imstorm/sim";

/** Why a file below `sim/` may not import another. */
function reason(file: string, target: string): string | undefined {
  return forbiddenImport(`${ROOT}/${file}`, `${ROOT}/${target}`);
}

/** What the plugin says about a source below `sim/`. */
function messages(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, `${ROOT}/${file}`, source).map(({ message }) => message);
}

Deno.test("forbiddenImport lets a file import its own folder and lower ranks", () => {
  assertEquals(reason("sip/parse.ts", "sip/message.ts"), undefined);
  assertEquals(reason("sip/transaction/layer.ts", "sip/message.ts"), undefined);
  assertEquals(reason("sip/parse.ts", "bytes/scan.ts"), undefined);
  assertEquals(reason("ua/pager.ts", "transport/udp.ts"), undefined);
  assertEquals(reason("cli/run.ts", "load/plan.ts"), undefined);
});

Deno.test("forbiddenImport refuses every import upwards and between folders of one rank", () => {
  const folders = RANKS.flatMap((rank, index) => rank.map((folder) => ({ folder, index })));
  for (const from of folders) {
    for (const to of folders) {
      if (from.folder === to.folder || to.index < from.index) continue;
      assertEquals(
        reason(`${from.folder}/a.ts`, `${to.folder}/b.ts`),
        `Cannot import "${to.folder}" from "${from.folder}": imports go downwards only`,
      );
    }
  }
});

Deno.test("forbiddenImport lets the protocols take from transport the borders only", () => {
  assertEquals(reason("sip/transaction/layer.ts", "transport/flow.ts"), undefined);
  assertEquals(
    reason("msrp/layer.ts", "transport/connections.ts"),
    'Cannot import "transport/connections.ts" from "msrp": only flow.ts',
  );
  assertEquals(reason("endpoint/endpoint.ts", "transport/connections.ts"), undefined);
});

Deno.test("forbiddenImport lets only tests and benches take from testing", () => {
  const refused = 'Cannot import "testing" from "sip": only tests may';
  assertEquals(reason("sip/parse.ts", "testing/messages.ts"), refused);
  assertEquals(reason("sip/parse_test.ts", "testing/messages.ts"), undefined);
  assertEquals(reason("sip/parse_bench.ts", "testing/messages.ts"), undefined);
  assertEquals(reason("e2e/pager.ts", "testing/assert.ts"), undefined);
});

Deno.test("forbiddenImport keeps what stands beside the ranks apart from the ranks", () => {
  assertEquals(
    reason("tools/rfc_index.ts", "sip/parse.ts"),
    'Cannot import "sip" from "tools": it imports nothing of ours',
  );
  assertEquals(
    reason("cli/main.ts", "tools/rfc_index.ts"),
    'Cannot import "tools" from "cli": it stands beside the ranks',
  );
  assertEquals(reason("ua/pager_test.ts", "e2e/run.ts"), 'Cannot import "e2e" from "ua": it stands beside the ranks');
  assertEquals(reason("e2e/pager_test.ts", "cli/main.ts"), undefined);
  assertEquals(reason("bench/pager.ts", "load/plan.ts"), undefined);
});

Deno.test("forbiddenImport leaves files outside of sim alone, also below another folder of that name", () => {
  assertEquals(forbiddenImport("/imstorm/mod.ts", `${ROOT}/cli/main.ts`), undefined);
  assertEquals(forbiddenImport(`${ROOT}/im/profile.ts`, "/home/someone/imstorm/deno.json"), undefined);
  assertEquals(
    forbiddenImport("/sim/imstorm/sim/bytes/scan.ts", "/sim/imstorm/sim/sip/parse.ts"),
    'Cannot import "sip" from "bytes": imports go downwards only',
  );
});

Deno.test("Rule layers sees imports of values and of types, exports and dynamic imports", () => {
  const refused = 'Cannot import "ua" from "sip": imports go downwards only';
  const sources = [
    'import { a } from "../ua/pager.ts"; a();',
    'import type { A } from "../ua/pager.ts"; export type B = A;',
    'export { a } from "../ua/pager.ts";',
    'export * from "../ua/pager.ts";',
    'const a = await import("../ua/pager.ts"); a;',
  ];
  for (const source of sources) assertEquals(messages("sip/parse.ts", source), [refused], source);
  assertEquals(messages("sip/dialog/dialog.ts", 'export * from "../../ua/pager.ts";'), [refused]);
});

Deno.test("Rule layers leaves packages and lower ranks alone", () => {
  const source = 'import "npm:zod"; import "node:crypto"; import "../bytes/scan.ts"; export const a = 1;';
  assertEquals(messages("sip/parse.ts", source), []);
});

Deno.test("Rule no-io finds clocks, timers and Deno in every pure folder", () => {
  const uses = [
    "Deno.cwd()",
    "performance.now()",
    "new Date()",
    "setTimeout(f, 1)",
    "setInterval(f, 1)",
    "queueMicrotask(f)",
  ];
  for (const folder of PURE_FOLDERS) {
    for (const use of uses) {
      const name = /\w+(?=[.(])/.exec(use)![0].replace("new ", "");
      assertEquals(messages(`${folder}/a.ts`, use), [`Cannot use "${name}" in "${folder}": the folder does no I/O`]);
    }
  }
  assertEquals(messages("sip/a.ts", "names[Date]").length, 1);
  assertEquals(messages("sip/a.ts", "const a = { now: Date };").length, 1);
});

Deno.test("Rule no-io leaves other folders, tests and benches alone, and members of the same name", () => {
  assertEquals(messages("clock/clock.ts", "performance.now()"), []);
  assertEquals(messages("transport/udp.ts", "Deno.cwd()"), []);
  assertEquals(messages("sip/parse_test.ts", "Deno.test()"), []);
  assertEquals(messages("sip/parse_bench.ts", "Deno.bench()"), []);
  assertEquals(messages("sip/a.ts", "headers.Date; const b = { Date: 1 };"), []);
});

/** Lint plugin that keeps the layers: imports go downwards only, and protocol folders do no I/O. */

/** The ranks of `sim/README.md`, lowest first; folders of one rank do not import each other. */
export const RANKS: readonly (readonly string[])[] = [
  ["bytes", "clock"],
  ["transport"],
  ["sip", "msrp", "sdp", "im", "metrics"],
  ["endpoint", "scenario"],
  ["ua", "target"],
  ["load", "results"],
  ["report"],
  ["agent"],
  ["cli"],
];

/** Folders which use no `Deno`, no timers and no clock of their own. */
export const PURE_FOLDERS: ReadonlySet<string> = new Set(["bytes", "sip", "msrp", "sdp", "im", "metrics"]);

/** From `transport`, the protocol folders take only the types of this file. */
const FLOW_FILE = "flow.ts";
const FLOW_ONLY: ReadonlySet<string> = new Set(["sip", "msrp"]);
const FORBIDDEN_GLOBALS: ReadonlySet<string> = new Set([
  "Deno",
  "performance",
  "setTimeout",
  "setInterval",
  "queueMicrotask",
  "Date",
]);

/** What stands below `sim/` in a path: its folder and the rest; undefined outside `sim/`. */
function placeOf(path: string): { folder: string; rest: string } | undefined {
  const parts = path.replaceAll("\\", "/").split("/sim/").at(-1)?.split("/") ?? [];
  if (!path.replaceAll("\\", "/").includes("/sim/") || parts.length < 2) return undefined;
  return { folder: parts[0]!, rest: parts.slice(1).join("/") };
}

function rankOf(folder: string): number {
  return RANKS.findIndex((rank) => rank.includes(folder));
}

/** Why a file may not import a path, or undefined when it may; both are absolute paths. */
export function forbiddenImport(file: string, target: string): string | undefined {
  const from = placeOf(file);
  const to = placeOf(target);
  if (from === undefined || to === undefined || from.folder === to.folder) return undefined;
  const isTest = /_(test|bench)\.ts$/.test(file);
  if (to.folder === "testing") {
    return isTest || from.folder === "e2e"
      ? undefined
      : `Cannot import "testing" from "${from.folder}": only tests may`;
  }
  if (from.folder === "tools") return `Cannot import "${to.folder}" from "tools": it imports nothing of ours`;
  const fromRank = rankOf(from.folder);
  const toRank = rankOf(to.folder);
  if (fromRank < 0) return undefined;
  if (toRank < 0) return `Cannot import "${to.folder}" from "${from.folder}": it stands beside the ranks`;
  if (toRank >= fromRank) return `Cannot import "${to.folder}" from "${from.folder}": imports go downwards only`;
  if (to.folder === "transport" && FLOW_ONLY.has(from.folder) && to.rest !== FLOW_FILE) {
    return `Cannot import "transport/${to.rest}" from "${from.folder}": only ${FLOW_FILE}`;
  }
  return undefined;
}

function resolve(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, `file://${file}`).pathname;
}

/** The plugin as `deno lint` loads it. */
const plugin: Deno.lint.Plugin = {
  name: "imstorm",
  rules: {
    layers: {
      create(context) {
        const check = (node: Deno.lint.Node, specifier: string): void => {
          const target = resolve(context.filename, specifier);
          const reason = target === undefined ? undefined : forbiddenImport(context.filename, target);
          if (reason !== undefined) context.report({ node, message: reason });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source.value),
          ExportNamedDeclaration: (node) => node.source !== null && check(node, node.source.value),
          ExportAllDeclaration: (node) => check(node, node.source.value),
          ImportExpression: (node) => {
            if (node.source.type === "Literal" && typeof node.source.value === "string") check(node, node.source.value);
          },
        };
      },
    },
    "no-io": {
      create(context) {
        const place = placeOf(context.filename);
        if (place === undefined || !PURE_FOLDERS.has(place.folder) || /_(test|bench)\.ts$/.test(context.filename)) {
          return {};
        }
        return {
          Identifier(node) {
            if (!FORBIDDEN_GLOBALS.has(node.name)) return;
            const parent = node.parent as Deno.lint.Node & { property?: unknown; key?: unknown; computed?: boolean };
            if (parent.type === "MemberExpression" && parent.property === node && parent.computed !== true) return;
            if (parent.type === "Property" && parent.key === node && parent.computed !== true) return;
            context.report({ node, message: `Cannot use "${node.name}" in "${place.folder}": the folder does no I/O` });
          },
        };
      },
    },
  },
};

export default plugin;

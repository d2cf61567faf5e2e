/** The real k6 for the tests: where it is, and how it gets there. */
import { findProgram } from "../peers/packages.ts";
import { runToEnd } from "../peers/child.ts";

/**
 * Versions in the order in which they are tried. A module proxy may have some and not others: 2.3.0 was refused where
 * these tests were written, and they were written with 2.2.0.
 */
export const K6_VERSIONS: readonly string[] = ["v2.3.0", "v2.2.0"];

/** Compiling takes two minutes on two cores. */
const BUILD_LIMIT = 900_000;

function goBinaries(): string[] {
  const paths = (Deno.env.get("GOPATH") ?? "").split(":").map((path) => path === "" ? "" : `${path}/bin`);
  return [Deno.env.get("GOBIN") ?? "", ...paths, `${Deno.env.get("HOME") ?? ""}/go/bin`].filter((path) => path !== "");
}

/** The path of k6 of version 2, in PATH or where Go puts programs; undefined when there is none. */
export async function findK6(): Promise<string | undefined> {
  const candidates = [await findProgram("k6"), ...goBinaries().map((folder) => `${folder}/k6`)];
  for (const path of candidates) {
    if (path !== undefined && (await versionOf(path))?.startsWith("k6 v2.")) return path;
  }
  return undefined;
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    return (await runToEnd(path, ["version"], 10_000)).output.trim();
  } catch {
    return undefined;
  }
}

/** Compiles k6 when it is missing; gives its path, throws with what people can do when it cannot. */
export async function installK6(): Promise<string> {
  const found = await findK6();
  if (found !== undefined) return found;
  if (await findProgram("go") === undefined) {
    throw new Error(
      "Cannot find k6 of version 2, nor Go to compile it with: install Go 1.25 or later (Debian 12 has 1.19, which is too old),\n" +
        "or put k6 into PATH: https://grafana.com/docs/k6/latest/set-up/install-k6/",
    );
  }
  const refusals: string[] = [];
  for (const version of K6_VERSIONS) {
    const refusal = await build(version);
    const path = await findK6();
    if (refusal === undefined && path !== undefined) return path;
    refusals.push(`${version}: ${refusal ?? "compiled, and not found"}`);
  }
  throw new Error(`Cannot compile k6:\n${refusals.join("\n")}`);
}

/**
 * Compiles one version within a module that requires it: `go install …@version` also asks for the latest version, which a
 * proxy may refuse. Gives the words of Go when it fails.
 */
async function build(version: string): Promise<string | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "imstorm-k6-" });
  try {
    await Deno.writeTextFile(`${folder}/go.mod`, `module build\n\ngo 1.25.0\n\nrequire go.k6.io/k6/v2 ${version}\n`);
    const { code, errors } = await runToEnd("go", ["install", "-mod=mod", "go.k6.io/k6/v2"], BUILD_LIMIT, { folder });
    return code === 0 ? undefined : errors.trim().split("\n").slice(-5).join("\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  try {
    await installK6();
  } catch (error) {
    await Deno.stderr.write(new TextEncoder().encode(`${error instanceof Error ? error.message : String(error)}\n`));
    Deno.exit(1);
  }
}

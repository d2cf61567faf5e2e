/** The program: reads the command line and hands over to the command. */
import { message } from "@optique/core/message";
import { run } from "@optique/run";
import manifest from "../../deno.json" with { type: "json" };
import { type CommandLine, commands } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { env, print, tell } from "./print.ts";

/** Milliseconds in which an export that is under way gets its figures. */
const EXPORT_TURN = 250;

/** Runs one command; gives its exit code. Commands are loaded when they are asked for: start-up stays short. */
async function execute(line: CommandLine): Promise<ExitCode> {
  switch (line.command) {
    case "run":
      return (await import("./run.ts")).run(line);
    case "nightly":
      return (await import("./nightly.ts")).nightly(line);
    case "target":
      return (await import("./target.ts")).target(line);
    case "send":
      return (await import("./send.ts")).send(line);
    case "validate":
      return (await import("./validate.ts")).validate(line);
    case "explain":
      return (await import("./explain.ts")).explain(line);
    case "report":
      return (await import("./report.ts")).report(line);
    case "compare":
      return (await import("./compare.ts")).compare(line);
    case "k6":
      return (await import("./k6.ts")).k6(line);
    case "agent":
      return (await import("./agent.ts")).agent(line);
  }
}

/** Reads the process's arguments, runs the command and ends the process with its exit code. */
export async function main(args: readonly string[]): Promise<never> {
  const line = run(commands, {
    programName: "imstorm",
    args: args.length === 0 ? ["--help"] : [...args],
    brief: message`imstorm: a load generator for SIP messaging`,
    footer: message`Example: imstorm run scenarios/demo.yaml`,
    help: { option: { names: ["--help", "-h"] } },
    version: { value: manifest.version, option: { names: ["--version"] } },
    completion: { command: { names: ["completions"] } },
    commandList: "top-level",
    aboveError: "usage",
    errorExitCode: EXIT.USAGE,
    stdout: print,
    stderr: tell,
    onExit: (code) => Deno.exit(code),
  });
  let code: ExitCode;
  try {
    code = await execute(line);
  } catch (error) {
    tell(`imstorm: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    code = EXIT.INTERNAL;
  }
  // Deno hangs when it is told to exit while its exporter waits for a turn of the event loop
  if (env("OTEL_DENO") === "true") await new Promise((resolve) => setTimeout(resolve, EXPORT_TURN));
  Deno.exit(code);
}

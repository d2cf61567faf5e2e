/** `imstorm agent`: serves the control API until interrupted. */
import { Agent } from "../agent/agent.ts";
import { AllowedTargets, isLoopback } from "../agent/allowed_targets.ts";
import { type AgentServer, serveAgent } from "../agent/server.ts";
import { MIN_TOKEN_LENGTH, newToken } from "../agent/token.ts";
import type { Arguments } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { Interruption } from "./interruption.ts";
import { print, tell } from "./print.ts";

const DEFAULT_LISTEN = "127.0.0.1:7070";
const TOKEN_VARIABLE = "IMSTORM_TOKEN";

/** What a command line means, checked. */
interface Checked {
  readonly hostname: string;
  readonly port: number;
  readonly token: string;
  readonly isGenerated: boolean;
  readonly allowed: AllowedTargets;
  readonly tls: { cert: string; key: string } | undefined;
}

/** Serves; one line on standard output when it is ready, with the token when it made one up. */
export async function agent(line: Arguments<"agent">): Promise<ExitCode> {
  const checked = check(line);
  if (typeof checked === "string") {
    tell(checked);
    return EXIT.USAGE;
  }
  const { hostname, port, token, tls, allowed } = checked;
  const served = new Agent({
    allowed,
    results: line.results,
    ...(line.local === undefined ? {} : { local: line.local }),
  });
  let server: AgentServer;
  try {
    server = serveAgent(served, { hostname, port, token, onFailure: tell, ...(tls === undefined ? {} : { tls }) });
  } catch (error) {
    tell(`Cannot listen on ${hostname}:${port}: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.UNREACHABLE;
  }
  if (tls === undefined && !isLoopback(hostname)) {
    tell("without --cert and --key the token travels in clear: only for networks that you trust");
  }
  const interruption = new Interruption(() => tell("interrupted: ending the run; once more stops at once"));
  interruption.second().addEventListener("abort", () => served.halt());
  print(checked.isGenerated ? `ready ${server.url} token ${token}` : `ready ${server.url}`);
  await interruption.waited();
  await served.close();
  await server.close();
  interruption.end();
  return EXIT.OK;
}

/** The options, or what is wrong with them. */
function check(line: Arguments<"agent">): Checked | string {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(line.listen ?? DEFAULT_LISTEN) ??
      [];
  const hostname = bracketed ?? plain;
  if (hostname === undefined || Number(port) > 65535) return `--listen ${line.listen}: is no HOST:PORT`;
  const allowed = AllowedTargets.of(line.allowTarget);
  if (typeof allowed === "string") return `--allow-target ${allowed}`;
  if ((line.cert === undefined) !== (line.key === undefined)) return "--cert and --key belong together";
  try {
    const given = givenToken(line.tokenFile);
    if (given !== undefined && given.length < MIN_TOKEN_LENGTH) {
      return `the token is shorter than ${MIN_TOKEN_LENGTH} characters: it guards who may send traffic`;
    }
    const tls = line.cert === undefined || line.key === undefined
      ? undefined
      : { cert: Deno.readTextFileSync(line.cert), key: Deno.readTextFileSync(line.key) };
    const token = given ?? newToken();
    return { hostname, port: Number(port), token, isGenerated: given === undefined, allowed, tls };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The token of a file or of the environment; undefined when there is none. */
function givenToken(file: string | undefined): string | undefined {
  if (file !== undefined) return Deno.readTextFileSync(file).trim();
  if (Deno.permissions.querySync({ name: "env", variable: TOKEN_VARIABLE }).state !== "granted") return undefined;
  const token = Deno.env.get(TOKEN_VARIABLE)?.trim();
  return token === "" ? undefined : token;
}

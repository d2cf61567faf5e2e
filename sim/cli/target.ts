/** `imstorm target`: the embedded IM server by itself. */
import { parseDuration } from "../scenario/quantity.ts";
import { parseUri } from "../sip/uri.ts";
import { intervalsOf } from "../target/every_nth.ts";
import type { ListenAddress, Target, TargetOptions } from "../target/options.ts";
import { startTarget } from "../target/server.ts";
import { formatAddress } from "../transport/address.ts";
import type { Arguments } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { Interruption } from "./interruption.ts";
import { print, tell } from "./print.ts";

const DEFAULT_LISTEN = ["sip:127.0.0.1:5060;transport=udp", "sip:127.0.0.1:5060;transport=tcp"];

/** Serves until interrupted; one line on standard output for each address when it is ready. */
export async function target(line: Arguments<"target">): Promise<ExitCode> {
  const options = optionsOf(line);
  if (typeof options === "string") {
    tell(options);
    return EXIT.USAGE;
  }
  let server: Target;
  try {
    server = await startTarget(options);
  } catch (error) {
    tell(`Cannot listen: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.UNREACHABLE;
  }
  const interruption = new Interruption(() => {});
  for (const { transport, address } of server.addresses) {
    print(`ready sip:${formatAddress(address)};transport=${transport}`);
  }
  await interruption.waited();
  const counters = Object.entries(server.counters()).filter(([, count]) => count !== 0);
  tell(counters.map(([name, count]) => `${name} ${count}`).join(", "));
  await server.close();
  interruption.end();
  return EXIT.OK;
}

/** The server's options, or what is wrong with the command line. */
function optionsOf(line: Arguments<"target">): TargetOptions | string {
  const listen: ListenAddress[] = [];
  for (const text of line.listen.length === 0 ? DEFAULT_LISTEN : line.listen) {
    const uri = parseUri(text);
    const transport = uri?.parameters.get("transport")?.toLowerCase() ?? "udp";
    if (uri === undefined || (transport !== "udp" && transport !== "tcp")) {
      return `--listen ${text}: is no SIP URI with transport udp or tcp`;
    }
    listen.push({ transport, address: { host: uri.host, port: uri.port ?? 5060 } });
  }
  const delay = parseDuration(line.delay);
  if (delay === undefined) return `--delay ${line.delay}: is no duration such as 20ms`;
  const at = parseDuration(line.stallAt);
  if (at === undefined) return `--stall-at ${line.stallAt}: is no duration such as 5s`;
  const length = line.stallFor === undefined ? 0 : parseDuration(line.stallFor);
  if (length === undefined) return `--stall-for ${line.stallFor}: is no duration such as 2s`;
  const { digest, password, domain } = line;
  const realm = domain[0] ?? "ims.example";
  return {
    listen,
    ...(domain.length === 0 ? {} : { domain }),
    ...(digest === undefined ? {} : { digest: { realm, algorithm: digest, secretOf: () => password } }),
    challengeRequests: line.challengeRequests,
    ...(line.minSe === undefined ? {} : { minSe: line.minSe }),
    ...(line.maxMessage === undefined ? {} : { maxMessage: line.maxMessage }),
    loss: line.loss,
    delay,
    ...(length === 0 ? {} : { stall: { at, for: length } }),
    duplicate: line.duplicate,
    corrupt: line.corrupt,
    every: intervalsOf(line),
    ...(line.refuse === 0 ? {} : { refuse: { share: line.refuse, status: line.refuseStatus } }),
    ...(line.seed === undefined ? {} : { seed: line.seed }),
  };
}

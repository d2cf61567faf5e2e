/** baresip, a phone of another maker, without sound: registers, gets and sends messages by its control port. */
import type { Millis } from "../../clock/clock.ts";
import { PeerChild, poll } from "./child.ts";
import { freePorts, LOOPBACK } from "./ports.ts";

/** Who it is and where it registers. */
export interface BaresipOptions {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  /** `host:port` of its server. */
  readonly target: string;
  readonly transport: "udp" | "tcp";
  /** Address of record of whom its messages go to. */
  readonly partner: string;
}

/** A running baresip. */
export interface Baresip extends AsyncDisposable {
  /** Its port of SIP. */
  readonly port: number;
  /** What it has printed: messages that arrived, too. */
  log(): string;
  /** Types a command, such as `message text`. */
  command(name: string, parameters?: string): Promise<void>;
}

const MODULES = ["module stdio.so", "module g711.so", "module aubridge.so", "module_tmp account.so"]
  .concat(["menu.so", "contact.so", "ctrl_tcp.so"].map((name) => `module_app ${name}`));
const START_LIMIT: Millis = 10_000;

/** Starts it on ports of its own and waits until its control port answers. */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const folder = await Deno.makeTempDir({ prefix: "imstorm-baresip-" });
  const [port, control] = freePorts(2) as [number, number];
  const { user, password, domain, target, transport, partner } = options;
  await Deno.writeTextFile(
    `${folder}/config`,
    [
      `sip_listen ${LOOPBACK}:${port}`,
      // by the address: the name of the interface, lo, is not taken
      `net_interface ${LOOPBACK}`,
      "audio_player aubridge,nil",
      "audio_source aubridge,nil",
      "module_path /usr/lib/baresip/modules",
      ...MODULES,
      `ctrl_tcp_listen ${LOOPBACK}:${control}`,
      "",
    ].join("\n"),
  );
  await Deno.writeTextFile(
    `${folder}/accounts`,
    `<sip:${user}@${domain};transport=${transport}>;auth_user=${user};auth_pass=${password};` +
      `outbound="sip:${target};transport=${transport}";regint=600;answermode=auto\n`,
  );
  await Deno.writeTextFile(`${folder}/contacts`, `"Partner" <${partner}>\n`);
  const child = PeerChild.start("baresip", ["-f", folder], { folder, typed: true });
  const end = async (): Promise<void> => {
    await child.stop();
    await Deno.remove(folder, { recursive: true });
  };
  const command = (name: string, parameters = ""): Promise<void> => callControl(control, name, parameters);
  const ready = await poll(
    START_LIMIT,
    () => child.ended ? Promise.resolve(false) : command("reginfo").then(() => true, () => undefined),
  );
  if (!ready) {
    await end();
    throw new Error(`baresip did not start:\n${child.log()}`);
  }
  return { port, log: () => child.log(), command, [Symbol.asyncDispose]: end };
}

/** One command as a netstring of JSON; waits for the first octets of the answer. */
async function callControl(port: number, command: string, params: string): Promise<void> {
  const connection = await Deno.connect({ hostname: LOOPBACK, port });
  try {
    const json = JSON.stringify({ command, params, token: "1" });
    await connection.write(new TextEncoder().encode(`${json.length}:${json},`));
    await connection.read(new Uint8Array(4096));
  } finally {
    connection.close();
  }
}

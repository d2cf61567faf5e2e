/** linphonec, a phone of another maker, without sound: registers, gets and sends messages by its command line. */
import { PeerChild } from "./child.ts";
import { freePorts, LOOPBACK } from "./ports.ts";

/** Who it is and where it registers. */
export interface LinphoneOptions {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  /** `host:port` of its server. */
  readonly target: string;
  readonly transport: "udp" | "tcp";
  readonly algorithm: "MD5" | "SHA-256";
}

/** A running linphonec. */
export interface Linphone extends AsyncDisposable {
  /** Its port of SIP. */
  readonly port: number;
  /** What it has printed: messages that arrived, too. */
  log(): string;
  /** Types a command, such as `chat sip:alice@ims.test text`. */
  type(line: string): Promise<void>;
}

function settingsOf(options: LinphoneOptions, port: number, mediaPort: number): string {
  const { user, password, domain, target, transport, algorithm } = options;
  return `
[sip]
sip_port=${transport === "udp" ? port : 0}
sip_tcp_port=${transport === "tcp" ? port : 0}
sip_tls_port=0
bind_address=${LOOPBACK}
default_proxy=0
guess_hostname=0
contact="${user}" <sip:${user}@${LOOPBACK}:${port}>
media_encryption=none
register_only_when_network_is_up=1

[net]
mtu=1300

[misc]
cpim_in_basic_chat_room_enabled=0
prefer_basic_chat_room=1

[proxy_0]
reg_proxy=<sip:${target};transport=${transport}>
reg_route=<sip:${target};transport=${transport};lr>
reg_identity=sip:${user}@${domain}
reg_sendregister=1
reg_expires=600
publish=0

[rtp]
audio_rtp_port=${mediaPort}

[auth_info_0]
username=${user}
passwd=${password}
realm=${domain}
algorithm=${algorithm}
available_algorithms=MD5,SHA-256
`.trimStart();
}

/** Starts it on ports of its own; it takes some seconds until it registers. */
export async function startLinphone(options: LinphoneOptions): Promise<Linphone> {
  const folder = await Deno.makeTempDir({ prefix: "imstorm-linphone-" });
  const [port, mediaPort] = freePorts(2) as [number, number];
  await Deno.mkdir(`${folder}/.local/share/linphone`, { recursive: true });
  await Deno.writeTextFile(`${folder}/rc`, settingsOf(options, port, mediaPort));
  const child = PeerChild.start("linphonec", ["-c", `${folder}/rc`, "-l", `${folder}/linphone.log`, "-d", "6"], {
    folder,
    env: { HOME: folder },
    typed: true,
  });
  return {
    port,
    log: () => child.log(),
    type: (line) => child.type(line),
    [Symbol.asyncDispose]: async () => {
      await child.stop("SIGTERM", 3000);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

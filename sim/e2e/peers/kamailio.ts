/** Kamailio as a target: our configuration on one loopback port, UDP and TCP, users in memory. */
import type { Millis } from "../../clock/clock.ts";
import { PeerChild, poll } from "./child.ts";
import { needProgram } from "./packages.ts";
import { freePort, LOOPBACK } from "./ports.ts";

/** The domain it serves; it serves its own address as well. */
export const KAMAILIO_DOMAIN = "ims.test";

/** How Kamailio behaves in a test. */
export interface KamailioOptions {
  /** Algorithm of the digest on REGISTER (401), initial INVITE and MESSAGE (407); `none` challenges nobody. */
  readonly digest?: "none" | "MD5" | "SHA-256";
  /** Answers an INVITE with a smaller Session-Expires 422 with this Min-SE, in seconds (RFC 4028 §6). */
  readonly minSe?: number;
  /** Answers a MESSAGE over UDP that is larger, in octets, 513. */
  readonly maxUdpMessage?: number;
  /** Whether it stays in the path of dialogs; true unless said. */
  readonly recordRoute?: boolean;
}

/** A running Kamailio. */
export interface Kamailio {
  /** `127.0.0.1:port`, UDP and TCP. */
  readonly address: string;
  /** Its port. */
  readonly port: number;
  /** Ends it and all its processes. */
  stop(): Promise<void>;
  /** All its counters, named `group:name`: `core:rcv_requests_message`, `usrloc:registered_users`, … */
  statistics(): Promise<Record<string, number>>;
  /** What it has printed; lines with `malformed:` name requests that it could not accept. */
  log(): string;
}

/** What the password of a user is, for every user there may be. */
export function kamailioPassword(user: string): string {
  return `pw-${user}`;
}

const START_LIMIT: Millis = 10_000;
const RPC_LIMIT: Millis = 2000;

function definitions(options: KamailioOptions): string[] {
  const digest = options.digest ?? "none";
  return [
    ...(digest === "none" ? [] : ["WITH_DIGEST", `AUTH_ALGORITHM="${digest}"`]),
    ...(options.minSe === undefined ? [] : [`MIN_SE=${options.minSe}`]),
    ...(options.maxUdpMessage === undefined ? [] : [`MAX_UDP_MESSAGE=${options.maxUdpMessage}`]),
    ...(options.recordRoute === false ? ["WITHOUT_RECORD_ROUTE"] : []),
  ].flatMap((definition) => ["-A", definition]);
}

/** Kamailio runs as nobody and must be able to read its configuration: the checkout may be closed to others. */
async function readableFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "imstorm-kamailio-" });
  await Deno.chmod(folder, 0o755);
  await Deno.copyFile(new URL("./kamailio.cfg", import.meta.url), `${folder}/kamailio.cfg`);
  await Deno.chmod(`${folder}/kamailio.cfg`, 0o644);
  return folder;
}

async function startOnce(program: string, folder: string, port: number, options: KamailioOptions): Promise<PeerChild> {
  const child = PeerChild.start(program, [
    ...["-f", `${folder}/kamailio.cfg`, "-l", `udp:${LOOPBACK}:${port}`, "-l", `tcp:${LOOPBACK}:${port}`],
    // -DD: stays in the foreground; 64 MiB shared and 8 MiB a process hold 100,000 users
    ...["-DD", "-E", "-m", "64", "-M", "8", "-Y", folder, "-w", folder, ...definitions(options)],
  ], { asNobody: true });
  const ready = await poll(START_LIMIT, async () => {
    if (child.ended) return false;
    return await callRpc(port, "core.version", []).then(() => true, () => undefined);
  });
  if (ready) return child;
  await child.stop();
  throw new Error(`Kamailio did not start on port ${port}:\n${child.log().slice(-4000)}`);
}

/** Starts Kamailio on a free port and waits until it answers; at most 10 s. */
export async function startKamailio(options: KamailioOptions = {}): Promise<Kamailio> {
  const program = await needProgram("kamailio");
  const folder = await readableFolder();
  try {
    // a port that was free may be taken by the time Kamailio binds it
    for (let attempt = 1;; attempt++) {
      const port = freePort();
      try {
        return runningKamailio(await startOnce(program, folder, port, options), port, folder);
      } catch (error) {
        if (attempt === 3 || !String(error).includes("Address already in use")) throw error;
      }
    }
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

function runningKamailio(child: PeerChild, port: number, folder: string): Kamailio {
  return {
    address: `${LOOPBACK}:${port}`,
    port,
    stop: async () => {
      await child.stop();
      await Deno.remove(folder, { recursive: true }).catch(() => undefined);
    },
    statistics: async () => parseStatistics(await callRpc(port, "stats.get_statistics", ["all"])),
    log: () => child.log(),
  };
}

/** From the lines `group:name = value` of `stats.get_statistics`. */
export function parseStatistics(result: unknown): Record<string, number> {
  if (!Array.isArray(result)) throw new TypeError("Cannot read statistics: not a list");
  return Object.fromEntries(result.map((line) => {
    const [name, value] = String(line).split(" = ");
    return [name, Number(value)];
  }));
}

/**
 * One JSON-RPC call over HTTP. Not by `fetch`: that keeps its connection, and the leak detection of a test with it.
 */
async function callRpc(port: number, method: string, params: readonly string[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", method, params, id: 1 });
  const connection = await Deno.connect({ hostname: LOOPBACK, port });
  const timer = setTimeout(() => connection.close(), RPC_LIMIT);
  try {
    const request = `POST /RPC HTTP/1.1\r\nHost: ${LOOPBACK}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`;
    await connection.write(new TextEncoder().encode(request));
    const answer = JSON.parse(await readBody(connection));
    if ("error" in answer) throw new Error(`Kamailio refused ${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  } finally {
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // the timer has closed it
    }
  }
}

/** Everything after the header of an HTTP answer with Content-Length; the server leaves the connection open. */
async function readBody(connection: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (true) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error(`Cannot read the answer: closed after ${text.length} octets`);
    // Kamailio's counters are ASCII: one octet, one character
    for (const octet of buffer.subarray(0, count)) text += String.fromCharCode(octet);
    const headerEnd = text.indexOf("\r\n\r\n");
    const length = /content-length: *(\d+)/i.exec(text)?.[1];
    if (headerEnd < 0 || length === undefined) continue;
    if (text.length >= headerEnd + 4 + Number(length)) return text.slice(headerEnd + 4);
  }
}

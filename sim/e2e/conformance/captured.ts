/**
 * Captures of the suite: what our clients sent and received, as pcapng files that tshark reads in
 * `peers_conformance_test.ts`. Two for each test file, one of SIP and one of MSRP, as no port says which is which; their
 * ports stand beside them. Nothing is written unless the environment names the folder.
 */
import type { Millis } from "../../clock/clock.ts";
import type { Flow } from "../../transport/flow.ts";
import { CaptureEncoder } from "../../transport/pcap.ts";

/** The environment variable that names the folder of the captures. */
export const CAPTURE_VARIABLE = "IMSTORM_CONFORMANCE_CAPTURES";

/** What stands beside the two captures of a test file. */
export interface CapturedPorts {
  readonly sip: readonly number[];
  readonly msrp: readonly number[];
}

type Protocol = keyof CapturedPorts;

const FOLDER = Deno.env.get(CAPTURE_VARIABLE);
const NAME = new URL(Deno.mainModule).pathname.split("/").at(-1)!.replace(/\.ts$/, "");
const PORTS: Readonly<Record<Protocol, Set<number>>> = { sip: new Set(), msrp: new Set() };

/** Gathers what one client sends and receives. */
export class Captured {
  readonly #encoder = new CaptureEncoder();
  readonly #protocols: WeakMap<Flow, Protocol> = new WeakMap();
  readonly #blocks: Readonly<Record<Protocol, Uint8Array[]>> = { sip: [], msrp: [] };
  /** The wall clock at the client's 0. */
  readonly #epoch: Millis = Date.now();

  /** One message. */
  add(direction: "sent" | "received", octets: Uint8Array, flow: Flow, at: Millis): void {
    if (FOLDER === undefined) return;
    const protocol = this.#protocols.get(flow) ?? (startsWithMsrp(octets) ? "msrp" : "sip");
    this.#protocols.set(flow, protocol);
    const nanoseconds = BigInt(Math.round((this.#epoch + at) * 1000)) * 1000n;
    this.#blocks[protocol].push(this.#encoder.packet(direction, octets, flow, nanoseconds));
    // a connection has a listening end and one that is nobody's: SIP is told from MSRP by both
    PORTS[protocol].add(flow.remote.port).add(flow.local.port);
  }

  /** Appends it to the files. */
  write(): void {
    if (FOLDER === undefined) return;
    for (const protocol of ["sip", "msrp"] as const) {
      const file = `${FOLDER}/${NAME}.${protocol}.pcapng`;
      if (!exists(file)) Deno.writeFileSync(file, this.#encoder.header());
      for (const block of this.#blocks[protocol]) Deno.writeFileSync(file, block, { append: true });
    }
    const ports: CapturedPorts = { sip: [...PORTS.sip], msrp: [...PORTS.msrp] };
    Deno.writeTextFileSync(`${FOLDER}/${NAME}.ports.json`, JSON.stringify(ports));
  }
}

function startsWithMsrp(octets: Uint8Array): boolean {
  return String.fromCharCode(...octets.subarray(0, 5)) === "MSRP ";
}

function exists(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** `--pcap`: a pcapng file of everything our sockets sent and received. */
import type { CapturedPacket } from "../load/order.ts";
import { CaptureEncoder } from "../transport/pcap.ts";

/** An open capture file. */
export class CaptureFile {
  readonly #file: Deno.FsFile;
  readonly #encoder = new CaptureEncoder();
  /** The encoder tells flows apart by identity; packets from workers name them by address. */
  readonly #flows: Map<string, CapturedFlow> = new Map();

  /** Creates the file; throws when it cannot be written. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    this.#write(this.#encoder.header());
  }

  /** Appends packets in the order they come. */
  append(packets: readonly CapturedPacket[]): void {
    for (const packet of packets) {
      const nanoseconds = BigInt(Math.round(packet.at * 1000)) * 1000n;
      this.#write(this.#encoder.packet(packet.direction, packet.octets, this.#flowOf(packet), nanoseconds));
    }
  }

  /** Closes the file. */
  close(): void {
    this.#file.close();
  }

  #flowOf(packet: CapturedPacket): CapturedFlow {
    const { transport, local, remote } = packet;
    const key = `${transport} ${local.host} ${local.port} ${remote.host} ${remote.port}`;
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      flow = { transport, local, remote };
      this.#flows.set(key, flow);
    }
    return flow;
  }

  #write(octets: Uint8Array): void {
    for (let written = 0; written < octets.length;) written += this.#file.writeSync(octets.subarray(written));
  }
}

type CapturedFlow = Pick<CapturedPacket, "transport" | "local" | "remote">;

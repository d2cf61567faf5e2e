/** `--event-log`: one JSON object a line for each SIP message of our clients, and for each message whose fate is known. */
import type { CapturedPacket } from "../load/order.ts";
import type { FateEvent } from "../load/fate_event.ts";
import { wireEventOf } from "../results/wire_event.ts";

/** An open event log. */
export class EventLogFile {
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();

  /** Creates the file; throws when it cannot be written. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
  }

  /** Appends what a worker saw, in the order it came; throws when the disk is full. */
  append(packets: readonly CapturedPacket[], messages: readonly FateEvent[]): void {
    let lines = "";
    for (const packet of packets) {
      const event = wireEventOf(packet);
      if (event !== undefined) lines += `${JSON.stringify(event)}\n`;
    }
    for (const event of messages) lines += `${JSON.stringify(event)}\n`;
    const octets = this.#encoder.encode(lines);
    for (let written = 0; written < octets.length;) written += this.#file.writeSync(octets.subarray(written));
  }

  /** Closes the file. */
  close(): void {
    this.#file.close();
  }
}

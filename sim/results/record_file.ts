/**
 * A file of MessagePack records one after another, ended by a footer that says how many there are.
 *
 * file   = *record [footer]
 * footer = {footer: true, records: number, checksum: SHA-256 of all records' octets in hexadecimal digits}
 */
import { createHash } from "node:crypto";
import { decodeMulti, Encoder } from "@msgpack/msgpack";

/** What is wrong with a file of records. */
export type RecordFault = "cut_off" | "no_footer" | "wrong_count" | "wrong_checksum" | "after_footer";

/** What a file of records holds. */
export interface RecordsRead {
  readonly records: readonly unknown[];
  /** Whether the footer is there and true. */
  readonly complete: boolean;
  readonly faults: readonly RecordFault[];
}

interface Footer {
  readonly footer: true;
  readonly records: number;
  readonly checksum: string;
}

/** Appends records; what is appended survives the end of the process. */
export class RecordWriter {
  readonly #file: Deno.FsFile;
  readonly #encoder = new Encoder({ ignoreUndefined: true });
  readonly #hash = createHash("sha256");
  #records = 0;

  /** Makes the file; throws when there is one. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, createNew: true });
  }

  /** Writes one record at once; throws when the disk is full. */
  append(record: unknown): void {
    const octets = this.#encoder.encodeSharedRef(record);
    this.#write(octets);
    this.#hash.update(octets);
    this.#records++;
  }

  /** Writes the footer and closes. */
  finish(): void {
    const footer: Footer = { footer: true, records: this.#records, checksum: this.#hash.digest("hex") };
    this.#write(this.#encoder.encodeSharedRef(footer));
    this.#file.close();
  }

  /** Closes without a footer: the file stays incomplete. */
  abandon(): void {
    this.#file.close();
  }

  #write(octets: Uint8Array): void {
    for (let at = 0; at < octets.length;) at += this.#file.writeSync(octets.subarray(at));
  }
}

/** Reads what can be read: a file that was cut off gives every whole record. */
export function readRecords(octets: Uint8Array): RecordsRead {
  const records: unknown[] = [];
  const faults: RecordFault[] = [];
  let footer: Footer | undefined;
  try {
    for (const record of decodeMulti(octets)) {
      if (footer !== undefined) faults.push("after_footer");
      else if (isFooter(record)) footer = record;
      else records.push(record);
    }
  } catch {
    // RangeError or DecodeError: the process was killed while it wrote
    faults.push("cut_off");
  }
  if (footer === undefined) faults.push("no_footer");
  else if (faults.length === 0) {
    if (footer.records !== records.length) faults.push("wrong_count");
    const size = octets.length - new Encoder().encode(footer).length;
    if (createHash("sha256").update(octets.subarray(0, size)).digest("hex") !== footer.checksum) {
      faults.push("wrong_checksum");
    }
  }
  return { records, complete: faults.length === 0, faults: [...new Set(faults)] };
}

function isFooter(record: unknown): record is Footer {
  return typeof record === "object" && record !== null && (record as Partial<Footer>).footer === true;
}

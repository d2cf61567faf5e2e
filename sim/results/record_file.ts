/**
 * A file of MessagePack records one after another, ended by a footer that says how many there are.
 *
 * file   = *record [footer]
 * record = {…, crc32: CRC-32 of the record's encoding without this key}
 * footer = {footer: true, records: number, checksum: SHA-256 of all records' octets in hexadecimal digits}
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { decodeMulti, Encoder } from "@msgpack/msgpack";
import { indexOfOctets } from "../bytes/scan.ts";

/** What is wrong with a file of records. */
export type RecordFault =
  | "cut_off"
  | "damaged"
  | "changed_record"
  | "no_footer"
  | "wrong_count"
  | "wrong_checksum"
  | "after_footer";

/** A record as it was appended. */
export type FileRecord = Readonly<Record<string, unknown>>;

/** What a file of records holds. */
export interface RecordsRead {
  /** Those that are as they were written. */
  readonly records: readonly FileRecord[];
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
  readonly #encoder = newEncoder();
  readonly #hash = createHash("sha256");
  #records = 0;

  /** Makes the file; throws when there is one. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, createNew: true });
  }

  /** Writes one record at once; throws when the disk is full. */
  append(record: object): void {
    const octets = this.#encoder.encodeSharedRef({ ...record, crc32: crc32(this.#encoder.encodeSharedRef(record)) });
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

/**
 * Reads what can be read: every whole record that is as it was written, of a file that may be cut off or damaged.
 *
 * `isChecked`: records without a check are none; false for files of versions that wrote none.
 */
export function readRecords(octets: Uint8Array, isChecked = true): RecordsRead {
  const faults = new Set<RecordFault>();
  const { found, footer } = decoded(octets, faults);
  if (footer === undefined) faults.add("no_footer");
  else if (!faults.has("damaged")) {
    if (footer.records !== found.length) faults.add("wrong_count");
    if (checksumBefore(footer, octets) !== footer.checksum) faults.add("wrong_checksum");
  }
  // without checks of their own, which of the records are changed cannot be told
  const isTrusted = !faults.has("wrong_checksum") && !faults.has("damaged");
  const records: FileRecord[] = [];
  const encoder = newEncoder();
  for (const { crc32: check, ...record } of found) {
    if (isChecked ? check === crc32(encoder.encodeSharedRef(record)) : isTrusted) records.push(record);
    else faults.add("changed_record");
  }
  return { records, complete: faults.size === 0, faults: [...faults] };
}

/** All records up to the footer, or up to where the octets make no sense. */
function decoded(octets: Uint8Array, faults: Set<RecordFault>): { found: FileRecord[]; footer: Footer | undefined } {
  const found: FileRecord[] = [];
  let footer: Footer | undefined;
  try {
    for (const record of decodeMulti(octets)) {
      if (footer !== undefined) {
        faults.add("after_footer");
        break;
      } else if (!isMap(record)) {
        faults.add("damaged");
        break;
      } else if (isFooter(record)) footer = record;
      else found.push(record);
    }
  } catch (error) {
    // RangeError: the octets end inside a record, because the process was killed while it wrote
    faults.add(footer !== undefined ? "after_footer" : error instanceof RangeError ? "cut_off" : "damaged");
  }
  return { found, footer };
}

/** The checksum of all octets before the footer, wherever it stands. */
function checksumBefore(footer: Footer, octets: Uint8Array): string {
  const at = indexOfOctets(octets, newEncoder().encode(footer), 0, octets.length);
  return createHash("sha256").update(octets.subarray(0, Math.max(at, 0))).digest("hex");
}

function newEncoder(): Encoder {
  return new Encoder({ ignoreUndefined: true });
}

function isMap(record: unknown): record is FileRecord {
  return typeof record === "object" && record !== null && !Array.isArray(record) && !ArrayBuffer.isView(record);
}

function isFooter(record: FileRecord): record is FileRecord & Footer {
  return record.footer === true && typeof record.records === "number" && typeof record.checksum === "string";
}

/**
 * Reads `/proc` of Linux, for health of the process and its machine, and gives memory back.
 *
 * Deno opens `/proc` only with all permissions; the C library reads it with the permission `ffi`. Without either, and on
 * other systems, nothing is known.
 */
import { Libc } from "../transport/libc.ts";

const O_RDONLY_CLOEXEC = 0o2000000;
const BLOCK = 65_536;
/** More is no text of `/proc` that we read. */
const LARGEST = 16 * 1_048_576;

/** One reader for the life of the process. */
export class Proc {
  readonly #libc: Libc | undefined;
  readonly #buffer = new Uint8Array(BLOCK);
  readonly #decoder = new TextDecoder();

  /** Opens the C library where it may. */
  constructor() {
    const libc = Deno.build.os === "linux" ? Libc.open() : "not Linux";
    this.#libc = typeof libc === "string" ? undefined : libc;
  }

  /** The text of a file; undefined when it cannot be read here. */
  text(path: string): string | undefined {
    if (this.#libc === undefined) return undefined;
    const { open, read, close } = this.#libc.symbols;
    const descriptor = open(cString(path), O_RDONLY_CLOEXEC);
    if (descriptor < 0) return undefined;
    let text = "";
    for (let whole = 0; whole < LARGEST;) {
      const count = Number(read(descriptor, this.#buffer, BigInt(BLOCK)));
      if (count <= 0) break;
      text += this.#decoder.decode(this.#buffer.subarray(0, count), { stream: true });
      whole += count;
    }
    close(descriptor);
    return text + this.#decoder.decode();
  }

  /** How many entries a folder has; undefined when it cannot be read here. */
  entries(path: string): number | undefined {
    if (this.#libc === undefined) return undefined;
    const { opendir, readdir, closedir } = this.#libc.symbols;
    const folder = opendir(cString(path));
    if (folder === null) return undefined;
    // "." and ".." are no entries
    let count = -2;
    while (readdir(folder) !== null) count++;
    closedir(folder);
    return count;
  }

  /**
   * Gives the system what the C library keeps of memory that was freed: by itself it gives back only what lies at the end
   * of a heap. Takes milliseconds, in which other threads may wait for memory.
   */
  returnMemory(): void {
    this.#libc?.symbols.malloc_trim?.(0n);
  }

  /** Closes the library. */
  close(): void {
    this.#libc?.close();
  }
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

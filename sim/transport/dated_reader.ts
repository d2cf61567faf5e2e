/** Octets of connections with the moment at which the kernel got them (Linux on x86-64). */
import type { Millis } from "../clock/clock.ts";
import { KernelAge } from "./kernel_age.ts";
import { type Libc, SO_TIMESTAMPNS, SOL_SOCKET } from "./libc.ts";
import { CONTROL_LENGTH, CONTROL_POINTER, VECTOR_COUNT, VECTOR_POINTER, writePointer } from "./message_ring.ts";

/** Words of `struct msghdr`. */
const HEADER_WORDS = 14;
const CONTROL_WORDS = 16;
/** Header and `struct timespec` of the one control message that is expected. */
const STAMP_SIZE = 32;
/** The address of larger buffers is asked for each time, so that none is kept for its address. */
const LARGEST_KNOWN = 65536;

/** Reads connections, one at a time. */
export class DatedReader {
  /**
   * Milliseconds since the last of the octets read came; 0 where the kernel does not say. What came before them may be
   * older: the kernel keeps one date for octets that wait together.
   */
  age: Millis = 0;
  readonly #libc: Libc;
  readonly #age: KernelAge;
  // the kernel gets their addresses: small arrays without a buffer of their own may be moved by the engine
  readonly #header = wordsThatStay(HEADER_WORDS);
  readonly #vector = wordsThatStay(4);
  readonly #control = wordsThatStay(CONTROL_WORDS);
  #known: ArrayBuffer | undefined;
  #knownAddress = 0;

  /** Reads nothing yet. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#age = new KernelAge(libc);
    writePointer(this.#header, VECTOR_POINTER, this.#vector, 0);
    this.#header[VECTOR_COUNT] = 1;
    writePointer(this.#header, CONTROL_POINTER, this.#control, 0);
  }

  /** Reads at most `most` octets to the beginning of `room`; as `recv`: 0 at the end, negative where there is an error. */
  read(descriptor: number, room: Uint8Array, most: number): number {
    const vector = this.#vector;
    // no buffer of ours is shared
    const address = this.#addressOf(room.buffer as ArrayBuffer) + room.byteOffset;
    vector[0] = address;
    vector[1] = address / 0x1_0000_0000;
    vector[2] = most;
    this.#header[CONTROL_LENGTH] = CONTROL_WORDS * 4;
    const count = this.#libc.symbols.recvmsg(descriptor, this.#header, 0);
    this.age = count > 0 && this.#isStamped() ? this.#readAge() : 0;
    return count;
  }

  #isStamped(): boolean {
    const control = this.#control;
    return this.#header[CONTROL_LENGTH]! >= STAMP_SIZE && control[2] === SOL_SOCKET && control[3] === SO_TIMESTAMPNS;
  }

  #readAge(): Millis {
    const control = this.#control;
    this.#age.look();
    return this.#age.since(control[4]! + control[5]! * 0x1_0000_0000, control[6]!);
  }

  /** Addresses have at most 48 bits. */
  #addressOf(buffer: ArrayBuffer): number {
    if (buffer === this.#known) return this.#knownAddress;
    const address = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer)));
    if (buffer.byteLength <= LARGEST_KNOWN) {
      this.#known = buffer;
      this.#knownAddress = address;
    }
    return address;
  }
}

function wordsThatStay(count: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(new ArrayBuffer(count * 4));
}

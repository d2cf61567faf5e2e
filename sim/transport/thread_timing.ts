/** Has the kernel wake the thread of a load when it is due, not when it suits other threads. */
import { type Libc, PR_SET_TIMERSLACK, SYS_SCHED_GETATTR, SYS_SCHED_SETATTR } from "./libc.ts";

/** Octets of the first version of `struct sched_attr`, sched_setattr(2). */
const ATTRIBUTES_SIZE = 48;
/** Where `sched_runtime`, a 64-bit number, lies in it. */
const RUNTIME_OFFSET = 24;
/** The shortest time slice that Linux grants, in nanoseconds. */
const SHORTEST_SLICE = 100_000n;

/**
 * Makes waits of the calling thread end on time.
 *
 * The kernel may wake a thread 50 µs late, for the sake of batteries: not this one. And where all processors are busy, a
 * thread that wakes waits until the time slice of another one is over, 3 ms and more: one with shorter slices goes before
 * it. It gets no more of the processor by that, only sooner. Linux before 6.12 ignores the slice.
 */
export function wakeOnTime({ symbols: { prctl, syscall } }: Libc): void {
  prctl(PR_SET_TIMERSLACK, 1n);
  const attributes = new Uint8Array(ATTRIBUTES_SIZE);
  // whatever else is set stays: priority and policy are those of whoever started the program
  if (syscall(SYS_SCHED_GETATTR, 0, attributes, ATTRIBUTES_SIZE, 0) !== 0n) return;
  new DataView(attributes.buffer).setBigUint64(RUNTIME_OFFSET, SHORTEST_SLICE, true);
  syscall(SYS_SCHED_SETATTR, 0, attributes, 0, 0);
}

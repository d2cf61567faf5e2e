/** Which of many file descriptors can be read or written: one epoll descriptor over all of them. */
import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_MOD, type Libc } from "./libc.ts";

/** `struct epoll_event { u32 events; u64 data; }`, packed: three words. */
const EVENT_WORDS = 3;
/** Descriptors told of at once; the kernel tells of the others the next time. */
const MOST_AT_ONCE = 64;

/** Hears that its descriptor is ready; `events` are those of epoll. */
export interface Ready {
  /** Called as long as it is ready. */
  onReady(events: number): void;
}

/** Descriptors and who they belong to. */
export class Readiness {
  /** Can be read while any of the others is ready; can be waited for like any descriptor. */
  readonly descriptor: number;
  readonly #libc: Libc;
  readonly #events = new Uint32Array(EVENT_WORDS * MOST_AT_ONCE);
  readonly #one = new Uint32Array(EVENT_WORDS);
  /** By number: a descriptor is soon used again, and what was told of the old one must not reach the new one. */
  readonly #owners: Map<number, Ready> = new Map();
  #next = 0;

  /** Throws where the kernel gives no descriptor for it. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.descriptor = libc.symbols.epoll_create1(EPOLL_CLOEXEC);
    if (this.descriptor < 0) throw new Error(`Cannot watch sockets: ${libc.errno()}`);
  }

  /** Tells `owner` of these events from now on; gives its number, or the name of the system's error. */
  add(descriptor: number, events: number, owner: Ready): number | string {
    const number = this.#next++;
    if (!this.#control(EPOLL_CTL_ADD, descriptor, events, number)) return this.#libc.errno();
    this.#owners.set(number, owner);
    return number;
  }

  /** Descriptors that are watched. */
  size(): number {
    return this.#owners.size;
  }

  /** Tells of other events; errors are always told of. */
  change(number: number, descriptor: number, events: number): void {
    this.#control(EPOLL_CTL_MOD, descriptor, events, number);
  }

  /** Tells of nothing more; its descriptor is to be closed, which takes it out of the kernel's list. */
  forget(number: number): void {
    this.#owners.delete(number);
  }

  /** Tells up to 64 owners what is ready now. */
  tell(): void {
    const events = this.#events;
    const count = this.#libc.symbols.epoll_wait(this.descriptor, events, MOST_AT_ONCE, 0);
    for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) {
      this.#owners.get(events[at + 1]!)?.onReady(events[at]!);
    }
  }

  /** Must not be used any more. */
  close(): void {
    this.#libc.symbols.close(this.descriptor);
  }

  #control(operation: number, descriptor: number, events: number, number: number): boolean {
    this.#one[0] = events;
    this.#one[1] = number;
    return this.#libc.symbols.epoll_ctl(this.descriptor, operation, descriptor, this.#one) === 0;
  }
}

/**
 * The functions of the C library that batched UDP, connections and the reading of `/proc` need: the only `dlopen` of
 * the program. Numbers are those of Linux on x86-64. Names are libc's own.
 */

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
/** Also the type of the control message that carries the time. */
export const SO_TIMESTAMPNS = 35;
/** Also the type of the control message that carries the count. */
export const SO_RXQ_OVFL = 40;
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const MSG_NOSIGNAL = 0x4000;
export const POLLIN = 1;
export const POLLOUT = 4;
/** Told whether it was asked for or not; in the upper half of the word of events in a `pollfd`. */
export const POLLERR = 8;
export const CLOCK_REALTIME = 0;
export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_MOD = 3;
export const EPOLLIN = 1;
export const EPOLLOUT = 4;
export const EPOLLERR = 8;
export const PR_SET_TIMERSLACK = 29;

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  // fewer octets than 2^31 are moved, so half of the result says it all, and no big integer is made
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  recvmmsg: { parameters: ["i32", "pointer", "u32", "i32", "pointer"], result: "i32" },
  sendmmsg: { parameters: ["i32", "pointer", "u32", "i32"], result: "i32" },
  ppoll: { parameters: ["buffer", "usize", "buffer", "pointer"], result: "i32" },
  usleep: { parameters: ["u32"], result: "i32" },
  prctl: { parameters: ["i32", "usize"], result: "i32" },
  pollAsync: { name: "poll", parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  opendir: { parameters: ["buffer"], result: "pointer" },
  readdir: { parameters: ["pointer"], result: "pointer" },
  closedir: { parameters: ["pointer"], result: "i32" },
  // glibc's own
  malloc_trim: { parameters: ["usize"], result: "i32", optional: true },
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** How often a call is tried before it counts as missing. */
const PROBES = 3;

/** That of musl has another name: other layouts are not tried. */
const GNU_LIBC = "libc.so.6";

const ERROR_NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  4: "EINTR",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  32: "EPIPE",
  38: "ENOSYS",
  71: "EPROTO",
  90: "EMSGSIZE",
  92: "ENOPROTOOPT",
  97: "EAFNOSUPPORT",
  98: "EADDRINUSE",
  99: "EADDRNOTAVAIL",
  100: "ENETDOWN",
  101: "ENETUNREACH",
  103: "ECONNABORTED",
  104: "ECONNRESET",
  105: "ENOBUFS",
  110: "ETIMEDOUT",
  111: "ECONNREFUSED",
  113: "EHOSTUNREACH",
  115: "EINPROGRESS",
};

/** The opened library; belongs to the thread that opened it. */
export class Libc {
  /** Its functions. */
  readonly symbols: Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;
  readonly #errno: Deno.UnsafePointerView;

  private constructor(library: Deno.DynamicLibrary<typeof SYMBOLS>) {
    this.#library = library;
    this.symbols = library.symbols;
    this.#errno = new Deno.UnsafePointerView(library.symbols.__errno_location()!);
  }

  /** Opens it, or tells in a sentence why it cannot be used here: another system, or a libc that is not GNU's. */
  static open(
    file: string = GNU_LIBC,
    { os, arch }: Pick<typeof Deno.build, "os" | "arch"> = Deno.build,
  ): Libc | string {
    if (os !== "linux" || arch !== "x86_64") return `the system is ${os} on ${arch}, not linux on x86_64`;
    if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return "the permission ffi is not granted";
    try {
      return new Libc(Deno.dlopen(file, SYMBOLS));
    } catch (error) {
      return `${file} cannot be opened: ${(error as Error).message}`;
    }
  }

  /** Why the kernel, or what guards it, does not let us move datagrams in batches; undefined where it does. */
  obstacleToBatches(): string | undefined {
    const { recvmmsg, sendmmsg } = this.symbols;
    const probes = { recvmmsg: () => recvmmsg(-1, null, 0, 0, null), sendmmsg: () => sendmmsg(-1, null, 0, 0) };
    for (const [name, probe] of Object.entries(probes)) {
      const errors = Array.from({ length: PROBES }, () => (probe(), this.errno()));
      // where the call is there, it complains of the descriptor; the runtime may have made another call since
      if (!errors.includes("EBADF")) return `the kernel refuses ${name}: ${errors[0]}`;
    }
    return undefined;
  }

  /** The name of the error of the last call that failed, such as "EAGAIN". */
  errno(): string {
    return errorName(this.#errno.getInt32());
  }

  /** Forgets the library; its functions must not be called any more. */
  close(): void {
    this.#library.close();
  }
}

/** The name of an error by its number. */
export function errorName(number: number): string {
  return ERROR_NAMES[number] ?? `E${number}`;
}

/** What Deno itself throws when an address cannot be bound. */
export function bindError(code: string, address: string): Error {
  switch (code) {
    case "EADDRINUSE":
      return new Deno.errors.AddrInUse(`Cannot bind ${address}: it is in use`);
    case "EADDRNOTAVAIL":
      return new Deno.errors.AddrNotAvailable(`Cannot bind ${address}: it is no address of this host`);
    case "EACCES":
      return new Deno.errors.PermissionDenied(`Cannot bind ${address}: the port needs more rights`);
    default:
      return new Error(`Cannot bind ${address}: ${code}`);
  }
}

/** Raw sockets of the scripted peer: text in, text out, one character an octet; nothing of ours reads or writes here. */

/** Loopback address of everybody. */
export const HOST = "127.0.0.1";
const PORT_ATTEMPTS = 20;
/** Only what fails waits so long; the machine may be busy with other tests. */
const LIMIT = 20_000;

/** Octets of a text of one character each. */
export function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The text of octets, one character each. */
export function textOf(octets: Uint8Array): string {
  let text = "";
  for (let at = 0; at < octets.length; at += 8192) text += String.fromCharCode(...octets.subarray(at, at + 8192));
  return text;
}

/** A text of UTF-8, one character an octet. */
export function utf8(text: string): string {
  return textOf(new TextEncoder().encode(text));
}

/** Asks again in every turn until `ask` answers other than undefined or false; throws `what` after 20 s. */
export async function until<T>(ask: () => T | undefined | false, what: () => string): Promise<T> {
  const deadline = performance.now() + LIMIT;
  while (true) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`It did not come: ${what()}`);
    await turn();
  }
}

/** Lets the runtime look at its sockets once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What a peer has read and written, in octets. */
export interface Traffic {
  read: number;
  written: number;
}

/** The way to the other side of a datagram or a connection. */
export interface Way {
  readonly transport: "udp" | "tcp";
  /** Port of the other side. */
  readonly port: number;
  /** Whether the other side has closed it, or we have. */
  readonly closed: boolean;
  send(text: string): void;
  close(): void;
}

/** A UDP socket. */
export class Datagrams {
  readonly port: number;
  readonly #socket: Deno.DatagramConn;
  readonly #traffic: Traffic;
  readonly #ended: Promise<void>;

  /** Bound to any port, or to the one given; `take` gets each datagram. */
  constructor(traffic: Traffic, take: (text: string, way: Way) => void, port = 0) {
    this.#traffic = traffic;
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname: HOST, port });
    this.port = (this.#socket.addr as Deno.NetAddr).port;
    this.#ended = this.#readAll(take);
  }

  /** The way to a port. */
  wayTo(port: number): Way {
    const send = (text: string): void => {
      this.#traffic.written += text.length;
      void this.#socket.send(octetsOf(text), { transport: "udp", hostname: HOST, port });
    };
    return { transport: "udp", port, closed: false, send, close: () => {} };
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#ended;
  }

  async #readAll(take: (text: string, way: Way) => void): Promise<void> {
    for await (const [octets, from] of this.#socket) {
      this.#traffic.read += octets.length;
      take(textOf(octets), this.wayTo((from as Deno.NetAddr).port));
    }
  }
}

/** One TCP connection; reading can be held up. */
export class Stream implements Way {
  readonly transport = "tcp";
  readonly port: number;
  closed = false;
  /** While true, nothing more is read: the other side meets a full window. */
  held: boolean;
  readonly ended: Promise<void>;
  readonly #connection: Deno.TcpConn;
  readonly #traffic: Traffic;
  #written: Promise<unknown> = Promise.resolve();

  /** Reads at once. */
  constructor(connection: Deno.TcpConn, traffic: Traffic, take: (text: string, stream: Stream) => void, held: boolean) {
    connection.setNoDelay(true);
    this.held = held;
    this.#connection = connection;
    this.#traffic = traffic;
    this.port = (connection.remoteAddr as Deno.NetAddr).port;
    this.ended = this.#readAll(take);
  }

  send(text: string): void {
    this.#traffic.written += text.length;
    const octets = octetsOf(text);
    this.#written = this.#written.then(async () => {
      for (let at = 0; at < octets.length;) at += await this.#connection.write(octets.subarray(at));
    }).catch(() => {});
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    void this.#written.then(() => {
      try {
        this.#connection.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    });
  }

  async #readAll(take: (text: string, stream: Stream) => void): Promise<void> {
    const room = new Uint8Array(65536);
    while (!this.closed) {
      if (this.held) {
        await turn();
        continue;
      }
      const count = await this.#connection.read(room).catch(() => null);
      if (count === null) break;
      this.#traffic.read += count;
      take(textOf(room.subarray(0, count)), this);
    }
    this.close();
    take("", this);
    await this.#written;
  }
}

/** A listening TCP port and its connections, those opened from here included. */
export class Streams {
  readonly port: number;
  /** All that were ever made. */
  readonly all: Stream[] = [];
  /** Whether nothing is read of connections that are accepted from now on, until they are let go. */
  holding = false;
  readonly #listener: Deno.TcpListener;
  readonly #traffic: Traffic;
  readonly #take: (text: string, stream: Stream) => void;
  readonly #ended: Promise<void>;
  #open = true;

  /** `take` gets what is read, and "" at the end of a connection. */
  constructor(traffic: Traffic, port: number, take: (text: string, stream: Stream) => void) {
    this.#listener = Deno.listen({ hostname: HOST, port });
    this.port = (this.#listener.addr as Deno.NetAddr).port;
    this.#traffic = traffic;
    this.#take = take;
    this.#ended = this.#acceptAll();
  }

  /** A new connection to a port. */
  async connect(port: number): Promise<Stream> {
    return this.#add(await Deno.connect({ hostname: HOST, port }));
  }

  /** When it settles, connections are refused; those there are stay. */
  async refuse(): Promise<void> {
    if (this.#open) this.#listener.close();
    this.#open = false;
    await this.#ended;
  }

  async close(): Promise<void> {
    await this.refuse();
    for (const stream of this.all) stream.close();
    await Promise.all(this.all.map(({ ended }) => ended));
  }

  #add(connection: Deno.TcpConn): Stream {
    const stream = new Stream(connection, this.#traffic, this.#take, this.holding);
    this.all.push(stream);
    return stream;
  }

  async #acceptAll(): Promise<void> {
    while (this.#open) {
      const connection = await this.#listener.accept().catch(() => undefined);
      if (connection !== undefined) this.#add(connection);
    }
  }
}

/** UDP and TCP on one port, as whoever listens on UDP must (RFC 3261 §18.2.1). */
export function openBoth(
  traffic: Traffic,
  takeDatagram: (text: string, way: Way) => void,
  takeOctets: (text: string, stream: Stream) => void,
): { datagrams: Datagrams; streams: Streams } {
  for (let attempt = 1;; attempt++) {
    const datagrams = new Datagrams(traffic, takeDatagram);
    try {
      return { datagrams, streams: new Streams(traffic, datagrams.port, takeOctets) };
    } catch (error) {
      void datagrams.close();
      if (attempt >= PORT_ATTEMPTS || !(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** Connections of the runtime: `Deno.connect`, `Deno.listen`, and promises. */
import { faultOfStream } from "./faults.ts";
import type { Address } from "./flow.ts";
import {
  ACCEPT_PAUSE,
  type AcceptedStream,
  type Stream,
  type StreamAcceptor,
  type StreamListener,
  type StreamNetwork,
  type StreamUser,
} from "./stream.ts";

/** Makes them, and knows how many there are. */
export class PortableStreams implements StreamNetwork {
  /** Connections made or being made, and not closed yet. */
  size = 0;

  /** Begins to make one. */
  connect(remote: Address, user: StreamUser): Stream {
    this.size++;
    const stream = new PortableStream(user, this.#onClosed);
    stream.connect(remote);
    return stream;
  }

  /** Accepts connections at an address. */
  listen(local: Address, acceptor: StreamAcceptor): StreamListener {
    const listener = Deno.listen({ hostname: local.host, port: local.port });
    return new PortableListener(listener, acceptor, (connection) => ({
      local: addressOf(connection.localAddr),
      remote: addressOf(connection.remoteAddr),
      begin: (user) => {
        this.size++;
        const stream = new PortableStream(user, this.#onClosed);
        stream.begin(connection);
        return stream;
      },
    }));
  }

  readonly #onClosed = (): void => void this.size--;
}

class PortableStream implements Stream {
  readonly #user: StreamUser;
  readonly #onClosed: () => void;
  readonly #connecting = new AbortController();
  #connection: Deno.TcpConn | undefined;
  #writing = false;
  #closed = false;

  constructor(user: StreamUser, onClosed: () => void) {
    this.#user = user;
    this.#onClosed = onClosed;
  }

  async connect({ host, port }: Address): Promise<void> {
    let connection: Deno.TcpConn;
    try {
      connection = await Deno.connect({ hostname: host, port, signal: this.#connecting.signal });
    } catch (error) {
      if (!this.#closed) this.#user.onUnmade(faultOfStream(error, "connect"));
      return;
    }
    if (this.#closed) return connection.close();
    this.#connection = connection;
    this.#user.onMade(addressOf(connection.localAddr));
    if (!this.#closed) this.begin(connection);
  }

  begin(connection: Deno.TcpConn): void {
    this.#connection = connection;
    connection.setNoDelay(true);
    this.#readAll(connection);
  }

  wantToWrite(): void {
    if (this.#writing || this.#connection === undefined) return;
    this.#writing = true;
    const connection = this.#connection;
    queueMicrotask(() => this.#writeAll(connection));
  }

  endWriting(): void {
    this.#connection?.closeWrite().catch((error) => this.#failWriting(error));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#connection === undefined) this.#connecting.abort();
    else this.#connection.close();
    this.#onClosed();
  }

  async #readAll(connection: Deno.TcpConn): Promise<void> {
    while (!this.#closed) {
      let count: number | null;
      try {
        count = await connection.read(this.#user.room());
      } catch (error) {
        if (!this.#closed) this.#user.onReadEnd(faultOfStream(error, "read"));
        return;
      }
      if (this.#closed) return;
      if (count === null) return this.#user.onReadEnd("connection_closed");
      this.#user.onRead(count, 0);
    }
  }

  async #writeAll(connection: Deno.TcpConn): Promise<void> {
    for (let rest = this.#next(); rest !== undefined; rest = this.#next()) {
      while (rest.length > 0) {
        let count: number;
        try {
          count = await connection.write(rest);
        } catch (error) {
          return this.#failWriting(error);
        }
        if (this.#closed) return;
        rest = rest.subarray(count);
        this.#user.onWritten(count);
      }
    }
    this.#writing = false;
  }

  #next(): Uint8Array | undefined {
    return this.#closed ? undefined : this.#user.toWrite();
  }

  #failWriting(error: unknown): void {
    if (!this.#closed) this.#user.onWriteFault(faultOfStream(error, "write"));
  }
}

class PortableListener implements StreamListener {
  readonly local: Address;
  readonly #listener: Deno.TcpListener;
  readonly #acceptor: StreamAcceptor;
  readonly #stopped: Promise<void>;
  #open = true;

  constructor(
    listener: Deno.TcpListener,
    acceptor: StreamAcceptor,
    accepted: (connection: Deno.TcpConn) => AcceptedStream,
  ) {
    this.local = addressOf(listener.addr);
    this.#listener = listener;
    this.#acceptor = acceptor;
    this.#stopped = this.#acceptAll(accepted);
  }

  close(): Promise<void> {
    this.#open = false;
    this.#listener.close();
    return this.#stopped;
  }

  async #acceptAll(accepted: (connection: Deno.TcpConn) => AcceptedStream): Promise<void> {
    while (this.#open) {
      let connection: Deno.TcpConn;
      try {
        connection = await this.#listener.accept();
      } catch (error) {
        if (!this.#open) return;
        this.#acceptor.onAcceptFault(error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
        continue;
      }
      if (!this.#open) return connection.close();
      this.#acceptor.onAccepted(accepted(connection));
    }
  }
}

function addressOf(address: Deno.Addr): Address {
  const { hostname, port } = address as Deno.NetAddr;
  return { host: hostname, port };
}

/**
 * A server of a few lines that answers 200 to everything over UDP, so that a test sees what really arrived, and from
 * where.
 */

const DECODER = new TextDecoder("latin1");
const ENCODER = new TextEncoder();

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Address and port that it came from. */
  readonly from: string;
  /** Value of sent-by in its Via. */
  readonly via: string;
  /** Address in its Contact. */
  readonly contact: string | undefined;
  /** User part of its From. */
  readonly user: string;
}

/** Answers where a request came from; `await using` ends it. */
export class AnsweringServer implements AsyncDisposable {
  /** What arrived, in order. */
  readonly seen: SeenRequest[] = [];
  readonly port: number;
  #socket: Deno.DatagramConn;
  #done: Promise<void>;
  #isUp = true;

  private constructor(socket: Deno.DatagramConn) {
    this.#socket = socket;
    this.port = (socket.addr as Deno.NetAddr).port;
    this.#done = this.#serve();
  }

  /** Starts it on a free port. */
  static start(): AnsweringServer {
    return new AnsweringServer(bound(0));
  }

  /** Settles when so many requests have arrived. */
  async untilSeen(count: number): Promise<void> {
    while (this.seen.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Closes its port. */
  async stop(): Promise<void> {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#socket.close();
    await this.#done;
  }

  /** Listens at the same port again. */
  startAgain(): void {
    this.#socket = bound(this.port);
    this.#isUp = true;
    this.#done = this.#serve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #serve(): Promise<void> {
    const socket = this.#socket;
    for await (const [octets, peer] of socket) {
      const { hostname, port } = peer as Deno.NetAddr;
      const text = DECODER.decode(octets);
      const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)\r`, "m").exec(text)?.[1];
      const contact = field("Contact");
      this.seen.push({
        method: text.slice(0, text.indexOf(" ")),
        from: `${hostname}:${port}`,
        via: /^Via: SIP\/2.0\/UDP ([^;]+)/m.exec(text)?.[1] ?? "",
        contact: /@([^>;]+)/.exec(contact ?? "")?.[1],
        user: /<sip:([^@]+)@/.exec(field("From") ?? "")?.[1] ?? "",
      });
      const kept = ["Via", "From", "Call-ID", "CSeq"].map((name) => `${name}: ${field(name)}\r\n`).join("");
      const binding = contact === undefined ? "" : `Contact: ${contact}\r\n`;
      const answer = `SIP/2.0 200 OK\r\n${kept}To: ${field("To")};tag=t\r\n${binding}Content-Length: 0\r\n\r\n`;
      await socket.send(ENCODER.encode(answer), peer).catch(() => undefined);
    }
  }
}

function bound(port: number): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
}

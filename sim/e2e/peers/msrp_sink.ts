/** Takes whatever comes over MSRP and answers 200: the far end of sessions whose SIP another program speaks. */
import { LOOPBACK } from "./ports.ts";

/** A listening sink. */
export interface MsrpSink extends AsyncDisposable {
  readonly port: number;
  /** SEND requests answered so far. */
  sends(): number;
}

/** Listens on a free port of loopback. */
export function startMsrpSink(): MsrpSink {
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const connections = new Set<Promise<void>>();
  let sends = 0;
  const accepting = (async () => {
    for await (const connection of listener) {
      const served = serve(connection, () => sends++).finally(() => connections.delete(served));
      connections.add(served);
    }
  })();
  return {
    port: listener.addr.port,
    sends: () => sends,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await accepting;
      await Promise.all(connections);
    },
  };
}

/** Answers until the other side closes; our clients always do. */
async function serve(connection: Deno.TcpConn, onSend: () => void): Promise<void> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
      text += new TextDecoder("latin1").decode(buffer.subarray(0, count));
      for (let end = endOf(text); end > 0; end = endOf(text)) {
        const [, id, to, from] = /^MSRP (\S+) SEND\r\nTo-Path: ([^\r]*)\r\nFrom-Path: ([^\r]*)\r\n/.exec(text) ?? [];
        text = text.slice(end);
        if (id === undefined) continue;
        onSend();
        const answer = `MSRP ${id} 200 OK\r\nTo-Path: ${from}\r\nFrom-Path: ${to}\r\n-------${id}$\r\n`;
        await connection.write(new TextEncoder().encode(answer));
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)) throw error;
  } finally {
    connection.close();
  }
}

/** Where the first message of a text ends; 0 while it is not whole. */
function endOf(text: string): number {
  const id = /^MSRP (\S+) /.exec(text)?.[1];
  if (id === undefined) return 0;
  const at = text.indexOf(`\r\n-------${id}`);
  const end = at + `\r\n-------${id}$\r\n`.length;
  return at < 0 || end > text.length ? 0 : end;
}

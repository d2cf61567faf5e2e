/** Takes what comes on one connection, and says so with one octet when it was all: the far end of raw TCP. */
const LONGEST_RUN = 10 * 60_000;

async function sink(): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  Deno.stdout.writeSync(new TextEncoder().encode(`ready 127.0.0.1:${listener.addr.port}\n`));
  setTimeout(() => Deno.exit(1), LONGEST_RUN);
  const connection = await listener.accept();
  const octets = new Uint8Array(65_536);
  while (await connection.read(octets) !== null);
  await connection.write(octets.subarray(0, 1));
  connection.close();
  Deno.exit(0);
}

if (import.meta.main) await sink();

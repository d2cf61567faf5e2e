import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { toText } from "../bytes/text.ts";
import { requestOctets } from "../testing/transaction_stand.ts";
import type { ListenAddress } from "./options.ts";
import { startTarget } from "./server.ts";

const ANY = { host: "127.0.0.1", port: 0 };
const LISTEN: readonly ListenAddress[] = [
  { transport: "udp", address: ANY },
  { transport: "tcp", address: ANY },
];
const REGISTER = requestOctets({
  method: "REGISTER",
  branch: "z9hG4bKregister",
  headers: [["Contact", "<sip:bob@127.0.0.1:5999>;expires=60"]],
});

Deno.test("startTarget listens by UDP and TCP on one port, and answers on both", async () => {
  const target = await startTarget({ listen: LISTEN });
  const port = target.addresses[0]!.address.port;
  assertEquals(target.addresses.map(({ transport, address }) => [transport, address.port]), [["udp", port], [
    "tcp",
    port,
  ]]);

  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  await socket.send(REGISTER, { transport: "udp", hostname: "127.0.0.1", port });
  const [datagram] = await socket.receive();
  assert(toText(datagram).startsWith("SIP/2.0 200 OK\r\n"));
  socket.close();

  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(requestOctets({ method: "REGISTER", branch: "z9hG4bKlist" }, "tcp"));
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer) ?? 0;
  assertStringIncludes(toText(buffer, 0, length), "Contact: <sip:bob@127.0.0.1:5999>;expires=60\r\n");
  connection.close();

  assertEquals([target.bindings(), target.counters()["requests.REGISTER"]], [1, 2]);
  await target.close();
});

Deno.test("startTarget rejects an address that is taken, and one that peers could not reach", async () => {
  const target = await startTarget({ listen: LISTEN });
  await assertRejects(() => startTarget({ listen: target.addresses }), Deno.errors.AddrInUse);
  const everywhere = { transport: "udp", address: { host: "0.0.0.0", port: 0 } } as const;
  await assertRejects(() => startTarget({ listen: [everywhere] }), RangeError, "0.0.0.0");
  await target.close();
});

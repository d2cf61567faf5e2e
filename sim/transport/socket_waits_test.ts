import { assert, assertEquals } from "@std/assert";
import { toOctets } from "../bytes/text.ts";
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { obstacleToBatches } from "../testing/batches.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import { Libc, PR_SET_TIMERSLACK } from "./libc.ts";
import { openManyUdp, openUdp } from "./udp.ts";

const ANY = { host: "127.0.0.1", port: 0 };
const PR_GET_TIMERSLACK = 30;
/** What a thread has that nobody asked for more, in nanoseconds. */
const USUAL_SLACK = 50_000;

const ignore = obstacleToBatches() !== undefined;

for (const open of [openUdp, openManyUdp]) {
  const openDriven = () => {
    return open({ local: ANY, receiver: new CollectingReceiver(), clock: MONOTONIC_CLOCK, driven: true });
  };

  Deno.test({
    name: `SocketWaits of ${open.name} has a driven thread woken as exactly as the kernel can`,
    ignore,
    fn: async () => {
      const libc = Libc.open() as Libc;
      const { prctl } = libc.symbols;
      prctl(PR_SET_TIMERSLACK, BigInt(USUAL_SLACK));
      assertEquals(prctl(PR_GET_TIMERSLACK, 0n), USUAL_SLACK);
      const socket = openDriven();
      assertEquals(prctl(PR_GET_TIMERSLACK, 0n), 1);
      libc.close();
      socket.close();
      await socket.closed;
    },
  });

  Deno.test({
    name: `SocketWaits of ${open.name} pauses for the whole time although something has arrived`,
    ignore,
    fn: async () => {
      const socket = openDriven();
      socket.flowTo(socket.local).send(toOctets("to itself"));
      socket.flush();
      assert(socket.waits!.wait(60_000));
      const begun = MONOTONIC_CLOCK.now();
      socket.waits!.pause(3);
      assert(MONOTONIC_CLOCK.now() - begun >= 3);
      assertEquals(socket.receiveNow!(), 1);
      socket.waits!.pause(0);
      socket.close();
      socket.waits!.pause(60_000);
      await socket.closed;
    },
  });
}

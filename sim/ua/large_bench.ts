/**
 * What one large message of 4 KiB costs its sender from its order to the closed ledger, sockets left out; the text that
 * its peer puts together is in it.
 *
 * A hundred messages an iteration, at 300 a second by the stand's clock: as many transactions wait for their ends as in a
 * run.
 */
import { assertEquals } from "@std/assert";
import { LargeStand } from "../testing/large_stand.ts";

const RATE = 300;
const BATCH = 100;
/** Until as many transactions end as begin: Timer M (RFC 6026 §7.2). */
const WARM_UP = RATE * 33;

const stand = new LargeStand({ clients: 1000, hold: 0 });
for (let i = 0; i < WARM_UP; i++) stand.send(1000 / RATE);
assertEquals(stand.counters()["sessions.released"], WARM_UP);

Deno.bench("100 large messages sent, acknowledged and released", { group: "large", baseline: true }, () => {
  for (let i = 0; i < BATCH; i++) stand.send(1000 / RATE);
});

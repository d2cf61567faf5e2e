/**
 * What one MESSAGE costs a client from its order to the closed ledger, sockets left out: both sides of it.
 *
 * A thousand messages an iteration, at 8000 a second by the stand's clock: as many transactions wait for their ends as
 * in a run. What the garbage costs shows in processor time only: see sim/bench/README.md.
 */
import { assertEquals } from "@std/assert";
import { PagerStand } from "../testing/pager_stand.ts";

const RATE = 8000;
const BATCH = 1000;
/** Until as many transactions end as begin: Timer K and Timer J (RFC 3261 §17.1.2.2, §17.2.2). */
const SENDER_WARM_UP = RATE * 6;
const RECEIVER_WARM_UP = RATE * 33;

const sender = new PagerStand(RATE);
for (let i = 0; i < SENDER_WARM_UP; i++) sender.send();
assertEquals(sender.counters()["messages.accepted_200"], SENDER_WARM_UP);

const receiver = new PagerStand(RATE);
for (let i = 0; i < RECEIVER_WARM_UP; i++) receiver.receive();
assertEquals(receiver.counters()["messages.delivered"], RECEIVER_WARM_UP);

Deno.bench("1000 messages sent, answered and settled", { group: "pager", baseline: true }, () => {
  for (let i = 0; i < BATCH; i++) sender.send();
});

Deno.bench("1000 messages received, answered and delivered", { group: "pager" }, () => {
  for (let i = 0; i < BATCH; i++) receiver.receive();
});

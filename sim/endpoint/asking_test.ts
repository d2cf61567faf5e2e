import { assertEquals } from "@std/assert";
import { PAGER_MESSAGE, wire } from "../testing/messages.ts";
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import { Sockets } from "./sockets.ts";

const ANY = { host: "127.0.0.1", port: 0 };

/** Driven sockets that send to themselves, if they are of the kind that is asked. */
function opened() {
  const sip = new CollectingReceiver();
  const options = { local: ANY, clock: MONOTONIC_CLOCK, driven: true };
  const sockets = new Sockets(options, { sip, msrp: new CollectingReceiver() });
  return { sip, sockets, isAsked: sockets.serveConnections !== undefined };
}

const probe = opened();
await probe.sockets.close();
const ignore = !probe.isAsked;

Deno.test({
  name: "A turn does not ask for datagrams that the wait before it has not found, the next one does",
  ignore,
  async fn() {
    const { sockets } = opened();
    sockets.wait!(0);
    sockets.flowTo("udp", sockets.local).send(wire(PAGER_MESSAGE));
    sockets.flush();
    assertEquals([sockets.receiveNow!(), sockets.receiveNow!(), sockets.receiveNow!()], [0, 1, 0]);
    sockets.flowTo("udp", sockets.local).send(wire(PAGER_MESSAGE));
    sockets.flush();
    sockets.wait!(60_000);
    assertEquals([sockets.receiveNow!(), sockets.receiveNow!()], [1, 0]);
    await sockets.close();
  },
});

Deno.test({
  name: "A turn does not serve connections that the wait before it has not found ready, the next one does",
  ignore,
  async fn() {
    const { sockets, sip } = opened();
    const turn = () => {
      sockets.serveConnections!();
      sockets.flush();
    };
    sockets.wait!(0);
    sockets.flowTo("tcp", sockets.local).send(wire(PAGER_MESSAGE));
    turn();
    assertEquals(sockets.connections.counters.accepted, 0);
    turn();
    assertEquals(sockets.connections.counters.accepted, 1);
    while (sip.messages.length === 0) {
      sockets.wait!(60_000);
      turn();
    }
    // no wait keeps octets back that only have to be written
    sockets.flowTo("tcp", sockets.local).send(wire(PAGER_MESSAGE));
    sockets.wait!(60_000);
    sockets.pause!(60_000);
    await sockets.waitAsync!(60_000);
    turn();
    sockets.pause!(60_000);
    turn();
    assertEquals(sip.messages.length, 2);
    await sockets.close();
  },
});

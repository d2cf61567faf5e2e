import { assertEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { CollectingReceiver } from "../testing/collecting_receiver.ts";
import { PAGER_MESSAGE, wire } from "../testing/messages.ts";
import { formatAddress } from "../transport/address.ts";
import { Sockets } from "./sockets.ts";

const ANY = { host: "127.0.0.1", port: 0 };

function opened() {
  const [sip, msrp] = [new CollectingReceiver(), new CollectingReceiver()];
  return { sip, msrp, sockets: new Sockets({ local: ANY, clock: MONOTONIC_CLOCK }, { sip, msrp }) };
}

Deno.test("Sockets take SIP over UDP and TCP on one port, and MSRP on another (RFC 3261 §18.2.1)", async () => {
  const [ours, theirs] = [opened(), opened()];
  const { local, msrpLocal } = theirs.sockets;
  assertEquals(local.port === msrpLocal.port, false);
  const message = wire(PAGER_MESSAGE);
  for (const transport of ["udp", "tcp"] as const) ours.sockets.flowTo(transport, local).send(message);
  const chunk = "MSRP abcd SEND\r\nTo-Path: msrp://h:1/a;tcp\r\nFrom-Path: msrp://h:2/b;tcp\r\n-------abcd$\r\n";
  ours.sockets.msrpFlowTo(msrpLocal).send(toOctets(chunk));
  ours.sockets.openMsrp(msrpLocal).send(toOctets(chunk));
  ours.sockets.flush();
  await theirs.sip.until(() => theirs.sip.messages.length === 2);
  await theirs.msrp.until(() => theirs.msrp.messages.length === 2);
  assertEquals(theirs.sip.messages.map(({ octets }) => octets), [message, message]);
  assertEquals(theirs.sip.messages.map(({ flow }) => flow.transport).sort(), ["tcp", "udp"]);
  assertEquals(theirs.msrp.messages.map(({ octets }) => toText(octets)), [chunk, chunk]);
  assertEquals([ours.sockets.msrpConnections(), theirs.sockets.msrpConnections()], [2, 2]);
  assertEquals([ours.sockets.hasRuntimeConnections(), ours.sockets.msrpFlowTo(msrpLocal).open], [true, true]);
  await Promise.all([ours.sockets.close(), theirs.sockets.close()]);
  assertEquals([ours.sockets.msrpConnections(), ours.sockets.hasRuntimeConnections()], [0, false]);
});

Deno.test("Sockets take SIP over UDP and TCP at each source, and send datagrams from it (RFC 3261 §18.2.1)", async () => {
  const receivers = { sip: new CollectingReceiver(), msrp: new CollectingReceiver() };
  const sources = [ANY, { host: "127.0.6.1", port: 0 }];
  const many = new Sockets({ local: ANY, sources, clock: MONOTONIC_CLOCK }, receivers);
  const theirs = opened();
  const message = wire(PAGER_MESSAGE);
  const locals = many.locals!;
  assertEquals([locals.length, locals[0], locals[2]!.host], [3, many.local, "127.0.6.1"]);
  for (const [source, local] of locals.entries()) {
    many.flowTo("udp", theirs.sockets.local, source).send(message);
    for (const transport of ["udp", "tcp"] as const) theirs.sockets.flowTo(transport, local).send(message);
  }
  await theirs.sip.until(() => theirs.sip.messages.length === 3);
  assertEquals(
    theirs.sip.messages.map(({ flow }) => formatAddress(flow.remote)).sort(),
    [...locals].map(formatAddress).sort(),
  );
  await receivers.sip.until(() => receivers.sip.messages.length === 6);
  const arrived = receivers.sip.messages.map(({ flow }) => `${flow.transport} ${formatAddress(flow.local)}`).sort();
  const wanted = locals.flatMap((local) => ["udp", "tcp"].map((transport) => `${transport} ${formatAddress(local)}`));
  assertEquals(arrived, wanted.sort());
  await Promise.all([many.close(), theirs.sockets.close()]);
});

for (const driven of [false, true]) {
  Deno.test(`Sockets whose source cannot be bound leave nothing open, driven: ${driven}`, async () => {
    const receivers = { sip: new CollectingReceiver(), msrp: new CollectingReceiver() };
    const taken = opened();
    const options = { local: ANY, sources: [ANY, taken.sockets.local], clock: MONOTONIC_CLOCK, driven };
    let message = "";
    try {
      new Sockets(options, receivers);
    } catch (error) {
      message = error instanceof Deno.errors.AddrInUse ? "AddrInUse" : String(error);
    }
    assertEquals(message, "AddrInUse");
    await taken.sockets.close();
  });
}

Deno.test("Sockets throw the system's error when their port is taken", async () => {
  const { sockets } = opened();
  let message = "";
  try {
    new Sockets({ local: sockets.local, clock: MONOTONIC_CLOCK }, {
      sip: new CollectingReceiver(),
      msrp: new CollectingReceiver(),
    });
  } catch (error) {
    message = error instanceof Deno.errors.AddrInUse ? "AddrInUse" : String(error);
  }
  assertEquals(message, "AddrInUse");
  await sockets.close();
});

/**
 * Answers every request with 200 and keeps nothing, in a process of its own: the other end of benches at rates that
 * no answering side with transactions could follow.
 *
 * Prints `ready HOST:PORT`, and runs until it is ended by its starter, at most half an hour.
 */
import { setImmediate } from "node:timers";
import { OctetWriter } from "../bytes/writer.ts";
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { KnownShapes } from "../sip/known_shapes.ts";
import { Message } from "../sip/message.ts";
import { writeResponse } from "../sip/response.ts";
import { formatAddress } from "../transport/address.ts";
import type { Flow } from "../transport/flow.ts";
import { openUdp } from "../transport/udp.ts";

const LONGEST_RUN = 30 * 60_000;
const LOCAL = { host: "127.0.0.1", port: 0 };
/** Datagrams in a turn below which it rests for a moment, so that more come together. */
const MANY = 16;
const REST = 0.25;
const LONGEST_WAIT = 20;
const TURNS_A_ROUND = 100;

async function respond(): Promise<void> {
  const shapes = new KnownShapes();
  const message = new Message();
  const writer = new OctetWriter(4096);
  const receive = (octets: Uint8Array, flow: Flow): void => {
    if (shapes.parse(octets, message) !== undefined || !message.isRequest) return;
    writeResponse(writer.reset(), message, 200, { toTag: "responder", received: flow.remote });
    flow.send(writer.view());
  };
  const socket = openUdp({
    local: LOCAL,
    clock: MONOTONIC_CLOCK,
    driven: true,
    receiver: { receive, onFlowFault: () => {} },
  });
  if (socket.implementation !== "batched") throw new Error(`Cannot answer fast enough: ${socket.reason}`);
  Deno.stdout.writeSync(new TextEncoder().encode(`ready ${formatAddress(socket.local)}\n`));
  setTimeout(() => Deno.exit(0), LONGEST_RUN);
  while (true) {
    for (let turn = 0; turn < TURNS_A_ROUND; turn++) {
      const received = socket.receiveNow!();
      socket.flush();
      if (received === 0) socket.waits!.wait(LONGEST_WAIT);
      else if (received < MANY) socket.waits!.pause(REST);
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

if (import.meta.main) await respond();

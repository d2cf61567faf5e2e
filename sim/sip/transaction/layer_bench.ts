/** What one MESSAGE costs the transaction layer, from the request to the end, without sockets. */
import { indexOfOctets } from "../../bytes/scan.ts";
import { toOctets } from "../../bytes/text.ts";
import { Random } from "../../clock/random.ts";
import { Wheel } from "../../clock/wheel.ts";
import { OctetWriter } from "../../bytes/writer.ts";
import { requestOctets, responseOctets } from "../../testing/transaction_stand.ts";
import { Wire } from "../../testing/wire.ts";
import type { Message } from "../message.ts";
import { writeResponse } from "../response.ts";
import { TransactionLayer } from "./layer.ts";
import type { ServerCore, ServerTransaction } from "./user.ts";

/** Milliseconds between two messages: 20,000 a second. */
const GAP = 0.05;

const writer = new OctetWriter();
const CORE: ServerCore = {
  onRequest(message: Message, transaction: ServerTransaction): void {
    writeResponse(writer.reset(), message, 200, { toTag: "bob" });
    transaction.respond(200, writer.view());
  },
  onAck: () => {},
  onCancel: () => {},
  onStrayResponse: () => {},
};
const USER = { onResponse: () => {}, onTimeout: () => {}, onTransportFault: () => {} };

/** Octets whose branch is written over for each message. */
function reusable(octets: Uint8Array): (branch: string) => Uint8Array {
  const at = indexOfOctets(octets, toOctets("z9hG4bK"), 0, octets.length);
  return (branch) => {
    for (let i = 0; i < branch.length; i++) octets[at + i] = branch.charCodeAt(i);
    return octets;
  };
}

for (const transport of ["udp", "tcp"] as const) {
  const body = toOctets("x".repeat(140));
  const branch = new TransactionLayer({ wheel: new Wheel(), random: new Random(1), core: CORE }).newBranch();
  const request = requestOctets({ method: "MESSAGE", branch, body }, transport);

  {
    const wheel = new Wheel();
    const layer = new TransactionLayer({ wheel, random: new Random(1), core: CORE });
    const flow = new Wire(transport);
    const asked = reusable(request.slice());
    const answered = reusable(responseOctets(request, 200, { toTag: "bob" }));
    let now = 0;
    Deno.bench(`client: request, 200 and the timers behind it, ${transport}`, { group: transport }, () => {
      const branch = layer.newBranch();
      layer.request("MESSAGE", branch, asked(branch), flow, USER);
      layer.receive(answered(branch), flow, now);
      wheel.advance(now += GAP);
    });
  }

  {
    const wheel = new Wheel();
    const layer = new TransactionLayer({ wheel, random: new Random(1), core: CORE });
    const flow = new Wire(transport);
    const asked = reusable(request.slice());
    const branches = new TransactionLayer({ wheel, random: new Random(1), core: CORE });
    let now = 0;
    Deno.bench(`server: request, 200 and the timers behind it, ${transport}`, { group: transport }, () => {
      layer.receive(asked(branches.newBranch()), flow, now);
      wheel.advance(now += GAP);
    });
  }
}
